/** @file Does model B beat model A on the same comparisons? */
import { plauditError } from '@plaudit/contract';
import { type BootstrapOptions, differenceWithInterval, fewestClusters } from '@plaudit/feedback';
import type { Interval } from './document.ts';
import { correctness, countPrompts, pairAccuracy, type ScoredPair } from './pairs.ts';

export interface ModelComparison {
  readonly accuracyA: number;
  readonly accuracyB: number;
  /** accuracyB - accuracyA. */
  readonly difference: number;
  /** Paired 95 % interval of the difference: over resamples of whole prompts, below 10 prompts Wilson's widest. */
  readonly interval: Interval;
  /** Probability that B is ahead: the share of resamples, a draw counting one half. */
  readonly probabilityB: number;
  /** The model that is ahead over the whole interval; neither of them below 10 prompts. */
  readonly better: 'a' | 'b' | 'neither';
  readonly pairs: number;
  /** Different prompts, near-duplicates counted once: what the interval counts. */
  readonly prompts: number;
  readonly warnings: readonly string[];
}

/**
 * Compares two models pair by pair.
 *
 * @param a, b The same comparisons in the same order, scored by each model.
 * @throws reward.different_pairs, reward.too_few_pairs
 */
export const compareModels = (
  a: readonly ScoredPair[],
  b: readonly ScoredPair[],
  options: BootstrapOptions = {},
): ModelComparison => {
  if (a.length !== b.length)
    throw plauditError('reward.different_pairs', { problem: `${a.length} against ${b.length} comparisons` });
  a.forEach((pair, i) => {
    const other = b[i]!;
    if (pair.tree !== other.tree || pair.winner !== other.winner || pair.loser !== other.loser)
      throw plauditError('reward.different_pairs', { problem: `comparison ${i + 1} is not the same one` });
  });
  if (a.length === 0) throw plauditError('reward.too_few_pairs', { split: 'evaluated', pairs: 0, needed: 1 });
  const { mean, interval, positive } = differenceWithInterval(
    a,
    (pair, i) => correctness(b[i]!) - correctness(pair),
    options,
  );
  const prompts = countPrompts(a);
  const enough = prompts >= fewestClusters;
  return {
    accuracyA: pairAccuracy(a),
    accuracyB: pairAccuracy(b),
    difference: mean,
    interval,
    probabilityB: positive,
    better: enough && interval[0] > 0 ? 'b' : enough && interval[1] < 0 ? 'a' : 'neither',
    pairs: a.length,
    prompts,
    warnings: enough
      ? []
      : [
          `The comparisons come from ${prompts} different prompt${prompts === 1 ? '' : 's'}, which is too few to say which model is better; give at least ${fewestClusters}.`,
        ],
  };
};
