/** @file What agreement says about people and models: one annotator's accuracy, and the most a model can reach. */
import { binomialProbabilities } from '../statistics/binomial.ts';

/**
 * The accuracy q of one annotator when all are equally good, err independently of one another and no class is easier:
 * two of them agree with probability q² + (1 - q)² / (classes - 1).
 *
 * @param agreement Probability that two annotators say the same, 0 to 1; at or below chance the accuracy is that of chance.
 */
export const annotatorAccuracy = (agreement: number, classes = 2): number => {
  const square = (classes - 1) * Math.max(0, classes * agreement - 1);
  return (1 + Math.sqrt(square)) / classes;
};

/** P(the majority of some votes is right) when each is right with probability `accuracy`; a draw counts one half. */
export const majorityAccuracy = (accuracy: number, votes: number): number =>
  binomialProbabilities(votes, accuracy).reduce(
    (sum, probability, right) =>
      sum + (2 * right > votes ? probability : 2 * right === votes ? probability / 2 : 0),
    0,
  );

/** What an agreement between two annotators means where one of two answers is right. */
export interface Attainable {
  /** Also the ceiling of any model's accuracy on single judgements: a model that is always right agrees so often. */
  readonly annotatorAccuracy: number;
  /** The ceiling on majorities of three and of five. */
  readonly majorityOf3: number;
  readonly majorityOf5: number;
  /** Krippendorff's alpha at this agreement where both answers are equally frequent. */
  readonly balancedAlpha: number;
}

/**
 * What can be reached at an agreement. The usual bars for alpha, 0.667 and 0.8, do not fit preferences: people who agree on
 * 73 % of the pairs have an alpha near 0.45, are each right on 84 %, and three of them on 93 %.
 *
 * @param agreement Probability that two annotators prefer the same response, 0 to 1
 */
export const attainable = (agreement: number): Attainable => {
  const accuracy = annotatorAccuracy(agreement);
  return {
    annotatorAccuracy: accuracy,
    majorityOf3: majorityAccuracy(accuracy, 3),
    majorityOf5: majorityAccuracy(accuracy, 5),
    balancedAlpha: 2 * agreement - 1,
  };
};
