/** @file The cluster bootstrap: intervals that treat all pairs of one prompt as one observation. */
import { Random, sigmoid } from '@plaudit/contract';

/** Lower and upper end. */
export type Interval = [number, number];

/** Anything that belongs to a prompt: what all observations of one prompt share is the unit of resampling. */
interface Clustered {
  readonly cluster: string;
}

const countClusters = (items: readonly Clustered[]): number =>
  new Set(items.map(({ cluster }) => cluster)).size;

export interface BootstrapOptions {
  readonly resamples?: number;
  readonly seed?: number;
  /** Probability mass of the interval. Default 0.95. */
  readonly level?: number;
}

export interface BootstrapResult {
  readonly mean: number;
  readonly interval: Interval;
  /** Probability that the mean is above 0: the share of resamples where it is, those at exactly 0 counting one half. */
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
export const clusterBootstrap = <Item extends Clustered>(
  pairs: readonly Item[],
  value: (pair: Item, index: number) => number,
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
 * Fewest prompts whose resampling says anything: the pairs of one prompt are not independent, so one prompt is one
 * observation however many pairs it has, and drawing 1 of 1 always gives the same number back.
 */
export const fewestClusters = 10;

/** Whether resampling prompts shows the uncertainty: enough of them, and not all alike. */
const resamplingSays = (prompts: number, [low, high]: Interval): boolean =>
  prompts >= fewestClusters && high > low;

/**
 * The 95 % interval of an accuracy. Below 10 prompts, and where all prompts are alike (every pair right, say), resampling
 * cannot see the uncertainty: the interval is then Wilson's with prompts as its count.
 */
export const accuracyWithInterval = <Item extends Clustered>(
  pairs: readonly Item[],
  value: (pair: Item) => number,
  options: BootstrapOptions = {},
): { accuracy: number; accuracyInterval: Interval } => {
  const { mean, interval } = clusterBootstrap(pairs, value, options);
  const prompts = countClusters(pairs);
  return {
    accuracy: mean,
    accuracyInterval: resamplingSays(prompts, interval) ? interval : wilsonInterval(mean, prompts),
  };
};

/**
 * A mean of differences of two shares, each from -1 to 1, with its 95 % interval. From 10 prompts on it is the bootstrap's.
 * Below, (difference + 1) / 2 is taken as a share with prompts as its count: no number between 0 and 1 varies more than
 * one that is 0 or 1 with the same mean, so Wilson's interval of that share is the widest that the mean allows.
 */
export const differenceWithInterval = <Item extends Clustered>(
  pairs: readonly Item[],
  value: (pair: Item, index: number) => number,
  options: BootstrapOptions = {},
): BootstrapResult => {
  const result = clusterBootstrap(pairs, value, options);
  const prompts = countClusters(pairs);
  if (prompts >= fewestClusters) return result;
  const [low, high] = wilsonInterval((result.mean + 1) / 2, prompts);
  const interval: Interval = [2 * low - 1, 2 * high - 1];
  // The same interval read as a normal distribution, whose share above 0 a logistic curve gives to 0.01.
  const deviations = (interval[0] + interval[1]) / 2 / ((interval[1] - interval[0]) / (2 * 1.96));
  return { mean: result.mean, interval, positive: sigmoid(1.702 * deviations) };
};
