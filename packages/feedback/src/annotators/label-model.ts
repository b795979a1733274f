/** @file What every model of annotators returns: a distribution over classes for each unit, and how good each person is. */
import type { Category } from '../agreement/reliability-table.ts';
import { type Interval, wilsonInterval } from '../statistics/bootstrap.ts';
import { forEachVote, type VoteTable } from './vote-table.ts';

/** What the votes on a unit say its class is. */
export interface UnitPosterior {
  readonly unit: string;
  /** The most probable class; of equally probable ones the first. */
  readonly label: Category;
  /** Of each class, in the order of the model's classes; they sum to 1. */
  readonly probabilities: readonly number[];
  readonly votes: number;
  /** The class was given and not estimated. */
  readonly gold: boolean;
}

export interface AnnotatorAccuracy {
  readonly annotator: string;
  readonly votes: number;
  /** Expected share of the votes that are right. */
  readonly accuracy: number;
  /** At 95 %; wide where the true classes are uncertain, however many votes there are. Other people's parameters count as known. */
  readonly interval: Interval;
}

export interface LabelModel<Annotator extends AnnotatorAccuracy = AnnotatorAccuracy> {
  readonly classes: readonly Category[];
  /** Share of each class among the units, as estimated or given. */
  readonly prior: readonly number[];
  readonly units: readonly UnitPosterior[];
  readonly annotators: readonly Annotator[];
}

/** How the search for a model's parameters ended. */
export interface Fit {
  /** ln P(votes), or what the method maximises instead. */
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** @param posterior [units, classes] */
export const unitPosteriors = (table: VoteTable, posterior: Float64Array): UnitPosterior[] => {
  const width = table.classes.length;
  return table.units.map((unit, u) => {
    const probabilities = [...posterior.subarray(u * width, (u + 1) * width)];
    const most = probabilities.reduce((best, p, place) => (p > probabilities[best]! ? place : best), 0);
    return {
      unit,
      label: table.classes[most]!,
      probabilities,
      votes: table.starts[u + 1]! - table.starts[u]!,
      gold: table.gold[u]! >= 0,
    };
  });
};

/**
 * Each annotator's accuracy. With p the probability that a vote is right, an accuracy m = Σp / n is known as well as from
 * n (1 - f) votes whose truth is known, where f = Σ p(1 - p) / (n m (1 - m)) is the share of information that is missing
 * because the truth is not known; the interval is Wilson's for so many.
 *
 * @param isRight P(the vote is right)
 * @see Louis 1982, "Finding the observed information matrix when using the EM algorithm"
 */
export const annotatorAccuracies = (
  table: VoteTable,
  isRight: (unit: number, said: number) => number,
): AnnotatorAccuracy[] => {
  const votes = new Int32Array(table.annotators.length);
  const right = new Float64Array(table.annotators.length);
  const uncertain = new Float64Array(table.annotators.length);
  forEachVote(table, (unit, annotator, said) => {
    const p = isRight(unit, said);
    votes[annotator]!++;
    right[annotator]! += p;
    uncertain[annotator]! += p * (1 - p);
  });
  return table.annotators.map((annotator, w) => {
    const n = votes[w]!;
    const accuracy = Math.min(1, right[w]! / n);
    const spread = n * accuracy * (1 - accuracy);
    const missing = spread > 0 ? Math.min(1, uncertain[w]! / spread) : 0;
    const known = n * (1 - missing);
    return {
      annotator,
      votes: n,
      accuracy,
      interval: known > 0 ? wilsonInterval(accuracy, known) : [0, 1],
    };
  });
};
