/** @file Statistics of right or wrong: McNemar's exact test of two models, and the area under the ROC curve. */
import { averageRanks } from './rank-correlation.ts';

/**
 * McNemar's exact test: the two-sided probability of a split at least as uneven as this one if both models were equally
 * often right where they disagree. Items have to be independent; several items of one prompt are not, and there the paired
 * cluster bootstrap of `compareModels` is the honest answer.
 *
 * @param onlyA, onlyB Items that only model A, and only model B, got right.
 * @see McNemar 1947; exact binomial form as in Agresti 2013, sec. 11.1
 */
export const mcnemarExact = (onlyA: number, onlyB: number): number => {
  const n = onlyA + onlyB;
  const few = Math.min(onlyA, onlyB);
  if (2 * few === n) return 1;
  // The largest term first, in logs: 2^-n alone would underflow from 1075 items on.
  let logTerm = -n * Math.LN2;
  for (let k = 1; k <= few; k++) logTerm += Math.log((n - few + k) / k);
  let term = 1;
  let sum = 0;
  for (let k = few; k >= 0 && term > 0; k--) {
    sum += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * sum * Math.exp(logTerm));
};

/**
 * Area under the ROC curve: the probability that a right item scores above a wrong one, equal scores counting one half.
 * Null where all are right or all are wrong.
 *
 * @see Mann and Whitney 1947
 */
export const rocAuc = (scores: readonly number[], right: readonly boolean[]): number | null => {
  const positives = right.reduce((sum, is) => sum + (is ? 1 : 0), 0);
  const negatives = right.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const ranks = averageRanks(scores);
  const rankSum = right.reduce((sum, is, i) => sum + (is ? ranks[i]! : 0), 0);
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
};
