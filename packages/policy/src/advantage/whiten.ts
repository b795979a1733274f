/** @file Whitening: numbers of a batch to a deviation of 1, and a mean of 0 unless it is to be kept. */
import { deviation, noMoments, withNumbers } from './moments.ts';

export interface WhitenOptions {
  /** 0 for numbers that neither count nor matter, such as padding. */
  readonly mask?: ArrayLike<number>;
  /** Whether the mean becomes 0. TRL's PPO keeps it for rewards, and not for advantages. */
  readonly shiftMean?: boolean;
}

/**
 * (x - mean) / √(variance + 1e-8), with the variance of a sample (n - 1); masked numbers become 0.
 *
 * @see TRL 0.24 `core.masked_whiten`
 */
export const whiten = (
  values: ArrayLike<number>,
  { mask, shiftMean = true }: WhitenOptions = {},
): Float64Array => {
  const all = Float64Array.from(values);
  const counts = (i: number): boolean => mask === undefined || mask[i] !== 0;
  const moments = withNumbers(
    noMoments,
    all.filter((_, i) => counts(i)),
  );
  const scale = 1 / Math.sqrt(deviation(moments) ** 2 + 1e-8);
  const origin = shiftMean ? 0 : moments.mean;
  return all.map((value, i) => (counts(i) ? (value - moments.mean) * scale + origin : 0));
};
