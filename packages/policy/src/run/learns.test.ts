/** @file Whether policies learn what they are rewarded for. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PolicySettings } from '../trainer/settings.ts';
import {
  pairRows,
  prompts,
  shareOfA,
  temporaryFolder,
  tinyCheckpoint,
  writeRows,
} from '../trainer/testing.ts';
import { trainPolicy } from './train.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
let base: string;
beforeAll(async () => {
  base = await tinyCheckpoint(folder);
  await writeRows(at('pairs.jsonl'), pairRows(60, 1));
  await writeRows(
    at('prompts.jsonl'),
    prompts(24, 2).map((prompt) => ({ prompt })),
  );
});

const quick: PolicySettings = { threads: 1, learningRate: 0.01, maxLength: 64, rank: 4 };

describe('a reward for one letter', () => {
  it.each([
    ['ppo', { promptsPerStep: 16, innerEpochs: 2 }],
    ['rloo', { samples: 4, promptsPerStep: 4 }],
    ['reinforce', { promptsPerStep: 16 }],
    ['grpo', { samples: 4, promptsPerStep: 4 }],
    ['online-dpo', { samples: 4, promptsPerStep: 4 }],
    ['best-of-n', { samples: 4, promptsPerStep: 4 }],
  ] as const)(
    'rises on prompts that %s did not train on, and so does the divergence',
    async (method, settings) => {
      const { start, kept, drift } = await trainPolicy({
        method,
        policy: base,
        prompts: [at('prompts.jsonl')],
        reward: shareOfA,
        out: at(method),
        seed: 1,
        settings: {
          ...quick,
          steps: 12,
          maxNewTokens: 6,
          heldOut: 8,
          evaluateEvery: 12,
          schedule: 'constant',
          ...settings,
        },
      });
      expect(kept!.reward).toBeGreaterThan(start!.reward + 0.1);
      expect(kept!.kl).toBeGreaterThan(start!.kl);
      expect(Array.isArray(drift)).toBe(true);
    },
  );
});

describe('judgements', () => {
  it.each(['dpo', 'simpo', 'cpo', 'orpo', 'kto', 'bco'])(
    'teach %s which response is the better one',
    async (method) => {
      const { lastRecord } = await trainPolicy({
        method,
        policy: base,
        data: [at('pairs.jsonl')],
        out: at(method),
        seed: 1,
        settings: { ...quick, epochs: 2, batchSize: method === 'kto' || method === 'bco' ? 40 : 20 },
      });
      expect(lastRecord!.validationAccuracy).toBe(1);
      expect(lastRecord!.margin).toBeGreaterThan(0);
    },
  );

  it('teach supervised fine-tuning what the better responses are made of', async () => {
    const settings = { ...quick, epochs: 3, batchSize: 20, evaluateEvery: 1 };
    const losses: number[] = [];
    await trainPolicy({
      method: 'sft',
      policy: base,
      data: [at('pairs.jsonl')],
      out: at('sft'),
      settings,
      onRecord: ({ validationLoss }) => validationLoss !== undefined && losses.push(validationLoss),
    });
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!);
  });
});
