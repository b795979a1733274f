/** @file The controllers: against verl and safe-rlhf's step, by where they come to rest, and after a restart. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  combineAdvantage,
  costConstraint,
  initialMultiplier,
  klControl,
  nextKlCoefficient,
  nextMultiplier,
} from './index.ts';

const recorded: {
  readonly divergences: number[];
  readonly coefficients: number[];
  readonly window: number;
  readonly costs: number[][];
  readonly multipliers: number[];
} = JSON.parse(readFileSync(new URL('fixtures/control.json', import.meta.url), 'utf8'));

/** What a restart would read. */
const saved = <State>(state: State): State => JSON.parse(JSON.stringify(state));

describe('the coefficient of the penalty', () => {
  it('moves as that of verl, which is that of Ziegler et al.', () => {
    const control = klControl.parse({ kind: 'adaptive' });
    let { coefficient } = control;
    recorded.divergences.forEach((divergence, i) => {
      coefficient = nextKlCoefficient(control, saved(coefficient), divergence, 64 * (i + 1));
      expect(coefficient).toBeCloseTo(recorded.coefficients[i]!, 14);
    });
  });

  it('stays where it is when fixed', () => {
    const control = klControl.parse({ kind: 'fixed' });
    expect(control.coefficient).toBe(0.05);
    expect(nextKlCoefficient(control, control.coefficient, 100, 64)).toBe(0.05);
  });

  it('comes to rest at the target where more of it means less divergence', () => {
    const control = klControl.parse({ kind: 'adaptive', coefficient: 1, target: 4, horizon: 200 });
    let { coefficient } = control;
    for (let i = 0; i < 200; i++) coefficient = nextKlCoefficient(control, coefficient, 2 / coefficient, 64);
    expect(2 / coefficient).toBeCloseTo(4, 6);
  });

  it('stays positive, however many responses an update has', () => {
    const control = klControl.parse({ kind: 'adaptive' });
    const responses = fc.integer({ min: 1, max: 1e7 });
    fc.assert(
      fc.property(responses, fc.double({ min: -50, max: 50, noNaN: true }), (count, divergence) => {
        const next = nextKlCoefficient(control, 0.2, divergence, count);
        expect(next).toBeGreaterThanOrEqual(0.16);
        expect(next).toBeLessThanOrEqual(0.24);
      }),
      { seed: 1 },
    );
  });

  it('refuses a target of 0', () => {
    expect(klControl.safeParse({ kind: 'adaptive', target: 0 }).success).toBe(false);
  });
});

describe('the multiplier of a constraint', () => {
  it("moves as safe-rlhf's, over a window of costs", () => {
    const constraint = costConstraint.parse({ window: recorded.window });
    let state = initialMultiplier(constraint);
    recorded.costs.forEach((costs, i) => {
      state = nextMultiplier(constraint, saved(state), costs);
      expect(state.multiplier).toBeCloseTo(recorded.multipliers[i]!, 11);
      expect(state.costs.length).toBeLessThanOrEqual(recorded.window);
    });
  });

  it.each(['logarithm', 'linear'] as const)(
    'rises while costs are above the limit and falls while they are below, by %s',
    (ascent) => {
      const constraint = costConstraint.parse({ ascent, initial: 1, limit: 0, largest: 3 });
      const start = initialMultiplier(constraint);
      expect(nextMultiplier(constraint, start, [0.5]).multiplier).toBeGreaterThan(1);
      expect(nextMultiplier(constraint, start, [-0.5]).multiplier).toBeLessThan(1);
      expect(nextMultiplier(constraint, start, [0]).multiplier).toBe(1);
      expect(nextMultiplier(constraint, start, []).multiplier).toBe(1);
      expect(nextMultiplier(constraint, start, [1e6]).multiplier).toBe(3);
      expect(nextMultiplier(constraint, start, [-1e6]).multiplier).toBe(0);
    },
  );

  it('has the defaults of align-anything, and starts within its bounds', () => {
    expect(costConstraint.parse({})).toEqual({
      limit: -0.5,
      initial: 10,
      largest: 20,
      learningRate: 0.1,
      window: 128,
      ascent: 'logarithm',
    });
    expect(initialMultiplier(costConstraint.parse({ largest: 5 })).multiplier).toBe(5);
  });

  it('forgets costs that have left the window', () => {
    const constraint = costConstraint.parse({ window: 2 });
    const { costs } = nextMultiplier(constraint, { multiplier: 1, costs: [1, 2] }, [3]);
    expect(costs).toEqual([2, 3]);
  });

  it('weighs the two advantages to the size of one', () => {
    expect(combineAdvantage(2, 1, 0)).toBe(2);
    expect(combineAdvantage(2, 1, 3)).toBe(-0.25);
    expect(combineAdvantage(1, -1, 7)).toBe(1);
  });
});
