/** @file Memory before a run: whether its largest batches fit. */
import { plauditError } from '@plaudit/contract';
import type { TreeBatchPlan } from '@plaudit/reward';
import { type PolicyLoss, type PolicyNetwork, trainingBytes } from './network.ts';

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** The batches that need most: the one with most places and the one with most targets. */
const largest = (batches: readonly TreeBatchPlan[]): readonly TreeBatchPlan[] => {
  const places = ({ trees, places: { prompt, branches, response } }: TreeBatchPlan): number =>
    trees.length * (prompt + branches * response);
  const targets = ({ trees, places: { branches, response } }: TreeBatchPlan): number =>
    trees.length * branches * response;
  const most = (size: (batch: TreeBatchPlan) => number): TreeBatchPlan[] =>
    batches.length === 0 ? [] : [batches.reduce((a, b) => (size(b) > size(a) ? b : a))];
  return [...new Set([...most(places), ...most(targets)])];
};

/**
 * Predicts what a training step needs. On other devices than the processor, whose memory is not known here, nothing is
 * refused.
 *
 * @param available Bytes that are free
 * @returns Bytes beside the program
 * @throws policy.memory_short
 */
export const requireMemory = async (
  { base, options }: Pick<PolicyNetwork, 'base' | 'options'>,
  loss: PolicyLoss,
  batches: readonly TreeBatchPlan[],
  available: number = process.availableMemory(),
): Promise<number> => {
  const bytes = await trainingBytes(base, options, loss, largest(batches));
  if (options.provider === 'cpu' && bytes > available)
    throw plauditError('policy.memory_short', {
      needed: gibibytes(bytes),
      available: gibibytes(available),
    });
  return bytes;
};
