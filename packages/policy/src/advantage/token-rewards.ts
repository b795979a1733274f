/** @file Rewards of tokens: a response's score where it ends, less the penalty on leaving the reference. */

/**
 * -coefficient · kl_t at each token, and the score on top of the last.
 *
 * @param score Reward of the response
 * @param divergences Of each token from the reference, nats: an estimate by the sampled token, or the exact one
 * @param coefficient TRL 0.24 `PPOConfig.kl_coef` has 0.05
 * @throws RangeError for a response without tokens, whose score would be lost
 * @see Ziegler et al. 2019, eq. 2
 */
export const perTokenRewards = (
  score: number,
  divergences: ArrayLike<number>,
  coefficient: number,
): Float64Array => {
  if (divergences.length === 0)
    throw new RangeError('a response without tokens has nowhere to put its score');
  const rewards = Float64Array.from(divergences, (divergence) => -coefficient * divergence);
  rewards[rewards.length - 1]! += score;
  return rewards;
};

/** A score within bounds that lie as far on either side of 0 (OpenRLHF 0.11 `reward.clip_range` has 10). */
export const clipScore = (score: number, bound: number): number => Math.min(bound, Math.max(-bound, score));
