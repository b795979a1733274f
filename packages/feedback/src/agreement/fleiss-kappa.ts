/** @file Fleiss' kappa: agreement beyond chance where every unit has the same number of annotators. */
import type { BootstrapOptions } from '../statistics/bootstrap.ts';
import type { AnnotatorValue } from './annotator-value.ts';
import { type Estimate, estimateWithInterval } from './cluster-resampling.ts';
import { type ReliabilityTable, reliabilityTable } from './reliability-table.ts';
import { disagreements, type VotesByUnit, votesByUnit } from './votes-by-unit.ts';

/**
 * Fleiss' kappa over nominal values. Null where the units have not all the same number of annotators, two or more:
 * Krippendorff's alpha is the measure for those. Null too where nobody's values differ.
 *
 * @see Fleiss 1971
 */
export const fleissKappa = (values: readonly AnnotatorValue[], options: BootstrapOptions = {}): Estimate => {
  const table = reliabilityTable(values);
  return fleissKappaOfVotes(votesByUnit(table), table, options);
};

/** The same of a table whose votes are counted already. */
export const fleissKappaOfVotes = (
  votes: VotesByUnit,
  table: ReliabilityTable,
  options: BootstrapOptions = {},
): Estimate => {
  const annotators = votes.annotators[0];
  const even =
    votes.annotators.length === table.units.length && votes.annotators.every((of) => of === annotators);
  if (annotators === undefined || !even) return { value: null, interval: null };
  const { starts, category, weight } = votes.counts;
  const apart = disagreements(votes, null);
  const totals = new Float64Array(votes.categories);
  return estimateWithInterval(
    votes.clusters,
    (times) => {
      totals.fill(0);
      let units = 0;
      let disagreeing = 0;
      for (let u = 0; u < apart.length; u++) {
        const count = times[votes.cluster[u]!]!;
        units += count;
        disagreeing += (count * apart[u]!) / (annotators * (annotators - 1));
        for (let i = starts[u]!; i < starts[u + 1]!; i++) totals[category[i]!]! += count * weight[i]!;
      }
      const byChance = totals.reduce((sum, total) => sum + (total / (units * annotators)) ** 2, 0);
      return byChance > 1 - 1e-12 ? null : 1 - disagreeing / units / (1 - byChance);
    },
    options,
  );
};
