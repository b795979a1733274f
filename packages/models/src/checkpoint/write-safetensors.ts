/** @file Writing safetensors: the same tensors always give the same bytes. */
import { type FileContent, writeFileAtomic } from './atomic.ts';
import { elementCount } from './checkpoint.ts';
import { toBfloat16Bits, toFloat16Bits } from './dequantise.ts';
import { bytesPerElement } from './safetensors.ts';

export interface TensorToWrite {
  readonly dtype: 'F32' | 'F16' | 'BF16' | 'I8';
  readonly shape: readonly number[];
  /**
   * Row-major, Int8Array for I8 and Float32Array for the others; a function is called when its turn comes, so that
   * only one tensor is in memory.
   */
  readonly data: Float32Array | Int8Array | (() => Promise<Float32Array | Int8Array>);
}

const stored = (dtype: TensorToWrite['dtype'], data: Float32Array | Int8Array): Uint8Array => {
  if (data instanceof Int8Array !== (dtype === 'I8'))
    throw new RangeError(`these are not the values of ${dtype}`);
  if (dtype === 'F32' || dtype === 'I8') return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const round = dtype === 'F16' ? toFloat16Bits : toBfloat16Bits;
  const halves = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) halves[i] = round(data[i]!);
  return new Uint8Array(halves.buffer);
};

/**
 * Writes a safetensors file whole or not at all. Tensors are ordered as Hugging Face's library does, wide dtypes first
 * and then by name, and the data starts at a multiple of 64 bytes so that it can be mapped.
 *
 * @param metadata joins `{ format: 'pt' }`, which Python's transformers asks for
 * @throws PlauditError `output.disk_full`, `output.not_writable`
 * @throws RangeError where data and shape disagree
 */
export const writeSafetensors = async (
  path: string,
  tensors: ReadonlyMap<string, TensorToWrite>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const ordered = [...tensors].sort(
    ([a, { dtype: wideA }], [b, { dtype: wideB }]) =>
      bytesPerElement[wideB] - bytesPerElement[wideA] || (a < b ? -1 : a > b ? 1 : 0),
  );
  const texts: Record<string, string> = { format: 'pt', ...metadata };
  const sorted = Object.keys(texts).sort();
  const header: [string, unknown][] = [
    ['__metadata__', Object.fromEntries(sorted.map((key) => [key, texts[key]]))],
  ];
  let offset = 0;
  for (const [name, { dtype, shape }] of ordered) {
    if (name === '__metadata__') throw new RangeError('no tensor may be named __metadata__');
    const end = offset + elementCount(shape) * bytesPerElement[dtype];
    header.push([name, { dtype, shape, data_offsets: [offset, end] }]);
    offset = end;
  }
  // Object.fromEntries would move names that look like numbers to the front.
  const json = `{${header.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
  const encoded = new TextEncoder().encode(json);
  const start = Math.ceil((8 + encoded.byteLength) / 64) * 64;
  const head = new Uint8Array(start).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(encoded, 8);

  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    for (const [name, { dtype, shape, data }] of ordered) {
      const values = typeof data === 'function' ? await data() : data;
      if (values.length !== elementCount(shape))
        throw new RangeError(`tensor ${name} of shape [${shape}] got ${values.length} values`);
      yield stored(dtype, values);
    }
  };
  await writeFileAtomic(path, pieces() satisfies FileContent);
};
