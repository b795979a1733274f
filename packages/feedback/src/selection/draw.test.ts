import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { type BatchPlan, drawBatch, inclusionOf, lotOf } from './draw.ts';

const groups = Uint32Array.of(0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8);
const size = groups.length;
const ties = Uint32Array.from({ length: size }, (_, i) => i);

const planOf = (
  seed: number,
  {
    temperature = 0.25,
    controlCount = 2,
    count = 6,
    perGroup = 1,
  }: { temperature?: number; controlCount?: number; count?: number; perGroup?: number } = {},
): BatchPlan => ({
  control: lotOf(new Float64Array(size), 1, new Random(seed, 'control'), ties),
  ruled: lotOf(
    Float64Array.from(ties, (i) => Math.log(i + 1)),
    temperature,
    new Random(seed, 'rule'),
    ties,
  ),
  count,
  controlCount,
  limits: { groups, perGroup },
});

const worlds = 6000;

describe('a batch', () => {
  it.each([
    ['with chance in the rule', {}],
    ['of an even draw by the rule too', { temperature: 1 }],
    ['whose rule leaves nothing to chance', { temperature: 0 }],
    ['with two of a group', { perGroup: 2, count: 8 }],
    ['without a control group', { controlCount: 0 }],
    ['of control alone', { controlCount: 6 }],
    ['that its groups do not fill', { count: 11 }],
  ])('%s holds each pair as often as it says', (_, options) => {
    const held = new Float64Array(size);
    const asControl = new Float64Array(size);
    const said = new Float64Array(size);
    const saidControl = new Float64Array(size);
    const reciprocal = new Float64Array(size);
    const squares = new Float64Array(size);
    for (let seed = 0; seed < worlds; seed++) {
      const plan = planOf(seed, options);
      const { control, ruled } = drawBatch(plan);
      for (const i of control) asControl[i] = asControl[i]! + 1 / worlds;
      for (let i = 0; i < size; i++) {
        const inclusion = inclusionOf(plan, i);
        said[i] = said[i]! + inclusion.batch / worlds;
        saidControl[i] = saidControl[i]! + inclusion.control / worlds;
      }
      for (const i of [...control, ...ruled]) {
        held[i] = held[i]! + 1 / worlds;
        const weight = 1 / inclusionOf(plan, i).batch;
        reciprocal[i] = reciprocal[i]! + weight / worlds;
        squares[i] = squares[i]! + weight ** 2 / worlds;
      }
    }
    const fourDeviations = 4 * Math.sqrt(0.25 / worlds);
    for (let i = 0; i < size; i++) {
      expect(Math.abs(held[i]! - said[i]!)).toBeLessThan(fourDeviations);
      expect(Math.abs(asControl[i]! - saidControl[i]!)).toBeLessThan(fourDeviations);
      // Horvitz and Thompson: one over the probability, where a pair was taken, is 1 on the average. Not so where no chance
      // can take it.
      if (held[i] === 0) continue;
      const error = Math.sqrt((squares[i]! - reciprocal[i]! ** 2) / worlds);
      expect(Math.abs(reciprocal[i]! - 1)).toBeLessThan(4.5 * error + 1e-9);
    }
  });

  it('keeps to its size and to the limits of groups, and takes no pair twice', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { control, ruled } = drawBatch(planOf(seed));
      const all = [...control, ...ruled];
      expect(control).toHaveLength(2);
      expect(all).toHaveLength(6);
      expect(new Set(all.map((i) => groups[i])).size).toBe(6);
    }
    expect(drawBatch(planOf(1, { count: 50 })).ruled).toHaveLength(7);
  });

  it('without chance and control is the top of the ranking, one of each group', () => {
    const { control, ruled } = drawBatch(planOf(1, { temperature: 0, controlCount: 0 }));
    expect(control).toEqual([]);
    expect(ruled).toEqual([0, 3, 5, 6, 7, 8]);
  });

  it('draws at temperature 1 one after the other in proportion to the weights', () => {
    const weights = [5, 3, 1, 1];
    const locations = Float64Array.from(weights, (weight) => -Math.log(weight));
    const order = Uint32Array.of(0, 1, 2, 3);
    const firsts = new Float64Array(4);
    let zeroThenOne = 0;
    for (let seed = 0; seed < worlds; seed++) {
      const lot = lotOf(locations, 1, new Random(seed), order);
      firsts[lot.order[0]!] = firsts[lot.order[0]!]! + 1 / worlds;
      if (lot.order[0] === 0 && lot.order[1] === 1) zeroThenOne += 1 / worlds;
    }
    weights.forEach((weight, i) => {
      expect(firsts[i]).toBeCloseTo(weight / 10, 1);
    });
    expect(Math.abs(zeroThenOne - 0.5 * (3 / 5))).toBeLessThan(0.02);
  });
});
