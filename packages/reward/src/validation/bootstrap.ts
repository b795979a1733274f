/** @file The cluster bootstrap: intervals that treat all pairs of one prompt as one observation. */
import { Random } from '@plaudit/contract';
import type { Interval } from './document.ts';
import { countPrompts, type ScoredPair } from './pairs.ts';

export interface BootstrapOptions {
  readonly resamples?: number;
  readonly seed?: number;
  /** Probability mass of the interval. Default 0.95. */
  readonly level?: number;
}

export interface BootstrapResult {
  readonly mean: number;
  readonly interval: Interval;
  /** Share of resamples whose mean is above 0, those at exactly 0 counting one half. */
  readonly positive: number;
}

/** The q-quantile of sorted numbers with linear interpolation (Hyndman and Fan type 7, numpy's default). */
export const quantile = (sorted: ArrayLike<number>, q: number): number => {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (at - below) * (high - low);
};

/**
 * Mean of a number over pairs with a percentile interval from resampling whole prompts with replacement.
 *
 * @see Efron and Tibshirani 1993, ch. 13; Field and Welsh 2007 for clusters.
 */
export const clusterBootstrap = (
  pairs: readonly ScoredPair[],
  value: (pair: ScoredPair, index: number) => number,
  options: BootstrapOptions = {},
): BootstrapResult => {
  if (pairs.length === 0) throw new RangeError('a bootstrap over no pairs has no value');
  const { resamples = 2000, seed = 0, level = 0.95 } = options;
  const clusters = new Map<string, number>();
  const sums: number[] = [];
  const counts: number[] = [];
  let total = 0;
  pairs.forEach((pair, index) => {
    let cluster = clusters.get(pair.cluster);
    if (cluster === undefined) {
      cluster = sums.length;
      clusters.set(pair.cluster, cluster);
      sums.push(0);
      counts.push(0);
    }
    const found = value(pair, index);
    sums[cluster] = sums[cluster]! + found;
    counts[cluster] = counts[cluster]! + 1;
    total += found;
  });
  const random = new Random(seed, 'bootstrap');
  const size = sums.length;
  const means = new Float64Array(resamples);
  let positive = 0;
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < size; i++) {
      const cluster = random.integer(size);
      sum += sums[cluster]!;
      count += counts[cluster]!;
    }
    const mean = sum / count;
    means[r] = mean;
    if (mean > 0) positive++;
    else if (mean === 0) positive += 0.5;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return {
    mean: total / pairs.length,
    interval: [quantile(means, tail), quantile(means, 1 - tail)],
    positive: positive / resamples,
  };
};

/**
 * Wilson's score interval of a share.
 *
 * @param z 1.959964 for 95 %.
 * @see Wilson 1927
 */
export const wilsonInterval = (share: number, count: number, z = 1.959963984540054): Interval => {
  const denominator = 1 + (z * z) / count;
  const centre = (share + (z * z) / (2 * count)) / denominator;
  const half = (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))) / denominator;
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
};

/**
 * The 95 % interval of an accuracy. Where every pair is right or every pair is wrong, resampling cannot see any
 * uncertainty: the interval is then Wilson's, with prompts as its count.
 */
export const accuracyWithInterval = (
  pairs: readonly ScoredPair[],
  value: (pair: ScoredPair) => number,
  options: BootstrapOptions = {},
): { accuracy: number; accuracyInterval: Interval } => {
  const { mean, interval } = clusterBootstrap(pairs, value, options);
  if (mean > 0 && mean < 1) return { accuracy: mean, accuracyInterval: interval };
  return { accuracy: mean, accuracyInterval: wilsonInterval(mean, countPrompts(pairs)) };
};
