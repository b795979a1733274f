/**
 * @file The objectives of DPO's family that look at one number: by how much more the chosen response's log-probability has
 * risen over the reference than the rejected one's.
 */
import { sigmoid, softplus } from '@plaudit/contract';
import { ops } from '@plaudit/engine';
import { z } from 'zod';
import { type Curve, hingeLoss, logisticLoss, squaredLoss } from './curve.ts';
import { type PairTerms, pairTerms, referencedSettings } from './pair-terms.ts';
import type { PairObjective } from './preference-objective.ts';
import { errorShare } from './settings.ts';

/** A curve of Δ, the chosen response's log-ratio less the rejected one's. */
const ofDifference = (
  name: string,
  { beta, supervised }: { readonly beta: number; readonly supervised: number },
  curve: Curve,
  more: Partial<PairTerms> = {},
): PairObjective =>
  pairTerms({
    name,
    needsReference: true,
    perToken: false,
    supervised,
    rewardScale: beta,
    terms: [{ of: 'difference', curve }],
    ...more,
  });

export const sigmoidSettings = z.strictObject({
  ...referencedSettings,
  /** Probability that a label is wrong, taken into the target (conservative DPO); TRL 0.24 has 0. */
  labelSmoothing: errorShare.default(0),
});

/**
 * DPO: -(1 - ε) ln σ(βΔ) - ε ln σ(-βΔ).
 *
 * @see Rafailov et al. 2023, eq. 7; Mitchell 2023 (conservative DPO) for ε
 */
export const dpo = (settings: z.infer<typeof sigmoidSettings>): PairObjective =>
  ofDifference('sigmoid', settings, logisticLoss(settings.beta, { target: 1 - settings.labelSmoothing }));

/** `sigmoid` with Δ of log-ratios per token. @see TRL 1.16 `sigmoid_norm` */
export const dpoPerToken = (settings: z.infer<typeof sigmoidSettings>): PairObjective =>
  ofDifference(
    'sigmoid_norm',
    settings,
    logisticLoss(settings.beta, { target: 1 - settings.labelSmoothing }),
    { perToken: true },
  );

export const robustSettings = z.strictObject({
  ...referencedSettings,
  /** Probability that a label was flipped; the paper's usual value. At 0 this is `sigmoid`. */
  flipRate: errorShare.default(0.1),
});

/**
 * Robust DPO: (-(1 - φ) ln σ(βΔ) + φ ln σ(-βΔ)) / (1 - 2φ), whose mean over labels flipped with probability φ is the loss
 * on clean ones. It has no lower bound.
 *
 * @see Chowdhury et al. 2024; TRL 1.16 `robust`
 */
export const robustDpo = (settings: z.infer<typeof robustSettings>): PairObjective =>
  ofDifference(
    'robust',
    settings,
    logisticLoss(settings.beta, { target: (1 - settings.flipRate) / (1 - 2 * settings.flipRate) }),
  );

export const plainSettings = z.strictObject(referencedSettings);
type PlainSettings = z.infer<typeof plainSettings>;

/** max(0, 1 - βΔ). @see Zhao et al. 2023 (SLiC-HF); Liu et al. 2024 (RSO); TRL 1.16 `hinge` */
export const hingeDpo = (settings: PlainSettings): PairObjective =>
  ofDifference('hinge', settings, hingeLoss(settings.beta));

/**
 * IPO: (Δ - 1/(2β))² with log-ratios per token, as TRL takes them after asking the authors.
 *
 * @see Azar et al. 2024, eq. 17, where β is τ; TRL 1.16 `ipo`
 */
export const ipo = (settings: PlainSettings): PairObjective =>
  ofDifference('ipo', settings, squaredLoss(1 / (2 * settings.beta)), { perToken: true });

export const exoSettings = z.strictObject({
  ...referencedSettings,
  /** ε of the target; the paper's value. At 0 the loss would be infinite. */
  labelSmoothing: z.number().positive().lt(0.5).default(1e-3),
});

/** σ(z)(ln σ(z) - ln(1 - ε)) + σ(-z)(ln σ(-z) - ln ε) with z = scale x: a divergence from the target, the reverse way. */
const reverseDivergence = (scale: number, epsilon: number): Curve => {
  const [likely, unlikely] = [Math.log1p(-epsilon), Math.log(epsilon)];
  return {
    tensor(x) {
      const z = ops.multiply(x, scale);
      const against = ops.negate(z);
      return ops.add(
        ops.multiply(ops.sigmoid(z), ops.subtract(ops.logSigmoid(z), likely)),
        ops.multiply(ops.sigmoid(against), ops.subtract(ops.logSigmoid(against), unlikely)),
      );
    },
    value(x) {
      const z = scale * x;
      return sigmoid(z) * (-softplus(-z) - likely) + sigmoid(-z) * (-softplus(z) - unlikely);
    },
    // ln σ(z) - ln σ(-z) is z.
    slope: (x) => scale * sigmoid(scale * x) * sigmoid(-scale * x) * (scale * x - likely + unlikely),
  };
};

/**
 * EXO for pairs: the divergence of (σ(βΔ), σ(-βΔ)) from (1 - ε, ε).
 *
 * @see Ji et al. 2024, eq. 16; TRL 1.16 `exo_pair`
 */
export const exoPair = (settings: z.infer<typeof exoSettings>): PairObjective =>
  ofDifference('exo_pair', settings, reverseDivergence(settings.beta, settings.labelSmoothing));

export const discopopSettings = z.strictObject({
  ...referencedSettings,
  /** Temperature of the switch between the two losses; the paper's value. Above 1 the loss could overflow. */
  tau: z.number().positive().max(1).default(0.05),
});

/** (1 - σ(z/τ)) softplus(-z) + σ(z/τ) e^-z with z = scale x; the last product as one exponential, which cannot overflow. */
const logRatioModulated = (scale: number, tau: number): Curve => {
  const exponential = (z: number): number => Math.exp(-z - softplus(-z / tau));
  return {
    tensor(x) {
      const z = ops.multiply(x, scale);
      const sharp = ops.multiply(z, -1 / tau);
      return ops.add(
        ops.multiply(ops.sigmoid(sharp), ops.softplus(ops.negate(z))),
        ops.exp(ops.negate(ops.add(z, ops.softplus(sharp)))),
      );
    },
    value: (x) => sigmoid((-scale * x) / tau) * softplus(-scale * x) + exponential(scale * x),
    slope(x) {
      const z = scale * x;
      const against = sigmoid(-z / tau);
      const switching = (against * sigmoid(z / tau)) / tau;
      return (
        scale * (-switching * softplus(-z) - against * sigmoid(-z) + exponential(z) * (against / tau - 1))
      );
    },
  };
};

/**
 * DiscoPOP: between the logistic loss, where Δ is negative, and the exponential one, where it is positive.
 *
 * @see Lu et al. 2024, eq. 5; TRL 1.16 `discopop`
 */
export const discopop = (settings: z.infer<typeof discopopSettings>): PairObjective =>
  ofDifference('discopop', settings, logRatioModulated(settings.beta, settings.tau));
