/** @file The mean over all impressions of what only some of them were judged for, by inverse-propensity weights. */
import type { Interval } from '../statistics/bootstrap.ts';

/** A value that was seen, and the probability with which it came to be seen. */
export interface Seen {
  readonly value: number;
  readonly probability: number;
  /** Whose value it is; values of one user are not independent. */
  readonly user?: string;
}

export interface WeightedMean {
  readonly mean: number;
  /** 95 %, by the normal approximation over users. */
  readonly interval: Interval;
  /** Independent values of equal weight that would be as uncertain: (sum of weights)^2 / sum of their squares. */
  readonly effective: number;
}

/** 1 over the probability, at most 1 over the clip: a rare value may not count for everyone. */
export const inversePropensity = (probability: number, clip: number): number =>
  1 / Math.max(probability, clip);

/**
 * The self-normalised inverse-propensity estimate, `sum w y / sum w` with `w = 1 / max(p, clip)`. Its interval is that of a
 * ratio, `sum over users of (sum of w (y - mean))^2 / (sum w)^2`, and covers the mean of all as far as the probabilities
 * are right and few are clipped.
 *
 * @param clip Least probability that a weight is made from
 * @throws RangeError without any value
 * @see Swaminathan and Joachims 2015, The self-normalized estimator for counterfactual learning
 */
export const selfNormalisedMean = (seen: readonly Seen[], clip = 0.05): WeightedMean => {
  if (seen.length === 0) throw new RangeError('a mean needs at least one value');
  let [sum, squares, total] = [0, 0, 0];
  for (const { value, probability } of seen) {
    const weight = inversePropensity(probability, clip);
    sum += weight;
    squares += weight * weight;
    total += weight * value;
  }
  const mean = total / sum;
  const deviations = new Map<string | number, number>();
  for (const [i, { value, probability, user }] of seen.entries()) {
    const deviation = inversePropensity(probability, clip) * (value - mean);
    deviations.set(user ?? i, (deviations.get(user ?? i) ?? 0) + deviation);
  }
  let variance = 0;
  for (const deviation of deviations.values()) variance += deviation * deviation;
  const half = (1.959963984540054 * Math.sqrt(variance)) / sum;
  return { mean, interval: [mean - half, mean + half], effective: (sum * sum) / squares };
};
