/** @file Advantages and returns along one response: generalised advantage estimation, and rewards summed to its end. */

export interface GaeOptions {
  /** Discount of a token; TRL 0.24 `PPOConfig.gamma` has 1. */
  readonly gamma?: number;
  /** What an advantage counts of the next one; TRL 0.24 `PPOConfig.lam` has 0.95. */
  readonly lambda?: number;
}

/** One number for each token. */
export interface AdvantagesAndReturns {
  readonly advantages: Float64Array;
  /** What the values should have been: advantage plus value. */
  readonly returns: Float64Array;
}

/**
 * A_t = δ_t + γλ A_{t+1} with δ_t = r_t + γ V_{t+1} - V_t. The last token is terminal: V and A after it are 0.
 *
 * @param rewards One for each token of a response
 * @param values The value function at each token, before it is written
 * @throws RangeError where there are not as many values as rewards
 * @see Schulman et al. 2016, eq. 16
 */
export const gae = (
  rewards: ArrayLike<number>,
  values: ArrayLike<number>,
  { gamma = 1, lambda = 0.95 }: GaeOptions = {},
): AdvantagesAndReturns => {
  const { length } = rewards;
  if (values.length !== length)
    throw new RangeError(`${length} rewards and ${values.length} values are not of one response`);
  const advantages = new Float64Array(length);
  const returns = new Float64Array(length);
  let next = 0;
  let nextValue = 0;
  for (let t = length - 1; t >= 0; t--) {
    const value = values[t]!;
    next = rewards[t]! + gamma * nextValue - value + gamma * lambda * next;
    nextValue = value;
    advantages[t] = next;
    returns[t] = next + value;
  }
  return { advantages, returns };
};

/**
 * The rewards from each token to the end: G_t = r_t + γ G_{t+1}. The returns of REINFORCE and, whitened over a batch, the
 * advantages of REINFORCE++ (Hu 2025).
 */
export const rewardsToGo = (rewards: ArrayLike<number>, gamma = 1): Float64Array => {
  const sums = new Float64Array(rewards.length);
  let next = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    next = rewards[t]! + gamma * next;
    sums[t] = next;
  }
  return sums;
};
