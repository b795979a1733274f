/** @file AOT: not pair by pair but distribution against distribution, the k-th smallest of one with that of the other. */
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { logisticLoss } from './curve.ts';
import { logRatioReward, referencedSettings } from './pair-terms.ts';
import type { PairClosedForm, PairInputs, PairObjective } from './preference-objective.ts';
import { errorShare } from './settings.ts';

export const aotSettings = z.strictObject({
  ...referencedSettings,
  /** As in `sigmoid`; TRL 1.16 has 0. */
  labelSmoothing: errorShare.default(0),
});

/** Place of each number in ascending order, int64 [n]; equal ones in the order that they have. @param x float32 [n] */
const ranksOf = (x: Tensor): Tensor => {
  const n = x.shape[0]!;
  const places = ops.range(x.graph, 0, n);
  const across = (values: Tensor): Tensor => ops.reshape(values, [1, n]);
  const down = (values: Tensor): Tensor => ops.reshape(values, [n, 1]);
  const before = ops.or(
    ops.less(across(x), down(x)),
    ops.and(ops.equal(across(x), down(x)), ops.less(across(places), down(places))),
  );
  return ops.cast(ops.reduceSum(ops.cast(before, 'float32'), [1]), 'int64');
};

/** The numbers in ascending order, with a gradient. */
const sorted = (x: Tensor): Tensor => ops.scatterAdd(ranksOf(x), x, x.shape);

/** Indices in ascending order of their numbers. */
const orderOf = (numbers: readonly number[]): number[] =>
  numbers.map((_, i) => i).sort((a, b) => numbers[a]! - numbers[b]! || a - b);

/** Two numbers for each pair, of which those of the first are to be larger, distribution against distribution. */
interface Compared<T> {
  readonly first: T;
  readonly second: T;
}

/**
 * The loss of the k-th smallest of the first less the k-th smallest of the second, given to the pair that has the former.
 */
const transport = (
  name: string,
  { beta, labelSmoothing, supervised }: z.infer<typeof aotSettings>,
  compared: (inputs: PairInputs<Tensor>) => Compared<Tensor>,
  comparedNumbers: (inputs: PairInputs<readonly number[]>) => Compared<readonly number[]>,
  /** Derivatives by the policy's log-probabilities from those by what is compared. */
  slopes: (by: Compared<readonly number[]>) => Pick<PairClosedForm, 'chosen' | 'rejected'>,
): PairObjective => {
  const curve = logisticLoss(beta, { target: 1 - labelSmoothing });
  return {
    kind: 'pairs',
    name,
    needsReference: true,
    supervised,
    loss(inputs) {
      const { first, second } = compared(inputs);
      return curve.tensor(ops.subtract(first, ops.gather(sorted(second), ranksOf(first))));
    },
    evaluate(inputs) {
      const { first, second } = comparedNumbers(inputs);
      const losses = new Array<number>(first.length).fill(0);
      const by = { first: [...losses], second: [...losses] };
      const others = orderOf(second);
      orderOf(first).forEach((one, rank) => {
        const other = others[rank]!;
        const lead = first[one]! - second[other]!;
        losses[one] = curve.value(lead);
        by.first[one] = curve.slope(lead);
        by.second[other] = -curve.slope(lead);
      });
      return { losses, ...slopes(by) };
    },
    impliedReward: logRatioReward(beta),
  };
};

/**
 * AOT for pairs: by how much the policy, and by how much the reference, prefers the chosen responses; both sorted over
 * the batch. The loss is of a batch, not of its pairs, so it matters how an update is cut into batches.
 *
 * @see Melnyk et al. 2024; TRL 1.16 `aot`
 */
export const aot = (settings: z.infer<typeof aotSettings>): PairObjective =>
  transport(
    'aot',
    settings,
    ({ chosen, rejected, referenceChosen, referenceRejected }) => ({
      first: ops.subtract(chosen, rejected),
      second: ops.subtract(referenceChosen, referenceRejected),
    }),
    ({ chosen, rejected, referenceChosen, referenceRejected }) => ({
      first: chosen.map((value, i) => value - rejected[i]!),
      second: referenceChosen.map((value, i) => value - referenceRejected[i]!),
    }),
    ({ first }) => ({ chosen: first, rejected: first.map((slope) => -slope) }),
  );

/**
 * AOT for responses of which only the sort is known: log-ratios of the chosen ones, and of the rejected ones, sorted over
 * the batch.
 *
 * @see Melnyk et al. 2024; TRL 1.16 `aot_unpaired`
 */
export const aotUnpaired = (settings: z.infer<typeof aotSettings>): PairObjective =>
  transport(
    'aot_unpaired',
    settings,
    ({ chosen, rejected, referenceChosen, referenceRejected }) => ({
      first: ops.subtract(chosen, referenceChosen),
      second: ops.subtract(rejected, referenceRejected),
    }),
    ({ chosen, rejected, referenceChosen, referenceRejected }) => ({
      first: chosen.map((value, i) => value - referenceChosen[i]!),
      second: rejected.map((value, i) => value - referenceRejected[i]!),
    }),
    ({ first, second }) => ({ chosen: first, rejected: second }),
  );
