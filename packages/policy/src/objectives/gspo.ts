/** @file GSPO: the clipped ratio of whole responses, so that one odd token clips nothing by itself. */
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { clippedRatio, clippedRatioNumber } from './clipped-ratio.ts';
import { positive } from './settings.ts';
import type { Surrogate } from './surrogate.ts';
import { sharedSettings, tokenSurrogate } from './token-surrogate.ts';

export const gspoSettings = z.strictObject({
  ...sharedSettings,
  /** As Zheng et al. 2025 trained; far smaller than PPO's, as a response's mean moves less than a token. */
  clipLow: positive.max(1).default(3e-4),
  clipHigh: positive.default(4e-4),
});

/** Means over each response, [responses, 1]; 0 for a response without tokens. */
const meansOf = (values: Tensor, membership: Tensor): Tensor => {
  const tokens = ops.maximum(ops.reduceSum(membership, [1], true), 1);
  return ops.divide(ops.matmul(membership, ops.reshape(values, [values.shape[0]!, 1])), tokens);
};

/**
 * The clipped surrogate of `clippedRatio` with ρ = (π(response) / π_old(response))^(1/tokens) for every token of a
 * response; 1 for tokens of none.
 *
 * @see Zheng et al. 2025 (GSPO); TRL 1.16 `importance_sampling_level="sequence"`
 */
export const gspo = (settings: z.infer<typeof gspoSettings>): Surrogate => {
  const clip = { ...settings, dualClip: null };
  return tokenSurrogate('gspo', settings, {
    inGraph({ logProbability, old, advantage, membership }) {
      const means = meansOf(ops.subtract(logProbability, old), membership);
      const ofTokens = ops.matmul(membership, means, { transA: true });
      return clippedRatio(ops.reshape(ofTokens, logProbability.shape), advantage, clip);
    },
    inNumbers({ logProbability, old, advantage, weight, membership }) {
      const sums = new Map<number, { tokens: number; sum: number; slope: number }>();
      const responseOf = (i: number) => {
        const held = sums.get(membership[i]!) ?? { tokens: 0, sum: 0, slope: 0 };
        sums.set(membership[i]!, held);
        return held;
      };
      const belongs = (i: number): boolean => membership[i]! >= 0;
      logProbability.forEach((value, i) => {
        if (!belongs(i)) return;
        const response = responseOf(i);
        response.tokens++;
        response.sum += value - old[i]!;
      });
      const tokens = advantage.map((value, i) => {
        if (!belongs(i)) return clippedRatioNumber(0, value, clip);
        const response = responseOf(i);
        const token = clippedRatioNumber(response.sum / response.tokens, value, clip);
        response.slope += weight[i]! * token.slope;
        return token;
      });
      return {
        losses: tokens.map(({ loss }) => loss),
        clipped: tokens.map(({ clipped }) => clipped),
        slopes: tokens.map((_, i) => (belongs(i) ? responseOf(i).slope / responseOf(i).tokens : 0)),
      };
    },
  });
};
