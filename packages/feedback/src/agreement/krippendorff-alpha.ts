/** @file Krippendorff's alpha: agreement beyond chance for any number of annotators, with holes, on any kind of scale. */
import type { BootstrapOptions } from '../statistics/bootstrap.ts';
import type { AnnotatorValue } from './annotator-value.ts';
import { type ClusterStatistic, type Estimate, estimateWithInterval } from './cluster-resampling.ts';
import { positions, type ReliabilityTable, reliabilityTable } from './reliability-table.ts';
import {
  disagreement,
  disagreementOfTotals,
  disagreements,
  type VotesByUnit,
  votesByUnit,
} from './votes-by-unit.ts';

/** What may be said of two values: that they differ, which is more, or by how much. */
export type Measurement = 'nominal' | 'ordinal' | 'interval';

export interface AlphaOptions extends BootstrapOptions {
  /** Default nominal. */
  readonly measurement?: Measurement;
  /** Texts in order, least first; needed where ordinal or interval values are texts. */
  readonly order?: readonly string[];
}

/**
 * Krippendorff's alpha, 1 - D_o / D_e: 1 is perfect agreement, 0 what chance gives, and below 0 people contradict one
 * another. Units that one annotator judged say nothing and do not count. Null where nobody's values differ.
 *
 * @example krippendorffAlpha([{ unit: 'pair 1', annotator: 'ann', value: 'a' }, ...], { measurement: 'nominal' })
 * @see Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"
 * @throws data.bad_option where texts are to be measured and have no order
 */
export const krippendorffAlpha = (
  values: readonly AnnotatorValue[],
  options: AlphaOptions = {},
): Estimate => {
  const table = reliabilityTable(values, options.order);
  return alphaOfVotes(votesByUnit(table), table, options);
};

/** The same of a table whose votes are counted already. */
export const alphaOfVotes = (
  votes: VotesByUnit,
  table: ReliabilityTable,
  options: AlphaOptions = {},
): Estimate => {
  const { measurement = 'nominal', order } = options;
  const position = measurement === 'nominal' ? null : positions(table, order);
  return estimateWithInterval(
    votes.clusters,
    measurement === 'ordinal' ? ordinalAlpha(votes) : alphaOf(votes, position && standardised(position)),
    options,
  );
};

/** Positions around their middle, from -1/2 to 1/2: alpha is the same, and squares lose no digits. */
const standardised = (position: Float64Array): Float64Array => {
  const least = position[0] ?? 0;
  const range = (position.at(-1) ?? 0) - least;
  return position.map((x) => (range > 0 ? (x - least) / range - 0.5 : 0));
};

/** How often each category was used in a resample, and by how many votes in all. */
const countTotals = (votes: VotesByUnit, times: Int32Array, totals: Float64Array): number => {
  const { starts, category, weight } = votes.counts;
  let all = 0;
  totals.fill(0);
  for (let u = 0; u < votes.annotators.length; u++) {
    const count = times[votes.cluster[u]!]!;
    if (count === 0) continue;
    all += count * votes.annotators[u]!;
    for (let i = starts[u]!; i < starts[u + 1]!; i++) totals[category[i]!]! += count * weight[i]!;
  }
  return all;
};

const ratio = (observed: number, expected: number, all: number): number | null =>
  // A sum of squares that ought to be 0 may be rounding.
  expected > 1e-12 * all * all ? 1 - ((all - 1) * observed) / expected : null;

const alphaOf = (votes: VotesByUnit, position: Float64Array | null): ClusterStatistic => {
  const totals = new Float64Array(votes.categories);
  const perUnit = disagreements(votes, position).map((sum, u) => sum / (votes.annotators[u]! - 1));
  return (times) => {
    const all = countTotals(votes, times, totals);
    let observed = 0;
    for (let u = 0; u < perUnit.length; u++) observed += times[votes.cluster[u]!]! * perUnit[u]!;
    return ratio(observed, disagreementOfTotals(totals, position), all);
  };
};

/**
 * Two ordinal values are as far apart as there are votes between them, half of their own included: the distance of their
 * mid-ranks. The ranks change from resample to resample.
 */
const ordinalAlpha = (votes: VotesByUnit): ClusterStatistic => {
  const totals = new Float64Array(votes.categories);
  const rank = new Float64Array(votes.categories);
  return (times) => {
    const all = countTotals(votes, times, totals);
    let below = 0;
    totals.forEach((count, c) => {
      // In shares of all votes, around the middle.
      rank[c] = (below + count / 2) / all - 0.5;
      below += count;
    });
    let observed = 0;
    for (let u = 0; u < votes.annotators.length; u++) {
      const count = times[votes.cluster[u]!]!;
      if (count > 0) observed += (count * disagreement(votes.counts, u, rank)) / (votes.annotators[u]! - 1);
    }
    votes.repeatUnit.forEach((u, list) => {
      observed -=
        (times[votes.cluster[u]!]! * disagreement(votes.repeats, list, rank)) / (votes.annotators[u]! - 1);
    });
    return ratio(observed, disagreementOfTotals(totals, rank), all);
  };
};
