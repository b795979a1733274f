/** @file For tests: what Python's transformers wrote with the tiny checkpoints, and log-probabilities without a cache. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineWorker, ops, type TensorValues } from '@plaudit/engine';
import { type Recorded, runGraph } from '../families/testing.ts';
import { treeBatch } from '../transformer/layout.ts';
import { type ScoreGraphOptions, scoreGraph } from '../transformer/score-graph.ts';

/** Written by `scripts/fixtures/generated.py`. */
interface Written {
  readonly prompts: number[][];
  readonly greedy: number[][];
  readonly repetition_penalty: number;
  readonly penalised: number[][];
}

export const causalFamilies = [
  'llama',
  'llama-untied',
  'llama3',
  'mistral',
  'qwen2',
  'qwen3',
  'gemma2',
  'gpt-neox',
  'gpt-neox-serial',
  'gpt2',
];

const fixture = (...parts: string[]): unknown =>
  JSON.parse(readFileSync(join(new URL('../../fixtures', import.meta.url).pathname, ...parts), 'utf8'));

export const writtenBy = (name: string): Written => fixture(name, 'generated.json') as Written;

/** Distributions that the processors of transformers leave of the same logits. */
export const recordedSampling = fixture('sampling.json') as {
  readonly logits: number[];
  readonly seen: number[];
  readonly cases: readonly { readonly options: Record<string, number>; readonly probabilities: number[] }[];
};

/**
 * Log-probabilities by one pass over the whole conversation.
 * @returns Of each token of the response those of the vocabulary
 */
export const uncached = async (
  worker: EngineWorker,
  { model, source }: Pick<Recorded, 'model' | 'source'>,
  prompt: readonly number[],
  response: readonly number[],
  options: Partial<ScoreGraphOptions> = {},
  feeds: TensorValues = {},
): Promise<Float32Array[]> => {
  const { weights, layout } = scoreGraph(model, { source, ...options });
  const states = model.finish(weights, model.body(weights, layout));
  const all = ops.logSoftmax(
    model.logits!(weights, ops.gather(states, layout.ids.graph.tensors.get('score.rows')!)),
  );
  const places = { prompt: prompt.length, branches: 1, response: response.length };
  const batch = treeBatch([{ prompt, responses: [response] }], places);
  const rows = response.map((_, i) => prompt.length - 1 + i);
  const found = await runGraph(worker, { all }, { ...batch, scoreRows: [rows] }, feeds);
  const size = model.vocabularySize;
  return rows.map((_, i) => found.all!.subarray(i * size, (i + 1) * size));
};
