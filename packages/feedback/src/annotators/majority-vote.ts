/** @file The two baselines that any model of annotators has to beat: the majority, and the majority of those who agree with it. */
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { voteShares } from './expectation-maximisation.ts';
import {
  type AnnotatorAccuracy,
  annotatorAccuracies,
  type LabelModel,
  unitPosteriors,
} from './label-model.ts';
import { classShares } from './prior.ts';
import { type ClassOptions, forEachVote, type VoteTable, voteTable } from './vote-table.ts';

/**
 * Each class's share of the votes on a unit. An annotator's accuracy here is the agreement with the others' votes; one who
 * was always alone is taken to be right as often as chance.
 *
 * @throws data.bad_option for classes that do not fit the values
 */
export const majorityVote = (values: readonly AnnotatorValue[], options: ClassOptions = {}): LabelModel => {
  const table = voteTable(values, options);
  return modelOf(table, voteShares(table), againstOthers(table));
};

export interface WeightedAnnotator extends AnnotatorAccuracy {
  /** Share of the votes that follow the majority: what each of them counts. */
  readonly weight: number;
}

/**
 * Worker agreement with aggregate: a majority in which each vote counts as much as its annotator agrees with the majority.
 * Where that is split, agreeing with either side counts by its share.
 *
 * @throws data.bad_option for classes that do not fit the values
 */
export const wawa = (
  values: readonly AnnotatorValue[],
  options: ClassOptions = {},
): LabelModel<WeightedAnnotator> => {
  const table = voteTable(values, options);
  const width = table.classes.length;
  const weights = agreementWithMajority(table, voteShares(table));
  const shares = new Float64Array(table.units.length * width);
  const totals = new Float64Array(table.units.length);
  forEachVote(table, (unit, annotator, said) => {
    shares[unit * width + said]! += weights[annotator]!;
    totals[unit]! += weights[annotator]!;
  });
  const even = voteShares(table);
  const posterior = shares.map((share, at) => {
    const unit = Math.floor(at / width);
    // Known classes stay; of people who never follow the majority all count alike.
    return table.gold[unit]! >= 0 || totals[unit] === 0 ? even[at]! : share / totals[unit]!;
  });
  const { annotators, ...model } = modelOf(table, posterior, againstOthers(table));
  return { ...model, annotators: annotators.map((one, w) => ({ ...one, weight: weights[w]! })) };
};

const modelOf = (
  table: VoteTable,
  posterior: Float64Array,
  isRight: (unit: number, said: number) => number,
): LabelModel => ({
  classes: table.classes,
  prior: [...classShares(posterior, table.classes.length)],
  units: unitPosteriors(table, posterior),
  annotators: annotatorAccuracies(table, isRight),
});

/** The share of the other votes on a unit that say the same; of a known class, whether it is that. */
const againstOthers = (table: VoteTable): ((unit: number, said: number) => number) => {
  const width = table.classes.length;
  const counts = new Int32Array(table.units.length * width);
  forEachVote(table, (unit, _, said) => counts[unit * width + said]!++);
  return (unit, said) => {
    if (table.gold[unit]! >= 0) return table.gold[unit] === said ? 1 : 0;
    const others = table.starts[unit + 1]! - table.starts[unit]! - 1;
    return others === 0 ? 1 / width : (counts[unit * width + said]! - 1) / others;
  };
};

const agreementWithMajority = (table: VoteTable, shares: Float64Array): Float64Array => {
  const width = table.classes.length;
  const agreeing = new Float64Array(table.annotators.length);
  const votes = new Float64Array(table.annotators.length);
  forEachVote(table, (unit, annotator, said) => {
    const of = shares.subarray(unit * width, (unit + 1) * width);
    const most = of.reduce((best, share) => Math.max(best, share), 0);
    const tied = of.filter((share) => share > most - 1e-12).length;
    agreeing[annotator]! += of[said]! > most - 1e-12 ? 1 / tied : 0;
    votes[annotator]!++;
  });
  return agreeing.map((of, w) => of / votes[w]!);
};
