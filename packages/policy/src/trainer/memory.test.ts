/** @file Whether the memory that a run would need is predicted, and a run that cannot fit refused before it begins. */
import { type Base, planBatches } from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { learningTrees } from './learning-trees.ts';
import { supervisedLoss } from './losses.ts';
import { requireMemory } from './memory.ts';
import { adaptedTargets, pairTrees, temporaryFolder, tinyBase, tinyCheckpoint } from './testing.ts';

const folder = temporaryFolder();
let base: Base;
beforeAll(async () => {
  base = await tinyBase(await tinyCheckpoint(folder));
});

const options = {
  method: 'lora',
  lora: { rank: 2, alpha: 4, targets: adaptedTargets, dropout: 0 },
  frozen: 'float32',
  provider: 'cpu',
  threads: 1,
  start: { seed: 1, values: null },
  value: false,
  reference: false,
  temperature: 1,
  weightDecay: 0,
} as const;
const batches = (tokens: number) =>
  planBatches(learningTrees(pairTrees(16, 1), 'pairs', base.formatter), tokens);

describe('memory', () => {
  it('grows with the batches and is dominated by scores of the vocabulary where there are many targets', async () => {
    const small = await requireMemory({ base, options }, supervisedLoss, batches(64));
    const large = await requireMemory({ base, options }, supervisedLoss, batches(10_000));
    expect(large).toBeGreaterThan(2 * small);
    const targets = batches(10_000)[0]!.trees.flatMap(({ tokens }) => tokens.responses.flat()).length;
    expect(large).toBeGreaterThan(2 * 4 * targets * base.model.vocabularySize);
  });

  it('that is not there ends the run before it begins, and says how much would be needed', async () => {
    const needed = await requireMemory({ base, options }, supervisedLoss, batches(10_000));
    expect(await requireMemory({ base, options }, supervisedLoss, batches(10_000), needed)).toBe(needed);
    const refused = requireMemory({ base, options }, supervisedLoss, batches(10_000), needed - 1);
    await expect(refused).rejects.toMatchObject({
      code: 'policy.memory_short',
      parameters: { needed: '0.0 GiB', available: '0.0 GiB' },
    });
  });

  it('of another device is not known, and refuses nothing', async () => {
    const elsewhere = { ...options, provider: 'webgpu' } as const;
    expect(await requireMemory({ base, options: elsewhere }, supervisedLoss, batches(64), 1)).toBeGreaterThan(
      1,
    );
  });
});
