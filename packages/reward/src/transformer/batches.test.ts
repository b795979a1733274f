/** @file Batches and updates: nothing lost, nothing twice, little padding. */
import type { PreferenceTree } from '@plaudit/feedback';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EncodedTree, planBatches, tokenCount } from './batches.ts';
import { planUpdates, sizeOf } from './schedule.ts';

const encoded = (index: number, prompt: number, responses: readonly number[]): EncodedTree => ({
  index,
  tokens: {
    prompt: new Array<number>(prompt).fill(1),
    responses: responses.map((length) => new Array<number>(length).fill(1)),
  },
});

const shape = fc.record({
  prompt: fc.integer({ min: 1, max: 300 }),
  responses: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
});

describe('planBatches', () => {
  it('runs every conversation once, within the budget, with little padding for attention', () => {
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 40 }), (shapes) => {
        const trees = shapes.map(({ prompt, responses }, i) => encoded(i, prompt, responses));
        const plans = planBatches(trees, 1024);
        const order = plans.flatMap(({ trees }) => trees.map(({ index }) => index));
        expect(order.sort((a, b) => a - b)).toEqual(shapes.map((_, i) => i));
        for (const { trees, places } of plans) {
          const tokens = trees.reduce((sum, tree) => sum + tokenCount(tree.tokens), 0);
          const padded = trees.length * (places.prompt + places.branches * places.response);
          expect(trees.length === 1 || (tokens <= 1024 && 2 * tokens >= padded)).toBe(true);
          expect(places.prompt % 16).toBe(0);
          for (const { tokens } of trees) {
            expect(tokens.responses.length).toBeLessThanOrEqual(places.branches);
            expect(tokens.prompt.length).toBeLessThanOrEqual(places.prompt);
            for (const { length } of tokens.responses) expect(length).toBeLessThanOrEqual(places.response);
          }
        }
      }),
    );
  });
});

describe('planUpdates', () => {
  const tree = (pairs: number): PreferenceTree => ({
    id: '',
    prompt: [{ role: 'user', content: '' }],
    responses: [],
    segments: {},
    pairs: Array.from({ length: pairs }, () => ({
      winner: 0,
      loser: 1,
      weight: 1,
      source: '',
      segments: {},
    })),
  });
  const trees = Array.from({ length: 50 }, (_, i) => tree(1 + (i % 3)));

  it('visits every tree once an epoch, in another order each time, the same for the same seed', () => {
    const plan = planUpdates(trees.map(sizeOf), { epochs: 2, batchSize: 8, seed: 3 });
    expect(plan).toEqual(planUpdates(trees.map(sizeOf), { epochs: 2, batchSize: 8, seed: 3 }));
    expect(plan).not.toEqual(planUpdates(trees.map(sizeOf), { epochs: 2, batchSize: 8, seed: 4 }));
    const visits = plan.flat();
    const all = trees.map((_, i) => i);
    const byNumber = (a: number, b: number): number => a - b;
    expect(visits.slice(0, 50).sort(byNumber)).toEqual(all);
    expect(visits.slice(50).sort(byNumber)).toEqual(all);
    expect(plan.flat().slice(0, 50)).not.toEqual(plan.flat().slice(50));
  });

  it('takes part of the trees for part of an epoch', () => {
    expect(planUpdates(trees.map(sizeOf), { epochs: 0.5, batchSize: 8, seed: 3 }).flat()).toHaveLength(25);
  });
});
