/** @file Every method from files to a saved policy that writes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyRecord } from '../trainer/record.ts';
import type { PolicySettings } from '../trainer/settings.ts';
import { generateResponses } from './generate.ts';
import { tinyRuns } from './testing.ts';

const quick: PolicySettings = { threads: 1, learningRate: 0.01, maxLength: 64, rank: 4 };
const offline: PolicySettings = { epochs: 2, batchSize: 100 };
const online: PolicySettings = { steps: 2, promptsPerStep: 3, maxNewTokens: 5, heldOut: 2, evaluateEvery: 1 };

const { at, train } = tinyRuns();

/** Every number in a document, by its path. */
const numbersOf = (value: unknown, path = ''): [string, number][] => {
  if (typeof value === 'number') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => numbersOf(part, `${path}.${name}`));
};

const recordsOf = async (out: string): Promise<unknown[]> =>
  (await readFile(join(at(out), 'training.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

const write = (out: string) =>
  generateResponses(at(out), at('prompts.jsonl'), { maxNewTokens: 4, threads: 1, seed: 1 });

describe('a run', () => {
  it.each([
    ['sft', 'sft', offline],
    ['sft beside int8', 'sft', { ...offline, int8: true }],
    ['dpo', 'dpo', offline],
    ['simpo', 'simpo', offline],
    ['cpo', 'cpo', offline],
    ['orpo', 'orpo', offline],
    ['kto', 'kto', offline],
    ['bco', 'bco', offline],
    ['ppo', 'ppo', online],
    ['ppo with every weight', 'ppo', { ...online, full: true }],
    ['rloo', 'rloo', online],
    ['reinforce', 'reinforce', online],
    ['grpo', 'grpo', { ...online, samples: 3, kl: 0.1 }],
    ['grpo of sequences', 'grpo', { ...online, samples: 3, importance: 'sequence', normalisation: 'length' }],
    ['online-dpo', 'online-dpo', online],
    ['best-of-n', 'best-of-n', { ...online, samples: 3 }],
  ] as const)('of %s ends with finite records and a policy that writes', async (name, method, given) => {
    const { rank: _, ...every } = quick;
    const settings: PolicySettings = { ...('full' in given ? every : quick), ...given };
    const document = await train(name, method, settings);
    const { training } = document.configuration;
    expect((await readdir(at(name))).sort()).toEqual(
      [
        ...(training === 'lora'
          ? ['adapter_config.json', 'adapter_model.safetensors']
          : ['model.safetensors']),
        ...(method === 'ppo' ? ['value.safetensors'] : []),
        'chat_template.jinja',
        'config.json',
        'held-out.jsonl',
        'plaudit.json',
        'report.html',
        'report.json',
        'tokenizer.json',
        'tokenizer_config.json',
        'training.jsonl',
      ].sort(),
    );
    expect((await readdir(at('.'))).filter((entry) => entry.includes('partial'))).toEqual([]);
    const records = (await recordsOf(name)).map((record) => policyRecord.parse(record));
    expect(records.map(({ step }) => step)).toEqual([1, 2]);
    for (const [path, value] of [...numbersOf(document), ...numbersOf(records)])
      expect(Number.isFinite(value), path).toBe(true);
    expect(JSON.parse(await readFile(join(at(name), 'report.json'), 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(document)),
    );
    if ('steps' in given) {
      expect(document.start).toMatchObject({ kl: 0 });
      expect(document.kept).toEqual(records[1]!.heldOut);
      expect(records[0]!.rollout).toMatchObject({ kl: 0, klSampled: 0 });
    }
    const { results } = await write(name);
    expect(results).toHaveLength(10);
    for (const [path, value] of numbersOf(results)) expect(Number.isFinite(value), path).toBe(true);
  });

  it('gives the same bits for the same seed, other bits for another', async () => {
    const weights = async (out: string, seed: number): Promise<Buffer> => {
      await train(out, 'grpo', { ...quick, ...online, samples: 2 }, { seed });
      return readFile(join(at(out), 'adapter_model.safetensors'));
    };
    const first = await weights('seed 1', 1);
    expect((await weights('seed 1 again', 1)).equals(first)).toBe(true);
    expect((await weights('seed 2', 2)).equals(first)).toBe(false);
  });
});
