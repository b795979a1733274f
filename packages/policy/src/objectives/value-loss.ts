/** @file The loss of the value function: squared error, with the change since sampling clipped. */
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { clamp, clampNumber, shareOfLarger } from './clamp.ts';
import { parseSettings, positive } from './settings.ts';
import type { ValueInputs } from './surrogate.ts';

const valueLossSettings = z.strictObject({
  /** How far a value may move from the one at sampling; null for any distance. TRL 0.24 `cliprange_value` has 0.2. */
  clip: positive.nullable().default(0.2),
});

/** A loss of values with its settings filled in. The trainer multiplies it by its coefficient (TRL `vf_coef` 0.1). */
export interface ValueLoss {
  /**
   * @param inputs float32 [tokens] each
   * @returns float32 [] each: the batch's share of the loss, and of the tokens, by weight, that were clipped
   */
  loss(inputs: ValueInputs<Tensor>): { readonly loss: Tensor; readonly clipped: Tensor };
  /** The same in closed form, with dLoss/d(value). */
  evaluate(inputs: ValueInputs<readonly number[]>): {
    readonly loss: number;
    readonly clipped: number;
    readonly value: readonly number[];
  };
}

/**
 * Sum over tokens of weight times ½ max((v - R)², (clip(v, v_old - ε, v_old + ε) - R)²).
 *
 * @see OpenAI baselines `ppo2`; TRL 0.24 `PPOTrainer`
 * @throws policy.bad_configuration
 */
export const valueLoss = (given: unknown = {}): ValueLoss => {
  const { clip } = parseSettings(valueLossSettings, given);
  return {
    loss({ value, oldValue, return: target, weight }) {
      const squared = (values: Tensor): Tensor => {
        const error = ops.subtract(values, target);
        return ops.multiply(error, error);
      };
      const total = (values: Tensor): Tensor => ops.reduceSum(ops.multiply(values, weight));
      const plain = squared(value);
      if (clip === null) return { loss: ops.multiply(total(plain), 0.5), clipped: value.graph.constant(0) };
      const held = squared(clamp(value, ops.subtract(oldValue, clip), ops.add(oldValue, clip)));
      return {
        loss: ops.multiply(total(ops.maximum(plain, held)), 0.5),
        clipped: total(ops.cast(ops.greater(held, plain), 'float32')),
      };
    },
    evaluate({ value, oldValue, return: target, weight }) {
      const reach = clip ?? Number.POSITIVE_INFINITY;
      let loss = 0;
      let clipped = 0;
      const slopes = value.map((own, i) => {
        const bounded = clampNumber(own, oldValue[i]! - reach, oldValue[i]! + reach);
        const error = own - target[i]!;
        const heldError = bounded.value - target[i]!;
        const share = shareOfLarger(error ** 2, heldError ** 2);
        loss += (weight[i]! * Math.max(error ** 2, heldError ** 2)) / 2;
        if (heldError ** 2 > error ** 2) clipped += weight[i]!;
        return weight[i]! * (share * error + (1 - share) * heldError * bounded.slope);
      });
      return { loss, clipped, value: slopes };
    },
  };
};
