/** @file Two versions of a reward model on the same responses: flipped pairs, moved thresholds, correlation, drift of scores. */
import { type Interval, pearson, quantile, spearman, wilsonInterval } from '@plaudit/feedback';
import { normalPoint } from './chi-square.ts';
import { numberDrift } from './distributions.ts';
import { type Measured, momentsOf, requireFinite, tooFew } from './measured.ts';

/** Two responses to one prompt, scored by both versions. */
export interface ScoredPair {
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

export interface FlipRate {
  /** Share of the pairs that the new version orders the other way. */
  readonly rate: number;
  /** Wilson's, 95 %. */
  readonly interval: Interval;
  readonly flips: number;
  /** Pairs that exactly one version finds equal; not flips. */
  readonly undecided: number;
}

/**
 * How often the better of two responses changes with the version.
 *
 * @param tolerance Difference of rewards up to which two responses are equal: batches and engines move scores in their last digits.
 */
export const flipRate = (
  pairs: readonly ScoredPair[],
  { tolerance = 0, least = 30 }: { readonly tolerance?: number; readonly least?: number } = {},
): Measured<FlipRate> => {
  const n = pairs.length;
  if (n < least || n === 0) return tooFew(n, least);
  const order = ([a, b]: readonly [number, number]): number =>
    Math.abs(a - b) <= tolerance ? 0 : Math.sign(a - b);
  let [flips, undecided] = [0, 0];
  for (const { before, after } of pairs) {
    const [was, is] = [order(before), order(after)];
    if (was * is < 0) flips++;
    else if (was !== is) undecided++;
  }
  const rate = flips / n;
  return { enough: true, n, rate, interval: wilsonInterval(rate, n), flips, undecided };
};

export interface MovedThreshold {
  /** In the scale of the new version. */
  readonly threshold: number;
  /** 95 %, from the order statistics around it. */
  readonly interval: Interval;
  /** Share of the old scores that are below the old threshold. */
  readonly share: number;
  /** Whether the old threshold lies outside all old scores: nothing then says where it belongs. */
  readonly outside: boolean;
}

/**
 * The threshold of a new version that passes the same share as the old threshold did: scales of reward models are their own,
 * and a number never carries over.
 *
 * @param before, after Scores of the same responses, or of two samples of the same traffic.
 */
export const moveThreshold = (
  threshold: number,
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  { least = 100 }: { readonly least?: number } = {},
): Measured<MovedThreshold> => {
  requireFinite('the old scores', before);
  requireFinite('the new scores', after);
  const n = Math.min(before.length, after.length);
  if (n < least || n === 0) return tooFew(n, least);
  const old = Float64Array.from(before).sort();
  const fresh = Float64Array.from(after).sort();
  // Where the threshold stands among the old scores: the inverse of the interpolated quantile.
  let share: number;
  if (threshold <= old[0]!) share = 0;
  else if (threshold >= old.at(-1)!) share = 1;
  else {
    let above = 0;
    while (old[above]! < threshold) above++;
    const [low, high] = [old[above - 1]!, old[above]!];
    share = (above - 1 + (threshold - low) / (high - low)) / (old.length - 1);
  }
  // Both samples are uncertain where the quantile lies.
  const error = normalPoint(0.975) * Math.sqrt(share * (1 - share) * (1 / old.length + 1 / fresh.length));
  const at = (q: number): number => quantile(fresh, Math.min(1, Math.max(0, q)));
  return {
    enough: true,
    n,
    threshold: at(share),
    interval: [at(share - error), at(share + error)],
    share,
    outside: threshold < old[0]! || threshold > old.at(-1)!,
  };
};

export interface VersionComparison {
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** Of the scores in standard deviations of their own version: the shape, without the scale. */
  readonly psiOfZ: number;
  readonly flips: Measured<FlipRate>;
}

const standardised = (values: readonly number[]): number[] => {
  const { mean, variance } = momentsOf(values);
  const deviation = Math.sqrt(variance);
  return values.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
};

/** The same responses scored by two versions, and the pairs among them. */
export const compareVersions = (
  before: readonly number[],
  after: readonly number[],
  pairs: readonly ScoredPair[],
  { least = 100, tolerance = 0 }: { readonly least?: number; readonly tolerance?: number } = {},
): Measured<VersionComparison> => {
  if (before.length !== after.length)
    throw new RangeError(`${before.length} old scores against ${after.length} new ones`);
  const moved = numberDrift(standardised(before), standardised(after), { least });
  if (!moved.enough) return moved;
  return {
    enough: true,
    n: before.length,
    pearson: pearson(before, after),
    spearman: spearman(before, after),
    psiOfZ: moved.psi,
    flips: flipRate(pairs, { tolerance }),
  };
};
