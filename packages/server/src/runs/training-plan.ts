/** @file What a training over HTTP may ask for: the same settings as the command, without a way to the server's files. */
import { trainingSettings } from '@plaudit/reward';
import { z } from 'zod';

/** A new model, one of a hub, or a folder below the store's `models`: no other path of the server. */
const base = z
  .string()
  .max(300)
  .regex(
    /^(new|hf:[\w.-]+\/[\w.-]+|models(\/[\w][\w.-]*)+)$/,
    'it is new, hf:ORGANISATION/NAME or models/NAME',
  );

const share = z.number().gt(0).lt(1);

export const trainingPlan = z.strictObject({
  kind: z.literal('reward.train'),
  name: z.string().min(1).max(200),
  snapshot: z.string().max(200).describe('Id or tag'),
  model: z.enum(['linear', 'probe', 'transformer']).default('linear'),
  seed: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).default(0),
  fractions: z
    .strictObject({ validation: share, test: share })
    .refine(({ validation, test }) => validation + test < 1, 'nothing would be left to train on')
    .default({ validation: 0.1, test: 0.2 }),
  limitPairs: z.number().int().positive().optional(),
  despiteGates: z.boolean().default(false).describe('Train although gates that it requires failed'),
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

/** What is kept with the run, and what its process reads: the plan with the id of its snapshot. */
export const runConfig = trainingPlan.omit({ name: true, kind: true });

export const trainingKind = 'reward.train';

/** The tag of runs that are jobs of a server; those of commands have none. */
export const jobTag = 'plaudit.job';
