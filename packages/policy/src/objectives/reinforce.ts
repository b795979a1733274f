/** @file REINFORCE: log-probability times advantage, for samples of the policy as it is. */
import { ops } from '@plaudit/engine';
import { z } from 'zod';
import type { Surrogate } from './surrogate.ts';
import { sharedSettings, tokenSurrogate } from './token-surrogate.ts';

export const reinforceSettings = z.strictObject(sharedSettings);

/**
 * -A ln π(token). Nothing is clipped, so more than one update on the same samples is the caller's risk.
 *
 * @see Williams 1992; Ahmadian et al. 2024
 */
export const reinforce = (settings: z.infer<typeof reinforceSettings>): Surrogate =>
  tokenSurrogate('reinforce', settings, {
    inGraph: ({ logProbability, advantage }) => ({
      losses: ops.negate(ops.multiply(advantage, logProbability)),
      clipped: null,
    }),
    inNumbers: ({ logProbability, advantage, weight }) => ({
      losses: logProbability.map((value, i) => -advantage[i]! * value),
      clipped: logProbability.map(() => false),
      slopes: advantage.map((value, i) => -value * weight[i]!),
    }),
  });
