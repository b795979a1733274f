/**
 * @file Writing a GGUF file, version 3: metadata of key and value, the list of tensors, their data.
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { writeFileAtomic } from './atomic.ts';
import { blockLayout } from './dequantise.ts';
import { toFloat16, toQ8 } from './quantise.ts';

/** A value of the metadata with its type; numbers have several. */
export type GgufEntry =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly i32s: readonly number[] };

export interface GgufTensorToWrite {
  /** As GGUF has it, such as `blk.0.attn_q.weight`. */
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'Q8_0';
  /** Row-major; of Q8_0 the last size is a multiple of 32. */
  readonly shape: readonly number[];
  /** Row-major; called when its turn comes, so that only one tensor is in memory. */
  readonly data: () => Promise<Float32Array>;
}

const version = 3;
/** What `general.alignment` is where it is not said. */
const alignment = 32;
const typeNumbers = { F32: 0, F16: 1, Q8_0: 8 } as const;
const valueTypes = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, array: 9 } as const;

const encoder = new TextEncoder();

const u32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);
const u64 = (value: number): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(value)).buffer);

const text = (value: string): Uint8Array[] => {
  const bytes = encoder.encode(value);
  return [u64(bytes.length), bytes];
};

const array = (type: number, length: number, ...elements: readonly Uint8Array[]): Uint8Array[] => [
  u32(valueTypes.array),
  u32(type),
  u64(length),
  ...elements,
];

const encoded = (entry: GgufEntry): Uint8Array[] => {
  if ('u32' in entry) return [u32(valueTypes.u32), u32(entry.u32)];
  if ('f32' in entry) return [u32(valueTypes.f32), new Uint8Array(Float32Array.of(entry.f32).buffer)];
  if ('bool' in entry) return [u32(valueTypes.bool), Uint8Array.of(entry.bool ? 1 : 0)];
  if ('text' in entry) return [u32(valueTypes.text), ...text(entry.text)];
  if ('texts' in entry) return array(valueTypes.text, entry.texts.length, ...entry.texts.flatMap(text));
  return array(valueTypes.i32, entry.i32s.length, new Uint8Array(Int32Array.from(entry.i32s).buffer));
};

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const byteLength = ({ dtype, shape }: GgufTensorToWrite): number =>
  (elements(shape) / blockLayout[dtype].elements) * blockLayout[dtype].bytes;

const padded = (length: number): number => Math.ceil(length / alignment) * alignment;

const stored = ({ dtype }: GgufTensorToWrite, values: Float32Array): Uint8Array => {
  if (dtype === 'F16') return toFloat16(values);
  if (dtype === 'Q8_0') return toQ8(values);
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
};

/**
 * Writes a GGUF file whole or not at all; the same content always gives the same bytes.
 *
 * @param onRefused Makes the error of a tensor whose values its dtype cannot hold, from what is wrong with them
 * @throws output.disk_full, output.not_writable; RangeError where data and shape disagree
 */
export const writeGgufFile = async (
  path: string,
  metadata: ReadonlyMap<string, GgufEntry>,
  tensors: readonly GgufTensorToWrite[],
  onRefused: (tensor: string, problem: string) => Error,
): Promise<void> => {
  const header = [encoder.encode('GGUF'), u32(version), u64(tensors.length), u64(metadata.size)];
  for (const [key, entry] of metadata) header.push(...text(key), ...encoded(entry));
  let offset = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    // GGUF names the innermost size first.
    header.push(...text(name), u32(shape.length), ...[...shape].reverse().map(u64));
    header.push(u32(typeNumbers[dtype]), u64(offset));
    offset += padded(byteLength(tensor));
  }
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    const head = Buffer.concat(header);
    yield head;
    yield new Uint8Array(padded(head.length) - head.length);
    for (const tensor of tensors) {
      const values = await tensor.data();
      if (values.length !== elements(tensor.shape))
        throw new RangeError(`tensor ${tensor.name} of shape [${tensor.shape}] got ${values.length} values`);
      let bytes: Uint8Array;
      try {
        bytes = stored(tensor, values);
      } catch (error) {
        throw error instanceof RangeError ? onRefused(tensor.name, error.message) : error;
      }
      yield bytes;
      yield new Uint8Array(padded(bytes.length) - bytes.length);
    }
  };
  await writeFileAtomic(path, pieces());
};
