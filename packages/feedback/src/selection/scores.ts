/** @file Scores of a pair by its own gap: entropy, BALD, DeltaUCB and InfoMax. */
import { sigmoid, softplus } from '@plaudit/contract';
import type { Gap } from './belief.ts';
import { boundWidth, optimisticGap, type PoolPair } from './pool.ts';

/** Entropy of the preference at a gap, nats: ln(1 + eˣ) - x σ(x), at most ln 2. */
const entropyAt = (gap: number): number => {
  const x = Math.abs(gap);
  return softplus(-x) + x * sigmoid(-x);
};

/** Steps of the mean over a Gaussian, in standard deviations: for this integrand the rule of equal steps has lost 1e-7 at most. */
const step = 1 / 8;
const reach = 6;
const nodes = Array.from({ length: (2 * reach) / step + 1 }, (_, i) => i * step - reach);
const weights = nodes.map((z) => (step * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI));

/**
 * What one judgement is expected to say about the reward model, nats: the entropy of the mean preference less the mean
 * entropy, over the belief's Gaussian, which is the limit of many draws.
 *
 * @see Houlsby et al. 2011 (BALD)
 */
const informationGain = ({ mean, variance }: Gap): number => {
  const deviation = Math.sqrt(variance);
  if (deviation === 0) return 0;
  let preference = 0;
  let entropy = 0;
  for (let i = 0; i < nodes.length; i++) {
    const gap = Math.abs(mean) + deviation * nodes[i]!;
    preference += weights[i]! * sigmoid(gap);
    entropy += weights[i]! * entropyAt(gap);
  }
  const other = 1 - preference;
  const ofMean =
    preference <= 0 || other <= 0 ? 0 : -preference * Math.log(preference) - other * Math.log(other);
  return Math.max(0, ofMean - entropy);
};

/** The rules that look at one pair at a time. */
export const pairScores = {
  /** Entropy of the preference at the mean gap. */
  entropy: ({ gap }) => entropyAt(gap.mean),
  bald: ({ gap }) => informationGain(gap),
  /** @see Melikidze et al. 2026 (ActiveUltraFeedback) */
  'delta-ucb': optimisticGap,
  /** Width of the interval of the preference: σ(uᵢ - lⱼ) - σ(lᵢ - uⱼ). */
  'info-max': ({ gap, deviations }) =>
    sigmoid(gap.mean + boundWidth * deviations) - sigmoid(gap.mean - boundWidth * deviations),
} as const satisfies Record<string, (pair: PoolPair) => number>;
