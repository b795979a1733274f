/** @file Slices of the data where a model is worse than on the rest, and which of them is the worst. */
import { fewestClusters, holm, normalCdf } from '@plaudit/feedback';
import type { ValidationDocument } from './document.ts';
import { correctness, countPrompts, meanOver, type ScoredPair } from './pairs.ts';

/** Below this many judgements a slice's accuracy says little. */
export const fewestInSlice = 30;
const level = 0.05;

/** Judgements that have something in common. */
export interface Slice {
  /** Name of a segment, or `length`. */
  readonly segment: string;
  readonly group: string;
  readonly pairs: readonly ScoredPair[];
  readonly accuracyInterval: readonly [number, number];
}

export interface BelowRest {
  /** Accuracy in the slice minus accuracy on the rest. */
  readonly difference: number;
  /** Robust to judgements of one prompt being alike. */
  readonly standardError: number;
  /** One-sided: the probability of a difference at most this large if the slice were like the rest. */
  readonly p: number;
}

/**
 * Compares a slice with all other judgements. Each prompt's part of the difference is one observation, also where a
 * prompt has judgements on both sides.
 *
 * @see Liang and Zeger 1986; the standard error is that of a regression on the slice, clustered by prompt
 */
export const belowRest = (
  pairs: readonly ScoredPair[],
  inSlice: (pair: ScoredPair) => boolean,
): BelowRest => {
  const inside = pairs.filter(inSlice);
  const outside = pairs.filter((pair) => !inSlice(pair));
  const [meanInside, meanOutside] = [meanOver(inside, correctness), meanOver(outside, correctness)];
  const parts = new Map<string, number>();
  const add = (side: readonly ScoredPair[], mean: number, sign: number): void => {
    for (const pair of side) {
      const part = (sign * (correctness(pair) - mean)) / side.length;
      parts.set(pair.cluster, (parts.get(pair.cluster) ?? 0) + part);
    }
  };
  add(inside, meanInside, 1);
  add(outside, meanOutside, -1);
  const robust = Math.sqrt([...parts.values()].reduce((sum, part) => sum + part * part, 0));
  const difference = meanInside - meanOutside;
  // Where each side is all right or all wrong there is nothing to vary: add two right and two wrong ones, prompts counting.
  const smoothed = (side: readonly ScoredPair[], mean: number): number => {
    const prompts = countPrompts(side);
    const share = (mean * prompts + 2) / (prompts + 4);
    return (share * (1 - share)) / (prompts + 4);
  };
  const standardError =
    robust > 1e-12 ? robust : Math.sqrt(smoothed(inside, meanInside) + smoothed(outside, meanOutside));
  return { difference, standardError, p: normalCdf(difference / standardError) };
};

/**
 * The slice with the lowest lower end of its interval, and those that are below the rest beyond chance, corrected for
 * their number. Slices of fewer than 30 judgements or 10 prompts, and those without 10 prompts beside them, are left out.
 */
export const judgeSlices = (
  pairs: readonly ScoredPair[],
  slices: readonly Slice[],
): ValidationDocument['slices'] => {
  const large = slices.filter((slice) => {
    if (slice.pairs.length < fewestInSlice || countPrompts(slice.pairs) < fewestClusters) return false;
    const own = new Set(slice.pairs);
    return countPrompts(pairs.filter((pair) => !own.has(pair))) >= fewestClusters;
  });
  const tests = large.map((slice) => {
    const own = new Set(slice.pairs);
    return belowRest(pairs, (pair) => own.has(pair));
  });
  const adjusted = holm(tests.map(({ p }) => p));
  const described = large.map(({ segment, group, pairs: own, accuracyInterval }, i) => {
    const accuracy = meanOver(own, correctness);
    return {
      segment,
      group,
      pairs: own.length,
      prompts: countPrompts(own),
      accuracy,
      accuracyInterval: [...accuracyInterval] as [number, number],
      rest: accuracy - tests[i]!.difference,
      adjustedP: adjusted[i]!,
    };
  });
  const worst = described.reduce<(typeof described)[number] | null>(
    (found, slice) =>
      found === null || slice.accuracyInterval[0] < found.accuracyInterval[0] ? slice : found,
    null,
  );
  return {
    tested: large.length,
    worst,
    belowRest: described
      .filter(({ adjustedP }) => adjustedP < level)
      .sort((a, b) => a.adjustedP - b.adjustedP || a.accuracy - b.accuracy),
  };
};
