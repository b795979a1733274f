/** @file How batches lie: which rows predict which tokens, which tokens belong to which response. */
import { Random } from '@plaudit/contract';
import { type EncodedTree, planBatches } from '@plaudit/reward';
import { describe, expect, it } from 'vitest';
import { layBatch, membership, policySizes } from './rows.ts';

const random = new Random(5);
/** Token ids that are all different, so that a place shows in what it holds. */
let next = 10;
const ids = (count: number): number[] => Array.from({ length: count }, () => next++);
const trees = Array.from(
  { length: 6 },
  (_, index): EncodedTree => ({
    index,
    tokens: {
      prompt: ids(1 + random.integer(20)),
      responses: Array.from({ length: 1 + (index % 3) }, () => ids(1 + random.integer(9))),
    },
  }),
);
const numbers = (tensor: { readonly data: unknown }): number[] =>
  Array.from(tensor.data as BigInt64Array, Number);

describe.each([32, 10_000])('conversations in batches of %i tokens', (tokensPerBatch) => {
  const plans = planBatches(trees, tokensPerBatch);

  it('have every token of every response as a target, behind the token before it', () => {
    const seen = plans.flatMap((plan) => {
      const laid = layBatch(plan);
      const flat = numbers(laid.feeds.ids!);
      const positions = numbers(laid.feeds.positions!);
      const rows = numbers(laid.feeds['target.rows']!);
      const targets = numbers(laid.feeds['target.ids']!);
      expect([laid.targets, laid.tokens]).toEqual([targets.length, flat.length]);
      plan.trees.forEach(({ tokens: { prompt, responses } }, tree) => {
        responses.forEach((response, k) => {
          const { first, count } = laid.places[tree]![k]!;
          expect(targets.slice(first, first + count)).toEqual(response);
          const before = [prompt.at(-1)!, ...response.slice(0, -1)];
          const own = rows.slice(first, first + count);
          expect(own.map((row) => flat[row])).toEqual(before);
          expect(own.map((row) => positions[row])).toEqual(response.map((_, i) => prompt.length - 1 + i));
        });
      });
      return targets;
    });
    const all = trees.flatMap(({ tokens }) => tokens.responses.flat());
    expect(seen.sort((a, b) => a - b)).toEqual(all.sort((a, b) => a - b));
  });

  it('say which targets belong to which response: each to one', () => {
    for (const plan of plans) {
      const laid = layBatch(plan);
      const matrix = membership(laid);
      const lengths = plan.trees.flatMap(({ tokens }) => tokens.responses.map(({ length }) => length));
      const row = (response: number): Float32Array =>
        matrix.subarray(response * laid.targets, (response + 1) * laid.targets);
      expect(lengths.map((_, response) => row(response).reduce((a, b) => a + b, 0))).toEqual(lengths);
      let first = 0;
      lengths.forEach((length, response) => {
        expect(row(response).indexOf(1)).toBe(first);
        expect(row(response).lastIndexOf(1)).toBe(first + length - 1);
        first += length;
      });
    }
  });

  it('have the sizes that memory is predicted with', () => {
    for (const plan of plans) {
      const laid = layBatch(plan);
      const { targets, responses, tokens, trees: count } = policySizes(plan);
      expect({ targets, responses, tokens, count }).toEqual({
        targets: laid.targets,
        responses: laid.responses,
        tokens: laid.tokens,
        count: plan.trees.length,
      });
    }
  });
});
