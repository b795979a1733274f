/** @file PPO: each token's probability may rise or fall by a share of itself, and what is beyond earns nothing. */
import { ops } from '@plaudit/engine';
import { z } from 'zod';
import { clippedRatio, clippedRatioNumber } from './clipped-ratio.ts';
import { positive } from './settings.ts';
import type { Surrogate } from './surrogate.ts';
import { sharedSettings, tokenSurrogate } from './token-surrogate.ts';

export const ppoSettings = z.strictObject({
  ...sharedSettings,
  /** TRL 0.24 `PPOConfig.cliprange` and Schulman et al. 2017 have 0.2 both ways; DAPO raises the upper one to 0.28. */
  clipLow: positive.max(1).default(0.2),
  clipHigh: positive.default(0.2),
  /** Bound of the ratio where the advantage is negative; verl has 3, TRL has none. */
  dualClip: z.number().gt(1).nullable().default(null),
});

/**
 * The clipped surrogate of `clippedRatio` with ρ = π(token) / π_old(token).
 *
 * @see Schulman et al. 2017; Yu et al. 2025 (DAPO) for bounds of different width
 */
export const ppo = (settings: z.infer<typeof ppoSettings>): Surrogate =>
  tokenSurrogate('ppo', settings, {
    inGraph: ({ logProbability, old, advantage }) =>
      clippedRatio(ops.subtract(logProbability, old), advantage, settings),
    inNumbers({ logProbability, old, advantage, weight }) {
      const tokens = logProbability.map((value, i) =>
        clippedRatioNumber(value - old[i]!, advantage[i]!, settings),
      );
      return {
        losses: tokens.map(({ loss }) => loss),
        clipped: tokens.map(({ clipped }) => clipped),
        slopes: tokens.map(({ slope }, i) => slope * weight[i]!),
      };
    },
  });
