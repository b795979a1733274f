/** @file The plan of a distillation: a thorough reward model teaches a quick one, which can answer in its place. */
import { trainingSettings } from '@plaudit/reward';
import { z } from 'zod';
import { base, despiteGates, fractions, modelId, runName, seed, snapshotName } from './shared.ts';

export const rewardDistil = z.strictObject({
  kind: z.literal('reward.distil'),
  name: runName,
  teacher: modelId.describe('The id of a registered reward model of any kind'),
  snapshot: snapshotName.describe('Id or tag: every response to its prompts is scored by the teacher'),
  model: z.enum(['linear', 'probe']).default('linear'),
  seed,
  fractions,
  despiteGates,
  settings: trainingSettings
    .pick({ l2: true, head: true, hidden: true, pooling: true, depth: true, rank: true, maxLength: true })
    .extend({ base: base.optional() })
    .default({}),
});
