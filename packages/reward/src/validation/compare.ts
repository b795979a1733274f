/** @file Does model B beat model A on the same comparisons? */
import { plauditError } from '@plaudit/contract';
import { type BootstrapOptions, clusterBootstrap } from './bootstrap.ts';
import type { Interval } from './document.ts';
import { correctness, pairAccuracy, type ScoredPair } from './pairs.ts';

export interface ModelComparison {
  readonly accuracyA: number;
  readonly accuracyB: number;
  /** accuracyB - accuracyA. */
  readonly difference: number;
  /** Paired 95 % interval of the difference, over resamples of whole prompts. */
  readonly interval: Interval;
  /** Share of resamples in which B is ahead, a draw counting one half. */
  readonly probabilityB: number;
  /** The model that is ahead over the whole interval. */
  readonly better: 'a' | 'b' | 'neither';
  readonly pairs: number;
}

/**
 * Compares two models pair by pair.
 *
 * @param a, b The same comparisons in the same order, scored by each model.
 * @throws reward.different_pairs
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
  const { mean, interval, positive } = clusterBootstrap(
    a,
    (pair, i) => correctness(b[i]!) - correctness(pair),
    options,
  );
  return {
    accuracyA: pairAccuracy(a),
    accuracyB: pairAccuracy(b),
    difference: mean,
    interval,
    probabilityB: positive,
    better: interval[0] > 0 ? 'b' : interval[1] < 0 ? 'a' : 'neither',
    pairs: a.length,
  };
};
