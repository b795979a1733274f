/** @file Tensors with their numbers, as they are fed to a graph and come out of it. */
import type { Transferable } from 'node:worker_threads';
import type { DType } from '../graph/graph.ts';

/** The array that holds the elements of each dtype. float16 is its 16 bits, bool one byte of 0 or 1. */
export interface TensorData {
  float32: Float32Array;
  float16: Uint16Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int8: Int8Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** A tensor: row-major elements, as many as the product of the shape; the empty shape is a scalar. */
export type TensorValue<D extends DType = DType> = {
  [K in D]: { readonly dtype: K; readonly shape: readonly number[]; readonly data: TensorData[K] };
}[D];

export type TensorValues = Readonly<Record<string, TensorValue>>;

export const arrayOf = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies { [D in DType]: new (buffer: ArrayBuffer) => TensorData[D] };

/** The number of elements of a shape. */
export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, size) => product * size, 1);

/**
 * Makes values ready to cross to another thread, with one copy or none.
 *
 * Structured cloning of a view copies the whole buffer behind it, so a view of a part is cut out first; then every
 * buffer is transferred.
 *
 * @param move Give the callers' own buffers away where a value covers its whole buffer.
 */
export const detached = (
  values: TensorValues,
  move: boolean,
): { readonly values: TensorValues; readonly transfer: readonly Transferable[] } => {
  const transfer = new Set<Transferable>();
  const result: Record<string, TensorValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const { buffer, byteLength } = value.data;
    // A shared buffer is neither copied nor moved: both threads see it.
    const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
    const shared = buffer instanceof SharedArrayBuffer;
    const data = shared || (move && whole) ? value.data : value.data.slice();
    if (data.buffer instanceof ArrayBuffer) transfer.add(data.buffer);
    result[name] = { dtype: value.dtype, shape: value.shape, data } as TensorValue;
  }
  return { values: result, transfer: [...transfer] };
};
