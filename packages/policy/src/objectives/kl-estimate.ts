/** @file Estimates of the divergence of a policy from its reference by the one token that was sampled. */
import { ops, type Tensor } from '@plaudit/engine';
import { clamp, clampNumber, farthestLogRatio } from './clamp.ts';

/**
 * With d = ln(reference / policy) of a token that the policy sampled: k1 = -d, unbiased, of either sign; k2 = d²/2, biased,
 * small variance; k3 = e^d - d - 1, unbiased, never negative.
 *
 * In a loss it is the gradient that counts, and on samples of the policy itself k2 has the divergence's gradient in
 * expectation, k1's is 0, and k3's is that of the divergence the other way round.
 *
 * @see Schulman 2020, Approximating KL divergence; Tang and Munos 2025, on gradients of the estimates
 */
export type KlEstimator = 'k1' | 'k2' | 'k3';
export const klEstimators = ['k1', 'k2', 'k3'] as const satisfies readonly KlEstimator[];

/** Of one token, in nats; k3 cuts d off at 20 either way. @param logProbability Under the policy that sampled it */
export const klEstimate = (estimator: KlEstimator, logProbability: number, reference: number): number => {
  const d = reference - logProbability;
  if (estimator === 'k1') return -d;
  if (estimator === 'k2') return (d * d) / 2;
  const { value } = clampNumber(d, -farthestLogRatio, farthestLogRatio);
  return Math.max(0, Math.expm1(value) - value);
};

/** Its derivative by the policy's log-probability. */
export const klEstimateSlope = (
  estimator: KlEstimator,
  logProbability: number,
  reference: number,
): number => {
  const d = reference - logProbability;
  if (estimator === 'k1') return 1;
  if (estimator === 'k2') return -d;
  const { value, slope } = clampNumber(d, -farthestLogRatio, farthestLogRatio);
  return -slope * Math.expm1(value);
};

/** The same in a graph. @param logProbability float32 [tokens] @param reference float32 [tokens] */
export const klEstimateTensor = (
  estimator: KlEstimator,
  logProbability: Tensor,
  reference: Tensor,
): Tensor => {
  const d = ops.subtract(reference, logProbability);
  if (estimator === 'k1') return ops.negate(d);
  if (estimator === 'k2') return ops.multiply(ops.multiply(d, d), 0.5);
  const held = clamp(d, -farthestLogRatio, farthestLogRatio);
  return ops.subtract(ops.subtract(ops.exp(held), held), 1);
};
