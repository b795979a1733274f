/**
 * @file MinHash: signatures of sets of grams that agree in a share of their entries which is the sets' Jaccard similarity.
 * @see Broder 1997
 */
import { Random } from '@plaudit/contract';

/** Permutations of the longest signature; a shorter one is its beginning. */
export const mostPermutations = 128;
const signBit = 0x80000000;

/**
 * Odd multipliers and offsets of the hash family h(x) = (a x + b) mod 2^32 over well-mixed x. Fixed for ever. The sign bit
 * of the offsets is turned, so that the order of the results as int32 is that of the hashes as uint32.
 */
const multipliers = new Int32Array(mostPermutations);
const offsets = new Int32Array(mostPermutations);
const random = new Random(0, 'minhash');
for (let p = 0; p < mostPermutations; p++) multipliers[p] = random.uint32() | 1;
for (let p = 0; p < mostPermutations; p++) offsets[p] = random.uint32() ^ signBit;

/**
 * Fills a signature, whose length is a multiple of 4. Repeated grams change nothing.
 *
 * Four permutations at once in int32, which is what keeps this loop in registers.
 */
export const minHash = (set: Uint32Array, signature: Int32Array): void => {
  const grams = new Int32Array(set.buffer, set.byteOffset, set.length);
  for (let p = 0; p < signature.length; p += 4) {
    const [a0, a1, a2, a3] = [multipliers[p]!, multipliers[p + 1]!, multipliers[p + 2]!, multipliers[p + 3]!];
    const [b0, b1, b2, b3] = [offsets[p]!, offsets[p + 1]!, offsets[p + 2]!, offsets[p + 3]!];
    let least0 = 0x7fffffff;
    let least1 = 0x7fffffff;
    let least2 = 0x7fffffff;
    let least3 = 0x7fffffff;
    for (let i = 0; i < grams.length; i++) {
      const gram = grams[i]!;
      const hash0 = (Math.imul(gram, a0) + b0) | 0;
      const hash1 = (Math.imul(gram, a1) + b1) | 0;
      const hash2 = (Math.imul(gram, a2) + b2) | 0;
      const hash3 = (Math.imul(gram, a3) + b3) | 0;
      if (hash0 < least0) least0 = hash0;
      if (hash1 < least1) least1 = hash1;
      if (hash2 < least2) least2 = hash2;
      if (hash3 < least3) least3 = hash3;
    }
    signature[p] = least0 ^ signBit;
    signature[p + 1] = least1 ^ signBit;
    signature[p + 2] = least2 ^ signBit;
    signature[p + 3] = least3 ^ signBit;
  }
};
