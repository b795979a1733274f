/** @file CISPO: the ratio as a bounded weight that no gradient passes, so that every token keeps its say. */
import { ops } from '@plaudit/engine';
import { z } from 'zod';
import { clamp, farthestLogRatio } from './clamp.ts';
import { positive } from './settings.ts';
import type { Surrogate } from './surrogate.ts';
import { sharedSettings, tokenSurrogate } from './token-surrogate.ts';

export const cispoSettings = z.strictObject({
  ...sharedSettings,
  /** The largest weight of a token: TRL 1.16 recommends 5 (`epsilon_high`), after Khatri et al. 2025 (ScaleRL). */
  largestRatio: positive.default(5),
});

/**
 * -w A ln π(token), with the constant w = min(π / π_old, largest). Clipped is where w is the largest.
 *
 * @see MiniMax 2025 (MiniMax-M1), who too leave the ratio free below; TRL 1.16 `loss_type="cispo"`
 */
export const cispo = (settings: z.infer<typeof cispoSettings>): Surrogate => {
  const { largestRatio } = settings;
  return tokenSurrogate('cispo', settings, {
    inGraph({ logProbability, old, advantage }) {
      const logRatio = clamp(ops.subtract(logProbability, old), -farthestLogRatio, farthestLogRatio);
      const ratio = ops.stopGradient(ops.exp(logRatio));
      return {
        losses: ops.negate(
          ops.multiply(ops.multiply(ops.minimum(ratio, largestRatio), advantage), logProbability),
        ),
        clipped: ops.cast(ops.greater(ratio, largestRatio), 'float32'),
      };
    },
    inNumbers({ logProbability, old, advantage, weight }) {
      const ratios = logProbability.map((value, i) => Math.exp(Math.min(value - old[i]!, farthestLogRatio)));
      const slopes = ratios.map((ratio, i) => -Math.min(ratio, largestRatio) * advantage[i]!);
      return {
        losses: slopes.map((slope, i) => slope * logProbability[i]!),
        clipped: ratios.map((ratio) => ratio > largestRatio),
        slopes: slopes.map((slope, i) => slope * weight[i]!),
      };
    },
  });
};
