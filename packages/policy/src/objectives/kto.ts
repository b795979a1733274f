/** @file Objectives of labelled responses that bound what one response can bring: KTO, and APO-zero without pairs. */
import { sigmoid } from '@plaudit/contract';
import { ops } from '@plaudit/engine';
import { z } from 'zod';
import { logRatioReward } from './pair-terms.ts';
import type { LabelObjective } from './preference-objective.ts';
import { nonnegative, positive } from './settings.ts';

export const ktoSettings = z.strictObject({
  /** TRL 1.16 `KTOConfig`: `beta` 0.1, both weights 1. Weights are to make up for labels of unequal number. */
  beta: positive.default(0.1),
  desirableWeight: nonnegative.default(1),
  undesirableWeight: nonnegative.default(1),
  supervised: nonnegative.default(0),
});
type KtoSettings = z.infer<typeof ktoSettings>;

/** w σ(∓β (u - z)) with the log-ratio u and, where there is a baseline, z = max(0, baseline). */
const prospect = (
  name: string,
  baselineOf: 'mismatched-divergence' | 'none',
  { beta, desirableWeight, undesirableWeight, supervised }: KtoSettings,
): LabelObjective => ({
  kind: 'labels',
  name,
  baseline: baselineOf,
  supervised,
  loss({ policy, reference, desirable, baseline }) {
    const ratio = ops.subtract(policy, reference);
    const lead = baselineOf === 'none' ? ratio : ops.subtract(ratio, ops.maximum(baseline, 0));
    const against = ops.subtract(1, ops.multiply(desirable, 2));
    const weight = ops.add(ops.multiply(desirable, desirableWeight - undesirableWeight), undesirableWeight);
    return ops.multiply(ops.sigmoid(ops.multiply(ops.multiply(lead, against), beta)), weight);
  },
  evaluate({ policy, reference, desirable, baseline }) {
    const responses = policy.map((value, i) => {
      const against = 1 - 2 * desirable[i]!;
      const weight = desirable[i]! * (desirableWeight - undesirableWeight) + undesirableWeight;
      const origin = baselineOf === 'none' ? 0 : Math.max(0, baseline[i]!);
      const z = against * beta * (value - reference[i]! - origin);
      return {
        loss: weight * sigmoid(z),
        slope: weight * against * beta * sigmoid(z) * sigmoid(-z),
      };
    });
    return {
      losses: responses.map(({ loss }) => loss),
      policy: responses.map(({ slope }) => slope),
    };
  },
  impliedReward: logRatioReward(beta),
});

/**
 * KTO: 1 - σ(β (u - z)) for desirable responses, 1 - σ(β (z - u)) for undesirable ones, with the log-ratio u and the
 * divergence z from the reference, estimated on prompts paired with other prompts' responses and not below 0.
 *
 * @see Ethayarajh et al. 2024; TRL 1.16 `KTOTrainer`
 */
export const kto = (settings: KtoSettings): LabelObjective =>
  prospect('kto', 'mismatched-divergence', settings);

/**
 * APO-zero without pairs: KTO with a divergence of 0.
 *
 * @see D'Oosterlinck et al. 2024, eq. 7; TRL 1.16 `apo_zero_unpaired`
 */
export const apoZeroUnpaired = (settings: KtoSettings): LabelObjective =>
  prospect('apo_zero_unpaired', 'none', settings);
