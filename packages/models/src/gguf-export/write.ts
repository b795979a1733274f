/** @file A causal language model as a GGUF file, which llama.cpp and what is built on it run. */
import { plauditError } from '@plaudit/contract';
import { ops } from '@plaudit/engine';
import type { MergedCausal } from '../adapters/causal-folder.ts';
import { mergedCausalTensors } from '../adapters/merge.ts';
import {
  type Checkpoint,
  type GgufEntry,
  type GgufFamily,
  type GgufTensorToWrite,
  ggufFamilies,
  type TensorToWrite,
  writeGgufFile,
} from '../checkpoint/index.ts';
import { type DecoderSizes, readDecoderSizes } from '../families/decoder.ts';
import { Configuration, type TransformerModel } from '../families/family.ts';
import { type Refuse, tokenizerMetadata } from './tokenizer.ts';

/** F16, or 8 bits in blocks of 32 weights. Normalisations and biases are float32 in both. */
export type GgufType = 'F16' | 'Q8_0';

export interface GgufModel extends Omit<MergedCausal, 'dtype'> {
  /** For people; the folder's name says nothing of it. */
  readonly name?: string;
}

/** Our family to llama.cpp's, which takes Mistral for Llama. */
const architectures: Readonly<Record<string, string>> = {
  llama: 'llama',
  mistral: 'llama',
  qwen2: 'qwen2',
  qwen3: 'qwen3',
};

/** llama.cpp's numbers for files that are mostly of a type. */
const fileTypes = { F16: 1, Q8_0: 7 } as const;
/** Of how blocks are laid out. */
const quantisationVersion = 2;
const blockElements = 32;

/** Names of the family, from Hugging Face's to GGUF's. */
const inverted = (names: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(names).map(([stored, name]) => [name, stored]));

/** What llama.cpp calls a tensor, and the part of a layer that it is. */
const storedName = (family: GgufFamily): ((name: string) => { stored: string; part: string } | undefined) => {
  const outside = inverted(family.names);
  const inside = inverted(family.layerNames);
  return (name) => {
    const outer = outside.get(name);
    if (outer !== undefined) return { stored: outer, part: '' };
    if (!name.startsWith(family.layerPrefix)) return undefined;
    const [, layer, module, kind] =
      /^(\d+)\.(.+)\.(weight|bias)$/.exec(name.slice(family.layerPrefix.length)) ?? [];
    const part = module === undefined ? undefined : inside.get(module);
    return part === undefined ? undefined : { stored: `blk.${layer}.${part}.${kind}`, part };
  };
};

/**
 * Rows of each head from halves to neighbouring pairs: llama.cpp rotates (0,1), (2,3), ... where Hugging Face rotates
 * element i with i + half of the head.
 *
 * @param values [rows, ...] with rows divided among the heads
 */
const interleaved = (values: Float32Array, rows: number, heads: number): Float32Array => {
  const out = new Float32Array(values.length);
  const width = values.length / rows;
  const perHead = rows / heads;
  for (let row = 0; row < rows; row++) {
    const within = row % perHead;
    const half = perHead / 2;
    const target = row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
    out.set(values.subarray(row * width, (row + 1) * width), target * width);
  }
  return out;
};

const dtypeOf = (shape: readonly number[], type: GgufType): GgufTensorToWrite['dtype'] => {
  if (shape.length < 2) return 'F32';
  return type === 'Q8_0' && shape.at(-1)! % blockElements === 0 ? 'Q8_0' : 'F16';
};

const tensorsOf = (
  merged: ReadonlyMap<string, TensorToWrite>,
  architecture: string,
  { queries, keys }: DecoderSizes,
  type: GgufType,
  refuse: Refuse,
): GgufTensorToWrite[] => {
  const family = ggufFamilies[architecture]!;
  const nameOf = storedName(family);
  return [...merged].map(([name, { shape, data }]) => {
    const found = nameOf(name);
    if (!found) throw refuse(`GGUF has no name for its tensor ${name.slice(0, 100)}`);
    const { stored, part } = found;
    if (architecture === 'qwen3' && stored.endsWith('.bias'))
      throw refuse('llama.cpp has no place for biases of attention in Qwen 3');
    const turned = family.arrangement(part, 'weight') === 'rope_interleaved';
    const heads = part === 'attn_k' ? keys : queries;
    return {
      name: stored,
      dtype: dtypeOf(shape, type),
      shape,
      data: async () => {
        const values = (typeof data === 'function' ? await data() : data) as Float32Array;
        return turned ? interleaved(values, shape[0]!, heads) : values;
      },
    };
  });
};

const ropeSection = ({ config }: Checkpoint): Readonly<Record<string, unknown>> =>
  (config.rope_scaling ?? config.rope_parameters ?? {}) as Readonly<Record<string, unknown>>;

/** What is beyond plain rotary positions, as metadata or as the tensor that divides each frequency. */
interface Rotation {
  readonly entries: readonly (readonly [string, GgufEntry])[];
  readonly tensors: readonly GgufTensorToWrite[];
}

/** Linear scaling is a number; Llama 3.1's is a factor for each frequency, which only the Llama family reads. */
const rotationOf = (
  checkpoint: Checkpoint,
  architecture: string,
  { rope, size }: DecoderSizes,
  base: number,
  refuse: Refuse,
): Rotation => {
  const section = ropeSection(checkpoint);
  const kind = String(section.rope_type ?? section.type ?? 'default');
  if (kind === 'default') return { entries: [], tensors: [] };
  if (kind === 'linear')
    return {
      entries: [
        [`${architecture}.rope.scaling.type`, { text: 'linear' }],
        [`${architecture}.rope.scaling.factor`, { f32: section.factor as number }],
      ],
      tensors: [],
    };
  if (kind !== 'llama3' || architecture !== 'llama')
    throw refuse(`its rotary positions are scaled as ${kind.slice(0, 30)}`);
  const plain = ops.rotaryFrequencies(size, base);
  const factors = Float32Array.from(rope.frequencies, (frequency, i) => plain[i]! / frequency);
  const tensor = { name: 'rope_freqs.weight', dtype: 'F32', shape: [factors.length] } as const;
  return { entries: [], tensors: [{ ...tensor, data: async () => factors }] };
};

/** Up to here the model sees everything that stands before; llama.cpp knows of no window in these families. */
const contextOf = ({ config }: Checkpoint, { family, maxPositions }: TransformerModel): number => {
  const window = config.sliding_window === undefined ? 4096 : config.sliding_window;
  const windowed = family === 'mistral' || (family.startsWith('qwen') && config.use_sliding_window === true);
  return windowed && typeof window === 'number' ? Math.min(window, maxPositions) : maxPositions;
};

/**
 * Writes a causal model of the Llama, Mistral, Qwen 2 or Qwen 3 family with a byte-level tokenizer as a GGUF file: a
 * checkpoint as it is, or with a trained adapter merged into it. Tensors are converted one by one. A model that sees a
 * sliding window gets a context of that length, within which llama.cpp computes the same.
 *
 * @param type `F16`, or `Q8_0` for 8 bits a weight; rows that are not whole blocks of 32 are F16 in both
 * @example await writeGguf('policy.gguf', { checkpoint, model: readModel(checkpoint.config) }, 'Q8_0')
 * @throws model.gguf_unsupported for what GGUF or llama.cpp has no place for; model.*, output.*
 */
export const writeGguf = async (path: string, given: GgufModel, type: GgufType): Promise<void> => {
  const { checkpoint, model, lora = null, values = new Map(), name } = given;
  const refuse: Refuse = (problem) =>
    plauditError('model.gguf_unsupported', { path: checkpoint.path, problem });
  const architecture = architectures[model.family];
  if (architecture === undefined) throw refuse(`it is of the ${model.family} family`);
  const family = ggufFamilies[architecture]!;
  const merged = mergedCausalTensors(checkpoint, model, lora, values);
  const config = new Configuration(checkpoint.config);
  const queryRows = merged.get(`${family.layerPrefix}0.self_attn.q_proj.weight`)!.shape[0]!;
  const sizes = readDecoderSizes(config, {
    size: queryRows / config.count('num_attention_heads'),
    positions: model.maxPositions,
  });
  const base = Number(ropeSection(checkpoint).rope_theta ?? checkpoint.config.rope_theta ?? 10000);
  const rotation = rotationOf(checkpoint, architecture, sizes, base, refuse);
  const text = given.text ?? (await checkpoint.text());
  const chatTemplate = given.chatTemplate ?? text.chatTemplate;
  const own: readonly (readonly [string, GgufEntry])[] = [
    ['vocab_size', { u32: model.vocabularySize }],
    ['context_length', { u32: contextOf(checkpoint, model) }],
    ['embedding_length', { u32: model.hiddenSize }],
    ['block_count', { u32: sizes.layers }],
    ['feed_forward_length', { u32: sizes.inner }],
    ['attention.head_count', { u32: sizes.queries }],
    ['attention.head_count_kv', { u32: sizes.keys }],
    ['attention.key_length', { u32: sizes.size }],
    ['attention.value_length', { u32: sizes.size }],
    ['attention.layer_norm_rms_epsilon', { f32: sizes.epsilon }],
    ['rope.dimension_count', { u32: sizes.size }],
    ['rope.freq_base', { f32: base }],
  ];
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { text: architecture }],
    ['general.type', { text: 'model' }],
    ...(name === undefined ? [] : [['general.name', { text: name }] as const]),
    ['general.file_type', { u32: fileTypes[type] }],
    ['general.quantization_version', { u32: quantisationVersion }],
    ...own.map(([key, entry]) => [`${architecture}.${key}`, entry] as const),
    ...rotation.entries,
    ...tokenizerMetadata(text, checkpoint.config, model.vocabularySize, refuse),
    ...(chatTemplate === undefined ? [] : [['tokenizer.chat_template', { text: chatTemplate }] as const]),
  ]);
  const tensors = [...rotation.tensors, ...tensorsOf(merged, architecture, sizes, type, refuse)];
  await writeGgufFile(path, metadata, tensors, (tensor, problem) => refuse(`${tensor}: ${problem}`));
};
