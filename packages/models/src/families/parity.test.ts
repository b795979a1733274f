/** @file Every family against the numbers that Python's transformers gives for the same tiny random checkpoints. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import { compile, EngineWorker, type TensorValues } from '@plaudit/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoint } from '../checkpoint/index.ts';
import { type Batch, rowBatch, treeBatch } from '../transformer/layout.ts';
import { headWeight, linearWeightNames, type ScoreGraph, scoreGraph } from '../transformer/score-graph.ts';
import { floatWeights, int8Weights } from '../transformer/source.ts';
import { readModel } from './index.ts';

interface Expected {
  readonly input_ids: number[][];
  readonly attention_mask: number[][];
  readonly token_type_ids?: number[][];
  readonly last_hidden_state: number[][][];
  readonly logits?: number[][][];
  readonly pooler_output?: number[][];
  readonly score_weight: number[][];
  readonly score_bias?: number[];
  readonly scores: number[];
}

const folder = (name: string): string => new URL(`../../fixtures/${name}`, import.meta.url).pathname;
const int64 = (values: readonly number[]) => ({
  dtype: 'int64' as const,
  shape: [values.length],
  data: BigInt64Array.from(values.map(BigInt)),
});
const largestDifference = (found: ArrayLike<number>, expected: readonly number[]): number => {
  expect(found.length).toBe(expected.length);
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - found[i]!)), 0);
};

let worker: EngineWorker;
let cache: string;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  cache = await mkdtemp(join(tmpdir(), 'plaudit-parity-'));
});
afterAll(async () => {
  await worker.stop();
  await rm(cache, { recursive: true });
});

const load = async (name: string) => {
  const expected = JSON.parse(readFileSync(join(folder(name), 'expected.json'), 'utf8')) as Expected;
  const checkpoint = await openCheckpoint(folder(name));
  const model = readModel(checkpoint.config);
  const source = await floatWeights(checkpoint, cache);
  const kept = <T>(values: readonly T[], row: number): T[] =>
    values.filter((_, i) => expected.attention_mask[row]![i] === 1);
  const head: TensorValues = {
    [headWeight(model)]: {
      dtype: 'float32',
      shape: [1, model.hiddenSize],
      data: Float32Array.from(expected.score_weight[0]!),
    },
    ...(expected.score_bias
      ? { 'classifier.bias': { dtype: 'float32', shape: [1], data: Float32Array.from(expected.score_bias) } }
      : {}),
  };
  return { expected, checkpoint, model, source, kept, head };
};

const scoresOf = async (built: ScoreGraph, batch: Batch, head: TensorValues): Promise<number[]> => {
  const session = await worker.open(compile({ rewards: built.rewards }));
  const { rewards } = await session.run({
    ...batch.feeds,
    ...head,
    'score.rows': int64(batch.scoreRows.flat()),
  });
  await session.close();
  return Array.from(rewards!.data as Float32Array);
};

describe.each(['llama', 'llama-untied', 'gpt2'])('%s', (name) => {
  it('gives the hidden states, logits and scores of transformers', async () => {
    const { expected, model, source, kept, head } = await load(name);
    const split = 1;
    for (const paddingSide of ['left', 'right'] as const) {
      const trees = expected.input_ids.map((ids, row) => {
        const tokens = kept(ids, row);
        return { prompt: tokens.slice(0, split), responses: [tokens.slice(split)] };
      });
      const places = { prompt: 4, branches: 1, response: 7 };
      const batch = treeBatch(trees, places, { paddingSide });
      const built = scoreGraph(model, { source });
      const states = model.finish(built.weights, model.body(built.weights, built.layout));
      const session = await worker.open(
        compile({ states, logits: model.logits!(built.weights, states), rewards: built.rewards }),
      );
      const result = await session.run({
        ...batch.feeds,
        ...head,
        'score.rows': int64(batch.scoreRows.flat()),
      });
      const rowsOf = (output: 'states' | 'logits', width: number, row: number): number[] => {
        const data = result[output]!.data as Float32Array;
        const tokens = kept(expected.input_ids[row]!, row).length;
        const first = batch.scoreRows[row]![0]! + 1 - tokens;
        return Array.from(data.subarray(first * width, (first + tokens) * width));
      };
      trees.forEach((_, row) => {
        const states = kept(expected.last_hidden_state[row]!, row).flat();
        const logits = kept(expected.logits![row]!, row).flat();
        expect(largestDifference(rowsOf('states', model.hiddenSize, row), states)).toBeLessThan(1e-4);
        expect(largestDifference(rowsOf('logits', model.vocabularySize, row), logits)).toBeLessThan(1e-4);
      });
      expect(largestDifference(result.rewards!.data as Float32Array, expected.scores)).toBeLessThan(1e-4);
      await session.close();
    }
  });

  it('scores a response the same with and without its siblings, and whatever the padding', async () => {
    const { model, source, head } = await load(name);
    const prompt = [5, 9, 17, 30, 11];
    const responses = [[40, 41, 42], [7], [60, 61, 62, 63, 64]];
    const built = scoreGraph(model, { source });
    const together = await scoresOf(
      built,
      treeBatch([{ prompt, responses }], { prompt: 5, branches: 3, response: 5 }),
      head,
    );
    const padded = await scoresOf(
      built,
      treeBatch([{ prompt, responses }], { prompt: 16, branches: 4, response: 9 }, { paddingSide: 'left' }),
      head,
    );
    const apart = await Promise.all(
      responses.map(async (response) => {
        const batch = treeBatch([{ prompt, responses: [response] }], {
          prompt: prompt.length,
          branches: 1,
          response: response.length,
        });
        return (await scoresOf(built, batch, head))[0]!;
      }),
    );
    expect(largestDifference(together, apart)).toBeLessThan(1e-5);
    expect(largestDifference(padded, apart)).toBeLessThan(1e-5);
  });

  it('keeps the order of scores with int8 weights', async () => {
    const { checkpoint, model, source, head } = await load(name);
    const int8 = await int8Weights(checkpoint, source, linearWeightNames(model, source), cache);
    const trees = [{ prompt: [5, 9, 17, 30, 11], responses: [[40, 41, 42], [7], [60, 61, 62, 63, 64]] }];
    const batch = treeBatch(trees, { prompt: 5, branches: 3, response: 5 });
    const exact = await scoresOf(scoreGraph(model, { source }), batch, head);
    const rounded = await scoresOf(scoreGraph(model, { source: int8 }), batch, head);
    const spread = Math.max(...exact) - Math.min(...exact);
    expect(largestDifference(rounded, exact)).toBeLessThan(0.25 * spread);
    expect(rounded).not.toEqual(exact);
  });
});

describe('one base with several adapters', () => {
  it('serves each from one session, and without an adapter it is the base', async () => {
    const { model, source, head } = await load('llama');
    const lora = { rank: 2, alpha: 4, targets: model.loraTargets, dropout: 0 };
    const built = scoreGraph(model, { source, lora });
    const random = new Random(3);
    const adapter = (size: number): TensorValues =>
      Object.fromEntries(
        [...built.weights.trained.values()]
          .filter(({ name }) => name.includes('.lora_'))
          .map(({ name, shape }) => {
            const length = shape.reduce((a, b) => a * b, 1);
            const data = Float32Array.from({ length }, () => random.normal() * size);
            return [name, { dtype: 'float32', shape, data }];
          }),
      );
    const batch = treeBatch(
      [
        {
          prompt: [5, 9, 17],
          responses: [
            [40, 41],
            [7, 8, 9],
          ],
        },
      ],
      {
        prompt: 3,
        branches: 2,
        response: 3,
      },
    );
    const session = await worker.open(compile({ rewards: built.rewards }));
    const rewards = async (values: TensorValues): Promise<number[]> => {
      const rows = int64(batch.scoreRows.flat());
      const result = await session.run({ ...batch.feeds, ...head, ...values, 'score.rows': rows });
      return Array.from(result.rewards!.data as Float32Array);
    };
    const [first, second] = [adapter(0.2), adapter(0.2)];
    const before = await rewards(first);
    expect(largestDifference(await rewards(second), before)).toBeGreaterThan(1e-3);
    expect(await rewards(first)).toEqual(before);
    const bare = await scoresOf(scoreGraph(model, { source }), batch, head);
    expect(largestDifference(await rewards(adapter(0)), bare)).toBeLessThan(1e-6);
    await session.close();
  });
});

describe('bert', () => {
  it('gives the hidden states, pooled output and scores of transformers', async () => {
    const { expected, model, source, kept, head } = await load('bert');
    for (const paddingSide of ['left', 'right'] as const) {
      const length = 9;
      const rows = expected.input_ids.map((ids, row) => ({
        ids: kept(ids, row),
        types: kept(expected.token_type_ids![row]!, row),
      }));
      const batch = rowBatch(rows, length, { paddingSide });
      const built = scoreGraph(model, { source });
      const states = model.body(built.weights, built.layout);
      const session = await worker.open(compile({ states, rewards: built.rewards }));
      const result = await session.run({
        ...batch.feeds,
        ...head,
        'score.rows': int64(batch.scoreRows.flat()),
      });
      const data = result.states!.data as Float32Array;
      rows.forEach(({ ids }, row) => {
        const first = batch.scoreRows[row]![0]!;
        const found = data.subarray(first * model.hiddenSize, (first + ids.length) * model.hiddenSize);
        const wanted = kept(expected.last_hidden_state[row]!, row).flat();
        expect(largestDifference(found, wanted)).toBeLessThan(1e-4);
      });
      expect(largestDifference(result.rewards!.data as Float32Array, expected.scores)).toBeLessThan(1e-4);
      await session.close();
    }
  });
});
