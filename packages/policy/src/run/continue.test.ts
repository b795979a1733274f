/** @file Policies that go on from policies: as the adapter that they are, with the value function that they have. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensorsHeader } from '@plaudit/models';
import { describe, expect, it } from 'vitest';
import { openPolicy, readPolicyCard } from '../trainer/files.ts';
import type { PolicySettings } from '../trainer/settings.ts';
import { generateResponses } from './generate.ts';
import { tinyRuns } from './testing.ts';

const quick: PolicySettings = { threads: 1, learningRate: 0.01, maxLength: 64, rank: 4 };
const offline: PolicySettings = { epochs: 2, batchSize: 100 };
const online: PolicySettings = { steps: 2, promptsPerStep: 3, maxNewTokens: 5, heldOut: 2, evaluateEvery: 1 };

const { at, train } = tinyRuns();

const write = (out: string) =>
  generateResponses(at(out), at('prompts.jsonl'), { maxNewTokens: 4, threads: 1, seed: 1 });

describe('a policy that goes on from a policy', () => {
  it('is the same adapter, whose reference is where it starts, and keeps its value function', async () => {
    await train('chain 1', 'sft', { ...quick, ...offline });
    const { rank: _, ...settings } = { ...quick, ...online };
    const second = await train('chain 2', 'ppo', settings, { policy: at('chain 1') });
    expect(second.configuration.lora).toMatchObject({ rank: 4, alpha: 8 });
    expect(second.start).toMatchObject({ kl: 0 });
    const value = await readFile(join(at('chain 2'), 'value.safetensors'));
    const third = await train(
      'chain 3',
      'ppo',
      { ...settings, learningRate: 1e-30 },
      { policy: at('chain 2') },
    );
    expect((await readFile(join(at('chain 3'), 'value.safetensors'))).equals(value)).toBe(true);
    expect(third.start).toMatchObject({ kl: 0 });
    const card = await readPolicyCard(at('chain 3'));
    expect(card!.lineage.methods).toEqual(['sft', 'ppo', 'ppo']);
    expect((await write('chain 3')).results.map(({ responses }) => responses)).toEqual(
      (await write('chain 2')).results.map(({ responses }) => responses),
    );
  });

  it('from nothing is trained with every weight, and can get an adapter later', async () => {
    const { rank: _, ...every } = quick;
    const first = await train('made', 'sft', { ...every, ...offline, learningRate: 1e-3 }, { policy: 'new' });
    expect(first.configuration).toMatchObject({ training: 'full', lora: null });
    const second = await train('made ppo', 'ppo', { ...every, ...online }, { policy: at('made') });
    expect(second.configuration.training).toBe('full');
    expect(second.start).toMatchObject({ kl: 0 });
    const { tensors } = await readSafetensorsHeader(join(at('made ppo'), 'model.safetensors'));
    expect([...tensors.keys()].some((name) => name.startsWith('plaudit'))).toBe(false);
    const third = await train(
      'made adapter',
      'ppo',
      { ...quick, ...online, full: false },
      { policy: at('made ppo') },
    );
    expect(third.configuration.training).toBe('lora');
    expect(third.start).toMatchObject({ kl: 0 });
    const { lineage } = (await readPolicyCard(at('made adapter')))!;
    expect(lineage.methods).toEqual(['sft', 'ppo', 'ppo']);
    expect((await openPolicy(at('made adapter'), undefined)).base.path).toBe(at('made ppo'));
    expect((await write('made adapter')).results).toHaveLength(10);
  });
});
