/** @file Accuracy by group: length difference, strength, segment; and how far rewards follow length. */
import { strength as strengths } from '@plaudit/contract';
import { accuracyWithInterval, type BootstrapOptions } from './bootstrap.ts';
import type { GroupAccuracy } from './document.ts';
import { correctness, countPrompts, difference, longerWins, meanOver, type ScoredPair } from './pairs.ts';

/** Segment values with fewer pairs are pooled. */
const smallestSegment = 20;

const pooledSegment = 'other values, pooled';

/** Groups are many and read at a glance: 500 resamples move the end of an interval by a tenth of its width at most. */
const groupResamples = 500;

const measure = (group: string, pairs: readonly ScoredPair[], options: BootstrapOptions): GroupAccuracy => ({
  group,
  pairs: pairs.length,
  prompts: countPrompts(pairs),
  ...accuracyWithInterval(pairs, correctness, { resamples: groupResamples, ...options }),
});

/** Ratio of the preferred response's length to the other's, in log2; bins are [low, high). */
const lengthBins: readonly { readonly group: string; readonly low: number }[] = [
  { group: 'preferred is less than half as long', low: Number.NEGATIVE_INFINITY },
  { group: 'preferred is shorter', low: -1 },
  { group: 'about the same length (within 10 %)', low: -Math.log2(1.1) },
  { group: 'preferred is longer', low: Math.log2(1.1) },
  { group: 'preferred is at least twice as long', low: 1 },
];

/** Accuracy by how long the preferred response is beside the other one; empty groups are left out. */
export const accuracyByLengthDifference = (
  pairs: readonly ScoredPair[],
  options: BootstrapOptions = {},
): GroupAccuracy[] => {
  const grouped = Map.groupBy(pairs, (pair) => {
    const ratio = Math.log2((pair.winnerLength + 1) / (pair.loserLength + 1));
    return lengthBins.findLast((bin) => ratio >= bin.low)!.group;
  });
  return lengthBins.flatMap(({ group }) => {
    const found = grouped.get(group);
    return found === undefined ? [] : [measure(group, found, options)];
  });
};

/** Accuracy by strength of the judgement, weakest first; pairs without one are left out. */
export const accuracyByStrength = (
  pairs: readonly ScoredPair[],
  options: BootstrapOptions = {},
): GroupAccuracy[] => {
  const grouped = Map.groupBy(pairs, (pair) => pair.strength);
  return strengths.options.flatMap((strength) => {
    const found = grouped.get(strength);
    return found === undefined ? [] : [measure(strength, found, options)];
  });
};

/** Per segment name the accuracy of each value with at least 20 pairs, most pairs first, and of the rest together. */
export const accuracyBySegment = (
  pairs: readonly ScoredPair[],
  options: BootstrapOptions = {},
): Record<string, GroupAccuracy[]> => {
  const names = [...new Set(pairs.flatMap((pair) => Object.keys(pair.segments)))].sort();
  return Object.fromEntries(
    names.map((name) => {
      const having = pairs.filter((pair) => Object.hasOwn(pair.segments, name));
      const grouped = [...Map.groupBy(having, (pair) => pair.segments[name]!)];
      const large = grouped
        .filter(([, members]) => members.length >= smallestSegment)
        .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
      const rest = grouped.filter(([, members]) => members.length < smallestSegment).flatMap(([, m]) => m);
      return [
        name,
        [
          ...large.map(([value, members]) => measure(value, members, options)),
          ...(rest.length === 0 ? [] : [measure(pooledSegment, rest, options)]),
        ],
      ];
    }),
  );
};

export interface LengthBaselines {
  /** Accuracy of always preferring the longer, and the shorter, response; equal lengths count one half. */
  readonly longer: number;
  readonly shorter: number;
  readonly better: 'longer' | 'shorter';
}

/** What length alone achieves on these pairs. */
export const lengthBaselines = (pairs: readonly ScoredPair[]): LengthBaselines => {
  const longer = meanOver(pairs, longerWins);
  const shorter = meanOver(pairs, (pair) => 1 - longerWins(pair));
  return { longer, shorter, better: longer >= shorter ? 'longer' : 'shorter' };
};

/** Ranks from 1, equal numbers sharing the mean of their ranks. */
const averageRanks = (values: readonly number[]): Float64Array => {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let i = from; i <= to; i++) ranks[order[i]!] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
};

/** Spearman's rank correlation; null where one side never varies. @see Spearman 1904 */
export const spearman = (a: readonly number[], b: readonly number[]): number | null => {
  const x = averageRanks(a);
  const y = averageRanks(b);
  const mean = (a.length + 1) / 2;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < a.length; i++) {
    const dx = x[i]! - mean;
    const dy = y[i]! - mean;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
};

/**
 * Spearman correlation of reward difference and length difference. Each pair enters both ways round, so the number does
 * not depend on which side was preferred.
 */
export const lengthCorrelation = (pairs: readonly ScoredPair[]): number | null => {
  const rewards = pairs.map(difference);
  const lengths = pairs.map((pair) => pair.winnerLength - pair.loserLength);
  const negative = (x: number): number => (x === 0 ? 0 : -x);
  return spearman([...rewards, ...rewards.map(negative)], [...lengths, ...lengths.map(negative)]);
};
