/** @file The one-coin model: each annotator is right with one probability, and errs towards every other class alike. */
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { expectationMaximisation, type SearchOptions, type VoteModel } from './expectation-maximisation.ts';
import { annotatorAccuracies, type Fit, type LabelModel, unitPosteriors } from './label-model.ts';
import { checkPrior, logs } from './prior.ts';
import { type ClassOptions, forEachVote, type VoteTable, voteTable } from './vote-table.ts';

export interface OneCoinOptions extends ClassOptions, SearchOptions {
  /** Votes that each annotator is taken to have given before, as often right as all annotators' are. Default 1. */
  readonly smoothing?: number;
  /**
   * Probability of each class. Default: all alike; estimated, it takes up what this model cannot say, that some errors are
   * more frequent than others.
   */
  readonly prior?: readonly number[];
}

export interface OneCoin extends LabelModel, Fit {}

/**
 * Dawid and Skene's model with one number for each annotator: the better choice with few votes a person, or two classes
 * that mean the same from either side, as the two sides of a pair do.
 *
 * @throws data.bad_option for classes that do not fit the values, or a prior that does not fit the classes
 */
export const oneCoin = (values: readonly AnnotatorValue[], options: OneCoinOptions = {}): OneCoin => {
  const { smoothing = 1 } = options;
  const table = voteTable(values, options);
  const width = table.classes.length;
  const prior = checkPrior(options.prior ?? new Array<number>(width).fill(1 / width), width);
  const { posterior, fit } = expectationMaximisation(
    table,
    (current) => ({
      logPrior: logs(prior),
      evidence: evidenceOf(accuracies(table, current, smoothing), width),
    }),
    options,
  );
  return {
    classes: table.classes,
    prior,
    units: unitPosteriors(table, posterior),
    annotators: annotatorAccuracies(table, (unit, said) => posterior[unit * width + said]!),
    ...fit,
  };
};

const accuracies = (table: VoteTable, posterior: Float64Array, smoothing: number): Float64Array => {
  const width = table.classes.length;
  const right = new Float64Array(table.annotators.length);
  const votes = new Float64Array(table.annotators.length);
  forEachVote(table, (unit, annotator, said) => {
    right[annotator]! += posterior[unit * width + said]!;
    votes[annotator]!++;
  });
  // One right and one wrong vote more, so that the mean of all people is never certain.
  const mean = (sum(right) + 1) / (sum(votes) + 2);
  return right.map((of, w) => (of + smoothing * mean) / (votes[w]! + smoothing));
};

const sum = (numbers: Float64Array): number => numbers.reduce((total, one) => total + one, 0);

/** ln P(said | true) [annotators, said, true] */
const evidenceOf = (accuracy: Float64Array, width: number): VoteModel['evidence'] => {
  const evidence = new Float64Array(accuracy.length * width * width);
  accuracy.forEach((q, w) => {
    const wrong = Math.log(Math.max((1 - q) / Math.max(1, width - 1), Number.MIN_VALUE));
    evidence.fill(wrong, w * width * width, (w + 1) * width * width);
    for (let k = 0; k < width; k++) evidence[(w * width + k) * width + k] = Math.log(q);
  });
  return evidence;
};
