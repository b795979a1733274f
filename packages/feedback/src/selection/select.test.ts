import { Random, sigmoid } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterPrompts } from '../near-duplicates.ts';
import { toPrompt } from '../prompt.ts';
import type { Candidate } from './pool.ts';
import { type SelectionOptions, selectionRules, selectPairs } from './select.ts';
import { headBelief, normals, randomPrecision } from './testing.ts';

/** Prompts with responses on which a small head has an opinion. */
const study = (prompts: number, responses = 2, seed = 1, size = 4): Candidate[] => {
  const random = new Random(seed);
  const belief = headBelief(normals(random, size), randomPrecision(random, size));
  return Array.from({ length: prompts }, (_, i) => ({
    id: `prompt ${i}`,
    beliefs: Array.from({ length: responses }, () => belief(normals(random, size))),
  }));
};

describe('selecting pairs', () => {
  it.each(selectionRules)('by %s gives as many as asked, each once, a quarter of them control', (rule) => {
    const { items, pool } = selectPairs(study(60, 3), { rule, count: 20, seed: 4 });
    expect(pool).toEqual({ prompts: 60, groups: 60, pairs: 180 });
    expect(items).toHaveLength(20);
    expect(new Set(items.map(({ id }) => id)).size).toBe(20);
    expect(items.filter(({ control }) => control)).toHaveLength(rule === 'random' ? 20 : 5);
    for (const { pair, score, selectionProbability, controlProbability } of items) {
      expect(pair[0]).toBeLessThan(pair[1]);
      expect(Number.isFinite(score)).toBe(true);
      expect(selectionProbability).toBeGreaterThan(0);
      expect(selectionProbability).toBeLessThanOrEqual(1);
      expect(controlProbability).toBeLessThanOrEqual(selectionProbability);
    }
  });

  it.each(selectionRules)(
    'by %s gives the same for the same seed, and something else for another',
    (rule) => {
      const options: SelectionOptions = { rule, count: 15, seed: 4 };
      expect(selectPairs(study(50, 3), options)).toEqual(selectPairs(study(50, 3), options));
      const other = selectPairs(study(50, 3), { ...options, seed: 5 });
      expect(other.items.map(({ id }) => id)).not.toEqual(
        selectPairs(study(50, 3), options).items.map(({ id }) => id),
      );
    },
  );

  it('mostly takes what the rule ranks first, and at temperature 0 nothing else', () => {
    const candidates = study(200);
    const gap = ({ beliefs: [a, b] }: Candidate): number => Math.abs(a!.reward - b!.reward);
    const closest = new Set(
      [...candidates]
        .sort((a, b) => gap(a) - gap(b))
        .slice(0, 30)
        .map(({ id }) => id),
    );
    const share = (temperature: number): number => {
      const { items } = selectPairs(candidates, { rule: 'entropy', count: 40, seed: 1, temperature });
      const ruled = items.filter(({ control }) => !control);
      expect(ruled).toHaveLength(30);
      return ruled.filter(({ id }) => closest.has(id)).length / 30;
    };
    // The control group has taken some of the closest for itself.
    expect(share(0)).toBeGreaterThan(0.85);
    expect(share(0.25)).toBeGreaterThan(0.6);
    expect(share(1)).toBeLessThan(share(0.25));
  });

  it('estimates over the batch what holds in the pool, though the rule prefers some of it', () => {
    const candidates = study(80, 2, 9);
    const value = ({ beliefs: [a, b] }: Candidate): number => sigmoid(Math.abs(a!.reward - b!.reward));
    const truth = candidates.reduce((sum, one) => sum + value(one), 0) / candidates.length;
    const byId = new Map(candidates.map((one) => [one.id, value(one)]));
    let weighted = 0;
    let plain = 0;
    let controls = 0;
    const batches = 1500;
    for (let seed = 0; seed < batches; seed++) {
      const { items } = selectPairs(candidates, { rule: 'entropy', count: 16, seed });
      for (const { id, control, selectionProbability, controlProbability } of items) {
        weighted += byId.get(id)! / selectionProbability / candidates.length / batches;
        plain += byId.get(id)! / items.length / batches;
        if (control) controls += byId.get(id)! / controlProbability / candidates.length / batches;
      }
    }
    expect(Math.abs(plain - truth)).toBeGreaterThan(0.1);
    expect(Math.abs(weighted - truth)).toBeLessThan(0.02);
    expect(Math.abs(controls - truth)).toBeLessThan(0.02);
  });

  it('never asks more of near-duplicate prompts than of one', () => {
    const texts = ['How do I reset my password?', 'How do I reset my password', 'Where is my parcel?'];
    const clusters = clusterPrompts(texts.map(toPrompt));
    const candidates = study(3, 4).map((one, i) => ({ ...one, cluster: clusters[i]! }));
    for (const perPrompt of [1, 2])
      for (const rule of selectionRules) {
        const { items, pool } = selectPairs(candidates, { rule, count: 12, seed: 1, perPrompt });
        expect(pool.groups).toBe(2);
        expect(items).toHaveLength(2 * perPrompt);
      }
  });

  it('asks about the allowed pairs alone', () => {
    const candidates = study(20, 5).map((one) => ({
      ...one,
      pairs: [
        [0, 4],
        [2, 4],
      ] as const,
    }));
    for (const rule of selectionRules) {
      const { items, pool } = selectPairs(candidates, { rule, count: 20, seed: 2, perPrompt: 2 });
      expect(pool.pairs).toBe(40);
      for (const { pair } of items) expect([0, 2]).toContain(pair[0]);
    }
  });

  it('for a policy prefers pairs that are far apart, for a reward model pairs in doubt', () => {
    const candidates = study(100, 6, 3);
    const gaps = (purpose: 'reward' | 'policy', rule: SelectionOptions['rule']): number => {
      const { items } = selectPairs(candidates, { rule, count: 30, seed: 1, purpose });
      const byId = new Map(candidates.map((one) => [one.id, one.beliefs]));
      const ruled = items.filter(({ control }) => !control);
      return (
        ruled.reduce((sum, { id, pair: [a, b] }) => {
          const beliefs = byId.get(id)!;
          return sum + Math.abs(beliefs[a]!.reward - beliefs[b]!.reward);
        }, 0) / ruled.length
      );
    };
    for (const rule of ['entropy', 'd-optimal', 'bald', 'double-thompson'] as const)
      expect(gaps('policy', rule)).toBeGreaterThan(1.3 * gaps('reward', rule));
  });

  it('works for whatever pool it is given', () => {
    fc.assert(
      fc.property(
        fc.record({
          prompts: fc.integer({ min: 0, max: 12 }),
          responses: fc.integer({ min: 1, max: 5 }),
          rule: fc.constantFrom(...selectionRules),
          purpose: fc.constantFrom('reward' as const, 'policy' as const),
          count: fc.integer({ min: 1, max: 30 }),
          perPrompt: fc.integer({ min: 1, max: 4 }),
          control: fc.double({ min: 0, max: 1, noNaN: true }),
          temperature: fc.double({ min: 0, max: 1, noNaN: true }),
          seed: fc.nat(),
          scale: fc.constantFrom(0, 1e-3, 1, 1e3),
        }),
        ({ prompts, responses, scale, ...options }) => {
          const candidates = study(prompts, responses, options.seed).map((one) => ({
            ...one,
            beliefs: one.beliefs.map(({ reward, vector }) => ({
              reward: scale * reward,
              vector: vector.map((value) => scale * value),
            })),
          }));
          const { items } = selectPairs(candidates, options);
          const room = prompts * Math.min(options.perPrompt, (responses * (responses - 1)) / 2);
          expect(items).toHaveLength(Math.min(options.count, room));
          expect(new Set(items.map(({ id, pair }) => `${id} ${pair}`)).size).toBe(items.length);
          for (const { selectionProbability } of items) {
            expect(selectionProbability).toBeGreaterThan(0);
            expect(selectionProbability).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    [{ count: 0 }],
    [{ count: 1.5 }],
    [{ perPrompt: 0 }],
    [{ control: 1.1 }],
    [{ control: Number.NaN }],
    [{ temperature: -1 }],
  ])('refuses %o', (wrong) => {
    const select = () => selectPairs(study(5), { rule: 'bald', count: 2, seed: 1, ...wrong });
    expect(select).toThrow(expect.objectContaining({ code: 'data.bad_option' }));
  });

  it.each([
    [
      'rewards that are not finite',
      [{ id: 'a', beliefs: [{ reward: Number.NaN, vector: new Float32Array(1) }] }],
    ],
    [
      'vectors of different lengths',
      [{ id: 'a', beliefs: [1, 2].map((length) => ({ reward: 0, vector: new Float32Array(length) })) }],
    ],
    ['a pair of one response', [{ ...study(1)[0]!, pairs: [[1, 1]] as const }]],
    [
      'a pair named twice',
      [
        {
          ...study(1)[0]!,
          pairs: [
            [0, 1],
            [0, 1],
          ] as const,
        },
      ],
    ],
    ['a response that is not there', [{ ...study(1)[0]!, pairs: [[0, 2]] as const }]],
  ])('refuses %s', (_, candidates) => {
    expect(() => selectPairs(candidates, { rule: 'random', count: 1, seed: 1 })).toThrow(RangeError);
  });
});
