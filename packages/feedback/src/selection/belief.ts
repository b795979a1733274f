/** @file What a model believes about rewards before anybody has judged: their means, and how they vary together. */
import { sigmoid } from '@plaudit/contract';

/**
 * The belief about one response's reward, a Gaussian. The covariance of two rewards is the inner product of their vectors:
 * for a linear head with the columns φ and the posterior precision Λ = L Lᵀ the vector is L⁻¹ φ, so that φᵢᵀ Λ⁻¹ φⱼ is one
 * product. An empty vector is a reward that is known.
 */
export interface ResponseBelief {
  /** Mean of the reward, a logit. */
  readonly reward: number;
  readonly vector: Float32Array;
}

/**
 * The belief that draws from a posterior, or the members of an ensemble, leave: their mean, and the vector whose products
 * are the covariances over the draws (divided by their number).
 *
 * @param rewards Of one response, by draw; every response has the draws in the same order
 */
export const beliefOfDraws = (rewards: readonly number[]): ResponseBelief => {
  if (rewards.length === 0) throw new RangeError('no draws leave no belief');
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const scale = 1 / Math.sqrt(rewards.length);
  return { reward: mean, vector: Float32Array.from(rewards, (reward) => (reward - mean) * scale) };
};

/** The belief about how far one response leads another. */
export interface Gap {
  readonly mean: number;
  readonly variance: number;
}

/** Variance of a reward by itself. */
export const varianceOf = ({ vector }: ResponseBelief): number => {
  let sum = 0;
  for (let j = 0; j < vector.length; j++) sum += vector[j]! * vector[j]!;
  return sum;
};

export const gapOf = (a: ResponseBelief, b: ResponseBelief): Gap => {
  let variance = 0;
  for (let j = 0; j < a.vector.length; j++) variance += (a.vector[j]! - b.vector[j]!) ** 2;
  return { mean: a.reward - b.reward, variance };
};

/** p (1 - p) of the preference at the mean gap: the Fisher information that one judgement has about the gap. */
export const informationOf = ({ mean }: Gap): number => {
  const p = sigmoid(mean);
  return p * (1 - p);
};
