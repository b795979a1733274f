/** @file Checkpoints: what the rest of the package uses of this folder. */
export { type FileContent, writeFileAtomic } from './atomic.ts';
export {
  type BlockDtype,
  type Checkpoint,
  elementCount,
  type PlainDtype,
  type TensorArrangement,
  type TensorDtype,
  type TensorEntry,
  type TextFiles,
} from './checkpoint.ts';
export { canonicalJson } from './digest.ts';
export { openMaterialised } from './materialise.ts';
export { openCheckpoint } from './open.ts';
export { readTensor } from './read-tensor.ts';
export { readSafetensorsHeader, type SafetensorsFile } from './safetensors.ts';
export { type TensorToWrite, writeSafetensors } from './write-safetensors.ts';
