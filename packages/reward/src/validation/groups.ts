/** @file Accuracy by group: length difference, strength, segment; and how far rewards follow length. */
import { strength as strengths } from '@plaudit/contract';
import { accuracyWithInterval, type BootstrapOptions, quantile, spearman } from '@plaudit/feedback';
import type { GroupAccuracy } from './document.ts';
import { hasThreshold, judgedReward } from './headline.ts';
import { correctness, countPrompts, difference, longerWins, meanOver, type ScoredPair } from './pairs.ts';
import { fewestInSlice, type Slice } from './slices.ts';

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

/** Labelled responses or steps by length, in quarters with as many characters or fewer. */
const byQuarterOfLength = (pairs: readonly ScoredPair[]): [string, readonly ScoredPair[]][] => {
  const lengths = Float64Array.from(pairs, judgedLength).sort();
  const ends = [...new Set([0.25, 0.5, 0.75, 1].map((share) => Math.floor(quantile(lengths, share))))];
  const grouped = Map.groupBy(pairs, (pair) => ends.find((end) => judgedLength(pair) <= end)!);
  return ends.flatMap((end, i) => {
    const found = grouped.get(end);
    const group = i === 0 ? `up to ${end} characters` : `${ends[i - 1]! + 1} to ${end} characters`;
    return found === undefined ? [] : [[group, found]];
  });
};

/**
 * Pairs by how long the preferred response is beside the other one; labelled responses and steps by their own length.
 * Empty groups are left out.
 */
const byLength = (pairs: readonly ScoredPair[]): [string, readonly ScoredPair[]][] => {
  if (pairs.some(hasThreshold)) return byQuarterOfLength(pairs);
  const grouped = Map.groupBy(pairs, (pair) => {
    const ratio = Math.log2((pair.winnerLength + 1) / (pair.loserLength + 1));
    return lengthBins.findLast((bin) => ratio >= bin.low)!.group;
  });
  return lengthBins.flatMap(({ group }) => {
    const found = grouped.get(group);
    return found === undefined ? [] : [[group, found]];
  });
};

/** Accuracy by how long the preferred response is beside the other one; empty groups are left out. */
export const accuracyByLengthDifference = (
  pairs: readonly ScoredPair[],
  options: BootstrapOptions = {},
): GroupAccuracy[] => byLength(pairs).map(([group, found]) => measure(group, found, options));

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

/** Per segment name its values with at least 20 pairs, most pairs first, and the rest together. */
const bySegmentValue = (pairs: readonly ScoredPair[]): [string, [string, readonly ScoredPair[]][]][] => {
  const names = [...new Set(pairs.flatMap((pair) => Object.keys(pair.segments)))].sort();
  return names.map((name) => {
    const having = pairs.filter((pair) => Object.hasOwn(pair.segments, name));
    const grouped = [...Map.groupBy(having, (pair) => pair.segments[name]!)];
    const large = grouped
      .filter(([, members]) => members.length >= smallestSegment)
      .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1));
    const rest = grouped.filter(([, members]) => members.length < smallestSegment).flatMap(([, m]) => m);
    return [
      name,
      [...large, ...(rest.length === 0 ? [] : [[pooledSegment, rest] as [string, ScoredPair[]]])],
    ];
  });
};

/** Per segment name the accuracy of each value with at least 20 pairs, most pairs first, and of the rest together. */
export const accuracyBySegment = (
  pairs: readonly ScoredPair[],
  options: BootstrapOptions = {},
): Record<string, GroupAccuracy[]> =>
  Object.fromEntries(
    bySegmentValue(pairs).map(([name, values]) => [
      name,
      values.map(([value, members]) => measure(value, members, options)),
    ]),
  );

/** Every value of every segment and every length, with its interval: what is searched for the worst. */
export const slicesOf = (pairs: readonly ScoredPair[], options: BootstrapOptions = {}): Slice[] => {
  const groups: [string, [string, readonly ScoredPair[]][]][] = [
    ['length', byLength(pairs)],
    ...bySegmentValue(pairs),
  ];
  return groups.flatMap(([segment, values]) =>
    values
      .filter(([value, { length }]) => value !== pooledSegment && length >= fewestInSlice)
      .map(([group, members]) => ({
        segment,
        group,
        pairs: members,
        accuracyInterval: measure(group, members, options).accuracyInterval,
      })),
  );
};

export interface LengthBaselines {
  /**
   * Accuracy of always preferring the longer, and the shorter, response; equal lengths count one half. The threshold 0 is
   * shorter than any response, so that for labels and steps `longer` is always saying yes and `shorter` always no.
   */
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

/** Length of the judged response or step, where the other side is the threshold. */
const judgedLength = (pair: ScoredPair): number => Math.max(pair.winnerLength, pair.loserLength);

/**
 * Spearman correlation of reward difference and length difference. Each pair enters both ways round, so the number does
 * not depend on which side was preferred. For labels and steps: of reward and length.
 */
export const lengthCorrelation = (pairs: readonly ScoredPair[]): number | null => {
  if (pairs.some(hasThreshold)) return spearman(pairs.map(judgedReward), pairs.map(judgedLength));
  const rewards = pairs.map(difference);
  const lengths = pairs.map((pair) => pair.winnerLength - pair.loserLength);
  const negative = (x: number): number => (x === 0 ? 0 : -x);
  return spearman([...rewards, ...rewards.map(negative)], [...lengths, ...lengths.map(negative)]);
};
