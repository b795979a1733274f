/** @file Attention and cross-entropy against their formulas in float64. */
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.ts';
import { integers, open } from '../testing/run.ts';
import { attention, causalBias } from './attention.ts';
import { crossEntropy } from './loss.ts';

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
