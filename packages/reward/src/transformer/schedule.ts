/** @file Which comparisons each update of a run trains on: decided by the data and the seed alone, so a run can resume. */
import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';

/** What a tree counts in an update: its comparisons and, where responses are judged otherwise, one for two of them. */
export const sizeOf = ({ pairs, ties, rankings, ratings, labels, steps }: PreferenceTree): number => {
  const others = new Set([
    ...(rankings ?? []).flatMap(({ groups }) => groups.flat()),
    ...[...(ratings ?? []), ...(labels ?? []), ...(steps ?? [])].map(({ response }) => response),
  ]);
  const direct = pairs.reduce((sum, { impliedBy }) => sum + (impliedBy === undefined ? 1 : 0), 0);
  return direct + (ties?.length ?? 0) + Math.ceil(others.size / 2);
};

/** One update: indices of the trees it trains on. */
export type UpdatePlan = readonly number[];

/**
 * Every epoch goes through the trees in a new random order; an update takes trees until they hold `batchSize`
 * comparisons. A last part of an epoch shortens the run.
 *
 * @param sizes What each tree counts
 */
export const planUpdates = (
  sizes: readonly number[],
  { epochs, batchSize, seed }: { readonly epochs: number; readonly batchSize: number; readonly seed: number },
): UpdatePlan[] => {
  const updates: UpdatePlan[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = new Random(seed, `epoch:${epoch}`).permutation(sizes.length);
    const share = Math.min(1, epochs - epoch);
    const count = Math.max(1, Math.round(share * sizes.length));
    let open: number[] = [];
    let size = 0;
    for (const tree of order.subarray(0, count)) {
      open.push(tree);
      size += sizes[tree]!;
      if (size < batchSize) continue;
      updates.push(open);
      open = [];
      size = 0;
    }
    if (open.length > 0) updates.push(open);
  }
  return updates;
};
