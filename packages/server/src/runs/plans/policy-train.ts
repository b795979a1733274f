/** @file The plan of a policy's training: the settings of the command, without a way to the server's files. */
import { policyMethods, policySettings } from '@plaudit/policy';
import { z } from 'zod';
import { base, despiteGates, gold, modelId, runName, seed, snapshotName } from './shared.ts';

export const policyTrain = z.strictObject({
  kind: z.literal('policy.train'),
  name: runName,
  method: z.enum(policyMethods),
  policy: z
    .union([base, modelId])
    .describe(
      'What it starts from: new, hf:ORGANISATION/NAME, models/NAME, or the id of a registered policy',
    ),
  reward: z
    .union([modelId, gold])
    .optional()
    .describe('Methods that sample: the id of a registered reward model, or gold'),
  gold: z
    .union([modelId, gold])
    .optional()
    .describe('A second reward that is only looked at: it says when to stop'),
  snapshot: snapshotName.describe(
    'Id or tag: its judgements are learned from, or, by methods that sample, its prompts are answered',
  ),
  seed,
  despiteGates,
  settings: policySettings.omit({ provider: true, threads: true, cost: true, costLimit: true }).default({}),
});
