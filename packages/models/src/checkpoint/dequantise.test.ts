import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorDtype } from './checkpoint.ts';
import { toBfloat16Bits, toFloat16Bits, toFloat32 } from './dequantise.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/quants.json', import.meta.url), 'utf8'),
) as Record<string, { bytes: string; float32: string }>;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(base64, 'base64'));

describe('toFloat32', () => {
  it.each(Object.keys(recorded))('gives the very bits that gguf-py gives for %s', (dtype) => {
    const { bytes, float32 } = recorded[dtype]!;
    const ours = toFloat32(dtype as TensorDtype, bytesOf(bytes));
    const theirs = new Float32Array(bytesOf(float32).buffer);
    expect(ours.length).toBe(theirs.length);
    expect(ours.findIndex((value, i) => value !== theirs[i])).toBe(-1);
  });

  it('keeps infinities and NaN of both 16-bit formats', () => {
    const bits = (...halves: number[]) => new Uint8Array(Uint16Array.from(halves).buffer);
    expect([...toFloat32('F16', bits(0x7c00, 0xfc00, 0x7e00))]).toEqual([Infinity, -Infinity, NaN]);
    expect([...toFloat32('BF16', bits(0x7f80, 0xff80, 0x7fc0))]).toEqual([Infinity, -Infinity, NaN]);
  });

  it('reads bytes that do not start at the beginning of their memory', () => {
    const whole = new Uint8Array([9, ...new Uint8Array(Float32Array.of(1.5, -2).buffer)]);
    expect([...toFloat32('F32', whole.subarray(1))]).toEqual([1.5, -2]);
  });
});

describe('toFloat16Bits and toBfloat16Bits', () => {
  it('turn every float16 that is not NaN back into its own bits', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = toFloat32('F16', new Uint8Array(all.buffer));
    const faults = all.filter(
      (half) => !Number.isNaN(values[half]!) && toFloat16Bits(values[half]!) !== half,
    );
    expect([...faults]).toEqual([]);
  });

  it('turn every bfloat16 that is not NaN back into its own bits', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const values = toFloat32('BF16', new Uint8Array(all.slice().buffer));
    const faults = all.filter(
      (half) => !Number.isNaN(values[half]!) && toBfloat16Bits(values[half]!) !== half,
    );
    expect([...faults]).toEqual([]);
  });

  it('round to the nearest value, ties to even', () => {
    // 1 + 2^-11 lies between 1 and 1 + 2^-10; 1 + 3 * 2^-11 between 1 + 2^-10 and 1 + 2^-9.
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519.99, 65520].map(toFloat16Bits)).toEqual([
      0x3c00, 0x3c02, 0x7bff, 0x7c00,
    ]);
    expect([1 + 2 ** -8, 1 + 3 * 2 ** -8].map(toBfloat16Bits)).toEqual([0x3f80, 0x3f82]);
  });

  it('never are further off than half a step', () => {
    fc.assert(
      fc.property(fc.float({ min: -60000, max: 60000, noNaN: true }), (value) => {
        const back = toFloat32('F16', new Uint8Array(Uint16Array.of(toFloat16Bits(value)).buffer))[0]!;
        return Math.abs(back - value) <= Math.max(2 ** -25, Math.abs(value) * 2 ** -11);
      }),
    );
  });
});
