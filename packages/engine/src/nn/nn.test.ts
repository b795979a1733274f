/** @file Attention and cross-entropy against their formulas in float64. */
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.ts';
import * as ops from '../ops/index.ts';
import { integers, open } from '../testing/run.ts';
import { attention, causalBias, windowBias } from './attention.ts';
import { cachedAttention, cachedBias } from './cached-attention.ts';
import { crossEntropy } from './loss.ts';
import { relativeBias } from './relative-attention.ts';
import { treeAttention } from './tree-attention.ts';

const random = new Random(3);
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

describe('attention', () => {
  it('with grouped queries and a causal mask is softmax(scale q kᵀ) v over what came before', async () => {
    const [length, heads] = [5, { queries: 4, keys: 2, size: 3, scale: 0.6 }];
    const graph = new Graph();
    const input = (name: string, count: number) => graph.input(name, 'float32', [length, count * heads.size]);
    const out = attention(input('q', 4), input('k', 2), input('v', 2), causalBias(graph, length), {
      rows: 1,
      length,
      heads,
    });
    const [q, k, v] = [normal(length * 12), normal(length * 6), normal(length * 6)] as const;
    const execute = await open({ out });
    const { out: found } = await execute({
      q: { data: q, shape: [length, 12] },
      k: { data: k, shape: [length, 6] },
      v: { data: v, shape: [length, 6] },
    });
    for (let at = 0; at < length; at++) {
      for (let head = 0; head < 4; head++) {
        const key = Math.floor(head / 2);
        const scores = Array.from({ length: at + 1 }, (_, j) => {
          let dot = 0;
          for (let d = 0; d < 3; d++) dot += q[at * 12 + head * 3 + d]! * k[j * 6 + key * 3 + d]!;
          return Math.exp(heads.scale * dot);
        });
        const total = scores.reduce((a, b) => a + b);
        for (let d = 0; d < 3; d++) {
          const expected = scores.reduce(
            (sum, score, j) => sum + (score / total) * v[j * 6 + key * 3 + d]!,
            0,
          );
          expect(found![at * 12 + head * 3 + d]).toBeCloseTo(expected, 5);
        }
      }
    }
  });
});

/** softmax(cap(scale q kᵀ) + bias) v of one head in float64; `seen` says which keys count. */
const oneHead = (
  [q, k, v]: readonly [Float32Array, Float32Array, Float32Array],
  size: number,
  score: (dot: number, i: number, j: number) => number,
  seen: (i: number, j: number) => boolean,
): number[] => {
  const length = q.length / size;
  const rows = Array.from({ length }, (_, i) => i);
  return rows.flatMap((i) => {
    const weights = rows.map((j) => {
      let dot = 0;
      for (let d = 0; d < size; d++) dot += q[i * size + d]! * k[j * size + d]!;
      return seen(i, j) ? Math.exp(score(dot, i, j)) : 0;
    });
    const total = weights.reduce((a, b) => a + b);
    return Array.from({ length: size }, (_, d) =>
      weights.reduce((sum, weight, j) => sum + (weight / total) * v[j * size + d]!, 0),
    );
  });
};

const expectClose = (found: Float32Array, expected: readonly number[]): void => {
  expect(found.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, 5);
  });
};

describe('attention with a window and a soft cap', () => {
  it('counts keys within the window only, their scores bent by tanh', async () => {
    const [length, size] = [6, 4];
    const heads = { queries: 1, keys: 1, size, scale: 2, softCap: 1.5 };
    const graph = new Graph();
    const input = (name: string) => graph.input(name, 'float32', [length, size]);
    const positions = graph.constant(
      Float32Array.from({ length }, (_, i) => i),
      [length],
    );
    const near = windowBias(ops.reshape(positions, [length, 1]), ops.reshape(positions, [1, length]), 3);
    const out = attention(input('q'), input('k'), input('v'), near, { rows: 1, length, heads });
    const [q, k, v] = [normal(length * size), normal(length * size), normal(length * size)] as const;
    const execute = await open({ out });
    const { out: found } = await execute(
      Object.fromEntries(
        Object.entries({ q, k, v }).map(([name, data]) => [name, { data, shape: [length, size] }]),
      ),
    );
    const bent = (dot: number): number => 1.5 * Math.tanh((2 * dot) / 1.5);
    expectClose(
      found!,
      oneHead([q, k, v], size, bent, (i, j) => Math.abs(i - j) < 3),
    );
  });

  it('reaches over a tree by positions, not by places', async () => {
    // A prompt of 3 tokens in 5 places, padded on the left, and responses of 3 and 2 tokens in 3 places.
    const size = 4;
    const heads = { queries: 1, keys: 1, size, scale: 0.5 };
    const places = { trees: 1, prompt: 5, branches: 2, response: 3 };
    const positions = [9, 9, 0, 1, 2, 3, 4, 5, 3, 4, 9];
    const graph = new Graph();
    const count = positions.length;
    const input = (name: string) => graph.input(name, 'float32', [count, size]);
    const mask = graph.constant(Float32Array.of(0, 0, 1, 1, 1), [1, 5]);
    const place = graph.constant(Float32Array.from(positions), [count]);
    const out = treeAttention(input('q'), input('k'), input('v'), mask, places, heads, {
      size: 3,
      positions: place,
    });
    const data = [normal(count * size), normal(count * size), normal(count * size)] as const;
    const execute = await open({ out });
    const { out: found } = await execute(
      Object.fromEntries(['q', 'k', 'v'].map((name, i) => [name, { data: data[i]!, shape: [count, size] }])),
    );
    for (const row of [
      [2, 3, 4, 5, 6, 7],
      [2, 3, 4, 8, 9],
    ]) {
      const own = data.map((x) =>
        Float32Array.from(row.flatMap((at) => [...x.subarray(at * size, (at + 1) * size)])),
      );
      const expected = oneHead(
        own as unknown as [Float32Array, Float32Array, Float32Array],
        size,
        (dot) => 0.5 * dot,
        (i, j) => j <= i && i - j < 3,
      );
      const part = row.flatMap((at) => [...found!.subarray(at * size, (at + 1) * size)]);
      expectClose(Float32Array.from(part), expected);
    }
  });
});

describe('relativeBias', () => {
  it.each([1, 2, 5])(
    'adds what a distance is worth to queries and to keys, in rows of %i',
    async (length) => {
      const [size, buckets, scale] = [3, 4, 0.7];
      const heads = { queries: 2, keys: 2, size, scale };
      const graph = new Graph();
      const input = (name: string, rows: number) => graph.input(name, 'float32', [rows, 2 * size]);
      const bucket = (distance: number): number => Math.min(buckets - 1, Math.max(0, distance + 1));
      const out = relativeBias(
        input('q', 2 * length),
        input('k', 2 * length),
        { keys: input('keys', buckets), queries: input('queries', buckets), bucket, maxLength: 8 },
        { rows: 2, length, heads },
      );
      const data = {
        q: normal(4 * length * size),
        k: normal(4 * length * size),
        keys: normal(2 * buckets * size),
        queries: normal(2 * buckets * size),
      };
      const execute = await open({ out });
      const { out: found } = await execute(
        Object.fromEntries(
          Object.entries(data).map(([name, x]) => [
            name,
            { data: x, shape: [x.length / (2 * size), 2 * size] },
          ]),
        ),
      );
      const dot = (a: Float32Array, i: number, b: Float32Array, j: number, head: number): number => {
        let sum = 0;
        for (let d = head * size; d < (head + 1) * size; d++)
          sum += a[i * 2 * size + d]! * b[j * 2 * size + d]!;
        return sum;
      };
      let at = 0;
      for (let row = 0; row < 2; row++)
        for (let head = 0; head < 2; head++)
          for (let i = 0; i < length; i++)
            for (let j = 0; j < length; j++) {
              const far = bucket(i - j);
              const [query, key] = [row * length + i, row * length + j];
              const expected =
                dot(data.q, query, data.keys, far, head) + dot(data.k, key, data.queries, far, head);
              expect(found![at++]).toBeCloseTo(scale * expected, 5);
            }
    },
  );
});

describe('crossEntropy', () => {
  it('is -log softmax at the target', async () => {
    const graph = new Graph();
    const logits = graph.input('logits', 'float32', [3, 7]);
    const loss = crossEntropy(logits, graph.input('targets', 'int64', [3]));
    const data = normal(21);
    const targets = [2, 0, 6];
    const execute = await open({ loss });
    const { loss: found } = await execute({ logits: { data, shape: [3, 7] }, targets: integers(targets) });
    targets.forEach((target, row) => {
      const values = [...data.subarray(row * 7, row * 7 + 7)];
      const logSum = Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0));
      expect(found![row]).toBeCloseTo(logSum - values[target]!, 5);
    });
  });
});

describe('attention to what is held', () => {
  it.each([null, 3])(
    'gives new tokens what attention over whole conversations gives them, window %s',
    async (window) => {
      const heads = { queries: 4, keys: 2, size: 3, scale: 0.6, softCap: 2 };
      const sizes = { rows: 2, chunk: 2, past: 5 };
      const lengths = [4, 2];
      const whole = lengths.map((length) => {
        const total = length + sizes.chunk;
        return { total, q: normal(total * 12), k: normal(total * 6), v: normal(total * 6) };
      });

      const graph = new Graph();
      const flat = (name: string, count: number) => graph.input(name, 'float32', [4, count * heads.size]);
      const held = (name: string) => graph.input(name, 'float32', [2, 2, 5, 3]);
      const positions = graph.input('positions', 'float32', [2, 2]);
      const bias = cachedBias(
        graph,
        graph.input('lengths', 'float32', [2]),
        sizes,
        window === null ? null : { size: window, positions },
      );
      const [q, k, v] = [flat('q', 4), flat('k', 2), flat('v', 2)] as const;
      const out = cachedAttention(q, k, v, { key: held('key'), value: held('value') }, bias, sizes, heads);
      /** Of each row the new tokens' features, one after the other. */
      const fresh = (name: 'q' | 'k' | 'v', width: number) => ({
        data: Float32Array.from(whole.flatMap((row) => [...row[name].subarray((row.total - 2) * width)])),
        shape: [4, width],
      });
      /** [rows, keys, past, size] of the others, and numbers that must not count behind them. */
      const past = (name: 'k' | 'v') => ({
        data: Float32Array.from(
          whole.flatMap((row) =>
            [0, 1].flatMap((key) =>
              [0, 1, 2, 3, 4].flatMap((position) =>
                position < row.total - 2
                  ? [...row[name].subarray(position * 6 + key * 3, position * 6 + key * 3 + 3)]
                  : [50, -50, 50],
              ),
            ),
          ),
        ),
        shape: [2, 2, 5, 3],
      });
      const execute = await open({ out });
      const { out: found } = await execute({
        q: fresh('q', 12),
        k: fresh('k', 6),
        v: fresh('v', 6),
        key: past('k'),
        value: past('v'),
        lengths: { data: Float32Array.from(lengths), shape: [2] },
        ...(window === null
          ? {}
          : { positions: { data: Float32Array.from(lengths.flatMap((n) => [n, n + 1])), shape: [2, 2] } }),
      });

      for (const [i, { total, ...row }] of whole.entries()) {
        const one = new Graph();
        const all = (name: string, count: number) => one.input(name, 'float32', [total, count * heads.size]);
        const index = one.constant(
          Float32Array.from({ length: total }, (_, at) => at),
          [total],
        );
        const near = windowBias(
          ops.reshape(index, [total, 1]),
          ops.reshape(index, [1, total]),
          window ?? total,
        );
        const full = attention(all('q', 4), all('k', 2), all('v', 2), ops.add(causalBias(one, total), near), {
          rows: 1,
          length: total,
          heads,
        });
        const wanted = await (await open({ full }))({
          q: { data: row.q, shape: [total, 12] },
          k: { data: row.k, shape: [total, 6] },
          v: { data: row.v, shape: [total, 6] },
        });
        const expected = wanted.full!.subarray((total - 2) * 12);
        expected.forEach((value, at) => {
          expect(found![i * 24 + at]).toBeCloseTo(value, 5);
        });
      }
    },
  );
});
