/** @file How often two annotators of a unit say the same. */
import type { BootstrapOptions } from '../statistics/bootstrap.ts';
import type { AnnotatorValue } from './annotator-value.ts';
import { type Estimate, estimateWithInterval } from './cluster-resampling.ts';
import { reliabilityTable } from './reliability-table.ts';
import { disagreements, type VotesByUnit, votesByUnit } from './votes-by-unit.ts';

/** The probability that two annotators of a unit say the same, each couple of votes counting once. */
export const pairAgreement = (values: readonly AnnotatorValue[], options: BootstrapOptions = {}): Estimate =>
  pairAgreementOfVotes(votesByUnit(reliabilityTable(values)), options);

/** The same of a table whose votes are counted already. */
export const pairAgreementOfVotes = (votes: VotesByUnit, options: BootstrapOptions = {}): Estimate => {
  const apart = disagreements(votes, null);
  return estimateWithInterval(
    votes.clusters,
    (times) => {
      let couples = 0;
      let disagreeing = 0;
      for (let u = 0; u < apart.length; u++) {
        const count = times[votes.cluster[u]!]!;
        const annotators = votes.annotators[u]!;
        couples += count * annotators * (annotators - 1);
        disagreeing += count * apart[u]!;
      }
      return couples === 0 ? null : 1 - disagreeing / couples;
    },
    options,
  );
};
