/** @file Objectives of pairs that need no reference model: CPO, SimPO and ORPO. */
import { sigmoid, softplus } from '@plaudit/contract';
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { hingeLoss, logisticLoss, squaredLoss } from './curve.ts';
import { logRatioNumbers, logRatios, pairTerms } from './pair-terms.ts';
import type { PairObjective } from './preference-objective.ts';
import { errorShare, nonnegative, positive } from './settings.ts';

export const cpoSettings = z.strictObject({
  /** TRL 1.16 `CPOConfig`: `beta` 0.1, `loss_type` sigmoid, `label_smoothing` 0, `cpo_alpha` 1. */
  beta: positive.default(0.1),
  loss: z.enum(['sigmoid', 'hinge', 'ipo']).default('sigmoid'),
  labelSmoothing: errorShare.default(0),
  supervised: nonnegative.default(1),
});

/**
 * CPO: the loss of `sigmoid`, `hinge` or `ipo` with log-probabilities in the place of log-ratios, beside the likelihood of
 * the chosen responses; per token for `ipo` only.
 *
 * @see Xu et al. 2024, eq. 3; TRL 1.16 `CPOTrainer`
 */
export const cpo = ({
  beta,
  loss,
  labelSmoothing,
  supervised,
}: z.infer<typeof cpoSettings>): PairObjective => {
  const curves = {
    sigmoid: logisticLoss(beta, { target: 1 - labelSmoothing }),
    hinge: hingeLoss(beta),
    ipo: squaredLoss(1 / (2 * beta)),
  };
  return pairTerms({
    name: 'cpo',
    needsReference: false,
    perToken: loss === 'ipo',
    supervised,
    rewardScale: beta,
    terms: [{ of: 'difference', curve: curves[loss] }],
  });
};

export const simpoSettings = z.strictObject({
  /** The paper's value; per token, so far larger than DPO's. */
  beta: positive.default(2),
  /** γ/β: the lead per token that is wanted; the authors start from 0.5. TRL's `simpo_gamma` is γ itself. */
  gammaRatio: nonnegative.default(0.5),
  labelSmoothing: errorShare.default(0),
  /** The paper has none; CPO-SimPO has 1. */
  supervised: nonnegative.default(0),
});

/**
 * SimPO: -ln σ(β (Δ - γ/β)) with Δ the chosen response's mean log-probability of a token less the rejected one's.
 *
 * @see Meng et al. 2024, eq. 6, and its repository's README; TRL 1.16 `CPOConfig.loss_type="simpo"`
 */
export const simpo = (settings: z.infer<typeof simpoSettings>): PairObjective => {
  const { beta, gammaRatio, labelSmoothing, supervised } = settings;
  return pairTerms({
    name: 'simpo',
    needsReference: false,
    perToken: true,
    supervised,
    rewardScale: beta,
    terms: [
      {
        of: 'difference',
        curve: logisticLoss(beta, { target: 1 - labelSmoothing, shift: beta * gammaRatio }),
      },
    ],
  });
};

export const orpoSettings = z.strictObject({
  /** Weight of the odds ratio, λ in the paper; TRL 1.16 `ORPOConfig.beta` has 0.1. */
  beta: positive.default(0.1),
  /** Weight of the likelihood; the paper's loss has 1. */
  supervised: nonnegative.default(1),
});

/** A mean log-probability of a token nearer to 0 than this counts as this: at 0 the odds are infinite. */
const surest = 1e-7;
const mean = { needsReference: false, perToken: true };

/** ln(p / (1 - p)) of p = e^x for x < 0; with t = tanh(-x/2), 1 - e^x is 2t / (1 + t) without cancellation. */
const logOdds = (x: Tensor): Tensor => {
  const unsure = ops.maximum(ops.negate(x), surest);
  const t = ops.tanh(ops.multiply(unsure, 0.5));
  const complement = ops.divide(ops.multiply(t, 2), ops.add(t, 1));
  return ops.negate(ops.add(unsure, ops.log(complement)));
};

const logOddsNumber = (x: number): { readonly value: number; readonly slope: number } => {
  const unsure = Math.max(-x, surest);
  const complement = -Math.expm1(-unsure);
  return { value: -unsure - Math.log(complement), slope: -x > surest ? 1 / complement : 0 };
};

/**
 * ORPO: -β ln σ(ln odds(chosen) - ln odds(rejected)) with the odds of p = e^(mean log-probability of a token), beside the
 * likelihood of the chosen responses.
 *
 * @see Hong et al. 2024, eq. 4 and 7; TRL 1.16 `ORPOTrainer`
 */
export const orpo = ({ beta, supervised }: z.infer<typeof orpoSettings>): PairObjective => ({
  kind: 'pairs',
  name: 'orpo',
  needsReference: false,
  supervised,
  loss(inputs) {
    const { chosen, rejected } = logRatios(mean, inputs);
    return ops.multiply(ops.softplus(ops.subtract(logOdds(rejected), logOdds(chosen))), beta);
  },
  evaluate(inputs) {
    const means = logRatioNumbers(mean, inputs);
    const pairs = means.chosen.map((value, i) => {
      const chosen = logOddsNumber(value);
      const rejected = logOddsNumber(means.rejected[i]!);
      const behind = rejected.value - chosen.value;
      const slope = beta * sigmoid(behind);
      return {
        loss: beta * softplus(behind),
        chosen: (-slope * chosen.slope) / Math.max(inputs.chosenTokens[i]!, 1),
        rejected: (slope * rejected.slope) / Math.max(inputs.rejectedTokens[i]!, 1),
      };
    });
    return {
      losses: pairs.map(({ loss }) => loss),
      chosen: pairs.map(({ chosen }) => chosen),
      rejected: pairs.map(({ rejected }) => rejected),
    };
  },
  impliedReward: (logProbability, _reference, tokens) => (beta * logProbability) / Math.max(tokens, 1),
});
