/**
 * @file What learning curves say together: the labels that reach a given accuracy, what a rule saves against random, and the
 * area between the two.
 *
 * A curve of one seed wanders by more than a rule gains, so labels are read off the mean over seeds, made to rise
 * (isotonic), with straight lines over the logarithm of labels. Seeds are resampled whole, each with the curves that all
 * rules have of it: the split, the first labels and the annotators' answers are then the same on both sides of a difference.
 */
import { Random } from '@plaudit/contract';
import { type Interval, quantile } from '@plaudit/feedback';
import { interpolate, isotonicRegression } from '../validation/isotonic.ts';
import type { CurvePoint } from './trial.ts';

/** Curves of one rule, by seed. */
export type SeedCurves = readonly (readonly CurvePoint[])[];

/** A number from all seeds, with its 95 % interval over resamples of them. */
export interface Estimate {
  readonly value: number;
  readonly interval: Interval;
}

/** What a rule reaches of what all labels give. */
export interface Reached {
  /** Share of the gain of all labels over a coin. */
  readonly share: number;
  readonly accuracy: number;
  /** null where it was not reached. */
  readonly labels: number | null;
  readonly randomLabels: number | null;
  /**
   * Share of random's labels that the rule saves; below 0 it takes more. null where either did not get there. An end of the
   * interval is null where it lies in resamples of which one of the two did not get there.
   */
  readonly saved: {
    readonly value: number;
    readonly interval: readonly [number | null, number | null];
  } | null;
}

export interface RuleCurves {
  /** Means over seeds at each number of labels. */
  readonly accuracy: readonly number[];
  readonly logLoss: readonly number[];
  readonly reached: readonly Reached[];
  /** Mean accuracy over the logarithm of labels, less random's. */
  readonly area: Estimate;
  /** The same of the log loss: below 0 is better than random. */
  readonly lossArea: Estimate;
}

const resamples = 2000;
const level = 0.95;

/** The values of a curve at given numbers of labels, by straight lines over their logarithm. */
const at = (
  curve: readonly CurvePoint[],
  labels: readonly number[],
  of: 'accuracy' | 'logLoss',
): number[] => {
  const line = { x: curve.map((point) => Math.log(point.labels)), y: curve.map((point) => point[of]) };
  return labels.map((count) => interpolate(line, Math.log(count)));
};

/** The labels at which all curves are read: those of the first one, as far as all of them go. */
export const sharedLabels = (curves: readonly SeedCurves[]): number[] => {
  const all = curves.flat();
  const last = Math.min(...all.map((curve) => curve.at(-1)!.labels));
  const inside = all[0]!.map(({ labels }) => labels).filter((labels) => labels < last);
  return [...inside, last];
};

const meanOf = (rows: readonly (readonly number[])[], seeds: ArrayLike<number>): number[] =>
  rows[0]!.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < seeds.length; k++) sum += rows[seeds[k]!]![i]!;
    return sum / seeds.length;
  });

/** Fewest labels at which the rising curve through these accuracies has the given height; null where it never has. */
export const labelsToReach = (
  labels: readonly number[],
  accuracy: readonly number[],
  height: number,
): number | null => {
  const { x, y } = isotonicRegression(labels.map(Math.log), accuracy);
  const above = y.findIndex((value) => value >= height);
  if (above < 0) return null;
  if (above === 0) return Math.exp(x[0]!);
  const share = (height - y[above - 1]!) / (y[above]! - y[above - 1]!);
  return Math.exp(x[above - 1]! + share * (x[above]! - x[above - 1]!));
};

/** Mean height over the logarithm of labels. @see Guyon et al. 2011, who score active learning so */
export const logArea = (labels: readonly number[], heights: readonly number[]): number => {
  let sum = 0;
  for (let i = 1; i < labels.length; i++)
    sum += ((heights[i]! + heights[i - 1]!) / 2) * Math.log(labels[i]! / labels[i - 1]!);
  return labels.length < 2 ? heights[0]! : sum / Math.log(labels.at(-1)! / labels[0]!);
};

/** What has to be reached: between a coin and all labels. */
const heightOf = (share: number, all: number): number => 0.5 + share * (all - 0.5);

/** Draws of seeds with replacement, the same for every rule. */
const draws = (seeds: number, random: Random): Uint32Array[] =>
  Array.from({ length: resamples }, () => Uint32Array.from({ length: seeds }, () => random.integer(seeds)));

const intervalOf = (values: readonly number[]): Interval => {
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  return [quantile(sorted, tail), quantile(sorted, 1 - tail)];
};

/** An interval of numbers that may be infinite, which sort where they belong and are no ends. */
const openIntervalOf = (values: readonly number[]): [number | null, number | null] => {
  const sorted = Float64Array.from(values).sort();
  const end = (q: number): number | null => {
    // The nearest one and no point between two, either of which may be infinite.
    const found = sorted[Math.round(q * (sorted.length - 1))]!;
    return Number.isFinite(found) ? found : null;
  };
  const tail = (1 - level) / 2;
  return [end(tail), end(1 - tail)];
};

/** How a rule's curves compare with random's. @param all Accuracy of all labels, by seed @param shares Of the gain */
export const compareCurves = (
  rule: SeedCurves,
  random: SeedCurves,
  all: readonly number[],
  labels: readonly number[],
  { shares, seed }: { readonly shares: readonly number[]; readonly seed: number },
): RuleCurves => {
  const read = (curves: SeedCurves, of: 'accuracy' | 'logLoss') =>
    curves.map((curve) => at(curve, labels, of));
  const accuracies = { rule: read(rule, 'accuracy'), random: read(random, 'accuracy') };
  const losses = { rule: read(rule, 'logLoss'), random: read(random, 'logLoss') };
  const everySeed = [...all.keys()];
  const drawn = draws(all.length, new Random(seed, 'curves'));
  const areaBetween = (rows: typeof accuracies): Estimate => {
    const own = rows.rule.map((row, k) => logArea(labels, row) - logArea(labels, rows.random[k]!));
    const mean = (seeds: ArrayLike<number>): number =>
      Array.from(seeds, (k) => own[k]!).reduce((sum, value) => sum + value, 0) / seeds.length;
    return { value: mean(everySeed), interval: intervalOf(drawn.map(mean)) };
  };
  const labelsAt = (rows: readonly number[][], seeds: ArrayLike<number>, share: number): number | null => {
    const reachable = Array.from(seeds, (k) => all[k]!).reduce((sum, value) => sum + value, 0) / seeds.length;
    return labelsToReach(labels, meanOf(rows, seeds), heightOf(share, reachable));
  };
  const reached = shares.map((share): Reached => {
    const both = (seeds: ArrayLike<number>) =>
      [labelsAt(accuracies.rule, seeds, share), labelsAt(accuracies.random, seeds, share)] as const;
    const saving = ([own, other]: readonly [number | null, number | null]): number => {
      // Who alone gets there saves without limit; where neither does, the resample speaks for neither.
      if (own !== null && other !== null) return 1 - own / other;
      return own === other ? 0 : own === null ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    };
    const found = both(everySeed);
    const [own, other] = found;
    return {
      share,
      accuracy: heightOf(share, all.reduce((sum, value) => sum + value, 0) / all.length),
      labels: own,
      randomLabels: other,
      saved:
        own === null || other === null
          ? null
          : { value: saving(found), interval: openIntervalOf(drawn.map((seeds) => saving(both(seeds)))) },
    };
  });
  return {
    accuracy: meanOf(accuracies.rule, everySeed),
    logLoss: meanOf(losses.rule, everySeed),
    reached,
    area: areaBetween(accuracies),
    lossArea: areaBetween(losses),
  };
};
