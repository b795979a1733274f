/** @file The plan of a reward model's training: the settings of the command, without a way to the server's files. */
import { trainingSettings } from '@plaudit/reward';
import { z } from 'zod';
import { base, despiteGates, fractions, runName, seed, snapshotName } from './shared.ts';

export const rewardTrain = z.strictObject({
  kind: z.literal('reward.train'),
  name: runName,
  snapshot: snapshotName,
  model: z.enum(['linear', 'probe', 'transformer']).default('linear'),
  members: z
    .number()
    .int()
    .min(2)
    .max(16)
    .optional()
    .describe('Trains an ensemble of so many, with the seeds seed, seed + 1 and so on'),
  seed,
  fractions,
  limitPairs: z.number().int().positive().optional(),
  despiteGates,
  settings: trainingSettings
    .omit({ provider: true, threads: true })
    .extend({
      base: base.optional(),
      objective: z
        .union([z.string().regex(/^[a-z][a-z0-9-]*$/), z.record(z.string(), z.unknown())])
        .optional(),
    })
    .default({}),
});
