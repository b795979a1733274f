/** @file For tests: a tiny checkpoint in a folder of the test file, conversations that it can learn from, and its network. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { type Base, openBase, type TrainedValues } from '@plaudit/reward';
import { afterAll } from 'vitest';
import { resolvePolicyConfiguration } from './configuration.ts';
import { PolicyNetwork, type PolicyNetworkOptions } from './network.ts';
import type { PolicySettings } from './settings.ts';

const fixture = new URL('../../../models/fixtures/llama', import.meta.url).pathname;

/** A folder that is removed when the test file has ended; caches of the process go there too. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plaudit-policy-'));
  const before = process.env.PLAUDIT_CACHE;
  process.env.PLAUDIT_CACHE = join(folder, 'cache');
  afterAll(() => {
    if (before === undefined) delete process.env.PLAUDIT_CACHE;
    else process.env.PLAUDIT_CACHE = before;
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};

/** Two layers of 32 with random weights, 128 tokens, one for nearly each letter, and room for long conversations. */
export const tinyCheckpoint = async (folder: string, positions = 256): Promise<string> => {
  const path = join(folder, 'tiny');
  await cp(fixture, path, { recursive: true });
  const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as object;
  await writeFile(
    join(path, 'config.json'),
    JSON.stringify({ ...config, max_position_embeddings: positions }),
  );
  return path;
};

const lettersOf = (random: Random, letters: string, count = 6): string =>
  Array.from({ length: count }, () => random.pick([...letters])).join('');

/** Prompts that are no near-duplicates. */
export const prompts = (count: number, seed: number): string[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => lettersOf(random, 'bcdfghjklmnpqrst', 8));
};

/** Rows of a rule that a tiny model can learn: the response with letters a wins. */
export const pairRows = (count: number, seed: number) => {
  const random = new Random(seed);
  return prompts(count, seed + 1000).map((prompt) => ({
    prompt,
    chosen: lettersOf(random, 'ab', 4 + random.integer(4)),
    rejected: lettersOf(random, 'cd', 4 + random.integer(4)),
  }));
};

export const pairTrees = (count: number, seed: number): PreferenceTree[] =>
  pairRows(count, seed).map(({ prompt, chosen, rejected }, i) => ({
    id: `${seed}-${i}`,
    prompt: [{ role: 'user', content: prompt }],
    responses: [chosen, rejected],
    pairs: [{ winner: 0, loser: 1, weight: 1 + (i % 3), source: 'test', segments: {} }],
    segments: {},
  }));

export const writeRows = async (path: string, rows: readonly unknown[]): Promise<string> => {
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
};

/** The share of a response's letters that are a: what a tiny policy learns in a few updates. */
export const shareOfA = (_: unknown, response: string): number =>
  response.length === 0 ? 0 : [...response].filter((letter) => letter === 'a').length / response.length;

export const tinyBase = (path: string, maxLength = 64): Promise<Base> => openBase(path, maxLength);

/** An adapter that matters: what is learned is seen against something else than 0. */
export const randomAdapter = ({ model }: Base, rank: number, seed: number, size = 0.1): TrainedValues => {
  const random = new Random(seed);
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  const sizes = { q_proj: [32, 32], v_proj: [32, 16], down_proj: [64, 32] } as const;
  for (const layer of [0, 1])
    for (const [name, [input, output]] of Object.entries(sizes)) {
      const part = name === 'down_proj' ? 'mlp' : 'self_attn';
      const module = `${model.prefix}layers.${layer}.${part}.${name}`;
      const make = (shape: readonly [number, number]) => ({
        shape,
        data: Float32Array.from({ length: shape[0] * shape[1] }, () => size * random.normal()),
      });
      values.set(`${module}.lora_A.weight`, make([rank, input]));
      values.set(`${module}.lora_B.weight`, make([output, rank]));
    }
  return values;
};

/** What `randomAdapter` adapts. */
export const adaptedTargets = ['q_proj', 'v_proj', 'down_proj'];

/** A network of a tiny model with an adapter that matters, its reference where it starts. */
export const openTiny = (base: Base, options: Partial<PolicyNetworkOptions> = {}): Promise<PolicyNetwork> =>
  PolicyNetwork.open(base, {
    method: 'lora',
    lora: { rank: 2, alpha: 4, targets: adaptedTargets, dropout: 0 },
    frozen: 'float32',
    provider: 'cpu',
    threads: 1,
    start: { seed: 1, values: randomAdapter(base, 2, 3) },
    value: false,
    reference: true,
    temperature: 1,
    weightDecay: 0,
    ...options,
  });

/** The configuration of a method for the tiny model. */
export const tinyConfiguration = (
  base: Base,
  method: Parameters<typeof resolvePolicyConfiguration>[0],
  settings: PolicySettings = {},
) =>
  resolvePolicyConfiguration(
    method,
    { threads: 1, learningRate: 0.01, ...settings },
    base.model,
    base.formatter.maxLength,
  );
