/** @file Checkpoints: what the rest of the package uses of this folder. */
export { writeFileAtomic } from './atomic.ts';
export type { Checkpoint, TensorEntry, TextFiles } from './checkpoint.ts';
export { configText } from './config-text.ts';
export { float16Value, toFloat16Bits } from './dequantise.ts';
export { type GgufFamily, ggufFamilies } from './gguf-families.ts';
export { ggufPreTokenizerName, ggufTokenTypes } from './gguf-pre-tokenizers.ts';
export { openMaterialised } from './materialise.ts';
export { openCheckpoint } from './open.ts';
export { readTensor } from './read-tensor.ts';
export { readSafetensorsHeader, type SafetensorsFile } from './safetensors.ts';
export { type GgufEntry, type GgufTensorToWrite, writeGgufFile } from './write-gguf.ts';
export { type TensorToWrite, writeSafetensors } from './write-safetensors.ts';
