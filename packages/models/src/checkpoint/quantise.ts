/** @file From float32 to what GGUF stores: float16, and llama.cpp's blocks of 8 bits. The inverse of dequantise.ts. */
import { toFloat16Bits } from './dequantise.ts';

/** Weights of a block of Q8_0, and its bytes: a float16 scale and a signed byte for each. */
const blockElements = 32;
const blockBytes = 2 + blockElements;

/** A magnitude as its bits from here on is infinite, or no number. */
const infinite = 0x7c00;

const scale16 = (value: number): number => {
  const bits = toFloat16Bits(value);
  if ((bits & 0x7fff) >= infinite) throw new RangeError('it holds a value that float16 cannot hold');
  return bits;
};

/**
 * The nearest float16 values, little-endian.
 *
 * @throws RangeError for a value beyond 65,504, or that is no number
 */
export const toFloat16 = (values: Float32Array): Uint8Array => {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = scale16(values[i]!);
  return new Uint8Array(halves.buffer);
};

/**
 * Blocks of 32 weights: q = round(x / d) with d = max |x| / 127, half away from zero, every step in float32 as
 * ggml's `quantize_row_q8_0_ref` does it.
 *
 * @param values A whole number of blocks
 * @throws RangeError for a value that is no number or too large
 */
export const toQ8 = (values: Float32Array): Uint8Array => {
  const blocks = values.length / blockElements;
  if (!Number.isInteger(blocks)) throw new RangeError(`${values.length} weights are not whole blocks`);
  const out = new Uint8Array(blocks * blockBytes);
  for (let block = 0; block < blocks; block++) {
    const from = block * blockElements;
    const at = block * blockBytes;
    let largest = 0;
    for (let i = 0; i < blockElements; i++) {
      const magnitude = Math.abs(values[from + i]!);
      if (!(magnitude < Number.POSITIVE_INFINITY))
        throw new RangeError('it holds a value that is not finite');
      if (magnitude > largest) largest = magnitude;
    }
    const d = Math.fround(largest / 127);
    const inverse = d === 0 ? 0 : Math.fround(1 / d);
    const bits = scale16(d);
    out[at] = bits & 0xff;
    out[at + 1] = bits >> 8;
    for (let i = 0; i < blockElements; i++) {
      const scaled = Math.fround(values[from + i]! * inverse);
      out[at + 2 + i] = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
    }
  }
  return out;
};
