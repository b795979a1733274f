/** @file What each token weighs in an update's loss: by tokens, by responses, or by a length that is the same for all. */

/**
 * `token`: alike for all tokens of the update (DAPO, Yu et al. 2025); `response`: responses alike, and tokens within one
 * (GRPO, Shao et al. 2024); `fixed`: tokens alike, and divided by the responses times a length that does not depend on
 * what was sampled, so that the length of a response changes nothing for its tokens (Dr. GRPO, Liu et al. 2025).
 */
export type TokenNormalisation = 'token' | 'response' | { readonly fixed: number };

/**
 * Weights of the tokens of an update, over all its batches. They add up to 1 for `token`, to the share of responses that
 * have tokens for `response` (TRL counts the others too), and to the mean length over the fixed one for `fixed`.
 *
 * @param lengths Tokens of each response of the update
 * @returns For each response the weights of its tokens
 */
export const tokenWeights = (
  lengths: readonly number[],
  normalisation: TokenNormalisation,
): Float64Array[] => {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const weightIn = (length: number): number => {
    if (normalisation === 'token') return 1 / tokens;
    return 1 / (lengths.length * (normalisation === 'response' ? length : normalisation.fixed));
  };
  return lengths.map((length) => new Float64Array(length).fill(length > 0 ? weightIn(length) : 0));
};
