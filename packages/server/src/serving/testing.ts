/** @file For the tests of serving: small models that are trained in seconds, and a bare server around routes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { simulate, writeJudgements } from '@plaudit/feedback';
import { trainRewardModel } from '@plaudit/reward';
import { afterAll } from 'vitest';
import type { WorkItem } from './protocol.ts';

/** A tiny Llama with random weights and a chat template. */
const tinyLlama = fileURLToPath(new URL('../../../models/fixtures/llama', import.meta.url));

/** A folder that is removed when the test file has ended; caches go there too. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plaudit-serving-'));
  process.env.PLAUDIT_CACHE = join(folder, 'cache');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

const study = simulate({
  prompts: 120,
  responsesPerPrompt: 4,
  comparisons: 400,
  seed: 1,
  annotators: { count: 8, noise: 0.5 },
});

/** Simulated comparisons in a file of the folder. */
const comparisonsIn = async (folder: string): Promise<string> => {
  const file = join(folder, 'comparisons.jsonl');
  await writeJudgements(file, study.comparisons);
  return file;
};

/** Trains a linear model in a second. @returns its folder */
export const trainLinear = async (folder: string, name: string, seed = 1): Promise<string> => {
  const out = join(folder, name);
  await trainRewardModel({ data: [await comparisonsIn(folder)], kind: 'linear', out, seed });
  return out;
};

/** Trains an adapter and a head on the tiny Llama for two batches. @returns its folder */
export const trainTransformer = async (folder: string, name: string): Promise<string> => {
  const out = join(folder, name);
  await trainRewardModel({
    data: [await comparisonsIn(folder)],
    kind: 'transformer',
    out,
    seed: 1,
    settings: { base: tinyLlama, rank: 2, epochs: 0.1, maxLength: 128, threads: 1 },
  });
  return out;
};

/** The tiny Llama with room for longer conversations, as a policy. @returns its folder */
export const tinyPolicy = async (folder: string): Promise<string> => {
  const path = join(folder, 'policy');
  await cp(tinyLlama, path, { recursive: true });
  const config = JSON.parse(await readFile(join(path, 'config.json'), 'utf8')) as object;
  await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 256 }));
  return path;
};

/** Conversations of the study, each with two responses. */
export const studyItems: readonly WorkItem[] = study.comparisons
  .slice(0, 60)
  .map(({ prompt, responses }): WorkItem => ({ prompt, responses: [...responses], truncation: 'left' }));

export const item = (prompt: string, ...responses: string[]): WorkItem => ({
  prompt: [{ role: 'user', content: prompt }],
  responses,
  truncation: 'error',
});
