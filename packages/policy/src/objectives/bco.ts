/** @file BCO: a classifier of good and bad responses whose logit is the implied reward less its mean. */
import { sigmoid, softplus } from '@plaudit/contract';
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { logisticLoss } from './curve.ts';
import {
  evaluateTerms,
  logRatioNumbers,
  logRatioReward,
  logRatios,
  referencedSettings,
} from './pair-terms.ts';
import type { LabelObjective, PairObjective } from './preference-objective.ts';
import { nonnegative, positive } from './settings.ts';

export const bcoPairSettings = z.strictObject({
  ...referencedSettings,
  /** What rewards are measured from: the mean of the batch's rewards, as a constant, or 0 (TRL 1.16). */
  shift: z.enum(['batch', 'none']).default('batch'),
});

const form = { needsReference: true, perToken: false };

/**
 * BCO for pairs: -ln σ(r_w - δ) - ln σ(δ - r_l) with r = β times the log-ratio and δ the mean of the batch's rewards.
 * TRL 0.24 has a running mean of them, which the mean of the batch is where the run starts; a mean of the batch depends
 * on how an update is cut into batches.
 *
 * @see Jung et al. 2024; TRL 0.24 `bco_pair`
 */
export const bcoPair = ({ beta, supervised, shift }: z.infer<typeof bcoPairSettings>): PairObjective => ({
  kind: 'pairs',
  name: 'bco_pair',
  needsReference: true,
  supervised,
  loss(inputs) {
    const { chosen, rejected } = logRatios(form, inputs);
    const reward = (ratio: Tensor): Tensor => ops.multiply(ratio, beta);
    const [good, bad] = [reward(chosen), reward(rejected)];
    const delta = ops.stopGradient(ops.reduceMean(ops.multiply(ops.add(good, bad), 0.5)));
    const above = (r: Tensor): Tensor => (shift === 'batch' ? ops.subtract(r, delta) : r);
    return ops.add(ops.softplus(ops.negate(above(good))), ops.softplus(above(bad)));
  },
  evaluate(inputs) {
    const { chosen, rejected } = logRatioNumbers(form, inputs);
    const total = [...chosen, ...rejected].reduce((sum, ratio) => sum + beta * ratio, 0);
    const delta = shift === 'batch' ? total / (2 * chosen.length) : 0;
    return evaluateTerms(
      {
        ...form,
        terms: [
          { of: 'chosen', curve: logisticLoss(beta, { shift: delta }) },
          { of: 'rejected', curve: logisticLoss(-beta, { shift: -delta }) },
        ],
      },
      inputs,
    );
  },
  impliedReward: logRatioReward(beta),
});

export const bcoSettings = z.strictObject({
  /** TRL 0.24 `BCOConfig.beta`. */
  beta: positive.default(0.1),
  supervised: nonnegative.default(0),
});

/**
 * BCO for labels: -ln σ(±(r - δ)) with r = β times the log-ratio and δ the running mean of the rewards of responses of
 * both labels, this batch's included.
 *
 * @see Jung et al. 2024; TRL 0.24 `BCOTrainer`
 */
export const bco = ({ beta, supervised }: z.infer<typeof bcoSettings>): LabelObjective => ({
  kind: 'labels',
  name: 'bco',
  baseline: 'running-reward',
  supervised,
  loss({ policy, reference, desirable, baseline }) {
    const lead = ops.subtract(ops.multiply(ops.subtract(policy, reference), beta), baseline);
    return ops.softplus(ops.multiply(lead, ops.subtract(1, ops.multiply(desirable, 2))));
  },
  evaluate({ policy, reference, desirable, baseline }) {
    const responses = policy.map((value, i) => {
      const against = 1 - 2 * desirable[i]!;
      const z = against * (beta * (value - reference[i]!) - baseline[i]!);
      return { loss: softplus(z), slope: against * beta * sigmoid(z) };
    });
    return {
      losses: responses.map(({ loss }) => loss),
      policy: responses.map(({ slope }) => slope),
    };
  },
  impliedReward: logRatioReward(beta),
});
