/** @file Advantages: against an example by hand, against verl and TRL, and by what they add up to. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  batchBaseline,
  clipScore,
  deviation,
  gae,
  groupRelative,
  leaveOneOut,
  type Moments,
  noMoments,
  perTokenRewards,
  rewardsToGo,
  runningBaseline,
  scaleScores,
  whiten,
  withNumbers,
} from './index.ts';

interface Recorded {
  readonly gae: readonly {
    readonly gamma: number;
    readonly lambda: number;
    readonly rewards: number[][];
    readonly values: number[][];
    readonly advantages: number[][];
    readonly returns: number[][];
    readonly whitened: number[][];
  }[];
  readonly grouped: Readonly<Record<'groups' | 'leaveOneOut' | 'group' | 'none' | 'batch', number[][]>>;
  readonly whitening: Readonly<Record<'values' | 'mask' | 'shifted' | 'unshifted', number[]>>;
  readonly moments: {
    readonly batches: number[][];
    readonly means: number[];
    readonly deviations: number[];
  };
}

const recorded: Recorded = JSON.parse(
  readFileSync(new URL('fixtures/advantages.json', import.meta.url), 'utf8'),
);

const expectClose = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12): void => {
  expect(found.length).toBe(expected.length);
  Array.from(expected).forEach((value, i) => {
    expect(found[i]).toBeCloseTo(value, digits);
  });
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const number = fc.double({ min: -100, max: 100, noNaN: true });
const groups = fc.array(fc.array(number, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe('generalised advantage estimation', () => {
  it('is right in an example by hand', () => {
    // γ 0.9, λ 0.5. δ_2 = 2 - 1 = 1; δ_1 = 0 + 0.9·1 - 0.5 = 0.4; δ_0 = 1 + 0.9·0.5 - 0.2 = 1.25.
    // A_2 = 1; A_1 = 0.4 + 0.45·1 = 0.85; A_0 = 1.25 + 0.45·0.85 = 1.6325.
    const { advantages, returns } = gae([1, 0, 2], [0.2, 0.5, 1], { gamma: 0.9, lambda: 0.5 });
    expectClose(advantages, [1.6325, 0.85, 1]);
    expectClose(returns, [1.8325, 1.35, 2]);
  });

  it.each(recorded.gae.map((entry) => [entry.gamma, entry.lambda, entry] as const))(
    "has verl's values with γ %j and λ %j, and its whitened ones",
    (gamma, lambda, { rewards, values, advantages, returns, whitened }) => {
      const found = rewards.map((row, i) => gae(row, values[i]!, { gamma, lambda }));
      found.forEach((row, i) => {
        expectClose(row.advantages, advantages[i]!);
        expectClose(row.returns, returns[i]!);
      });
      // verl, and TRL too in effect, divides by n + 1e-8 for the mean and the variance.
      const batch = found.flatMap((row) => [...row.advantages]);
      expectClose(whiten(batch), whitened.flat(), 7);
    },
  );

  it('is the return less the value with λ 1, and one step with λ 0', () => {
    const row = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(row, fc.double({ min: 0, max: 1, noNaN: true }), (pairs, gamma) => {
        const rewards = pairs.map(([reward]) => reward);
        const values = pairs.map(([, value]) => value);
        const togo = rewardsToGo(rewards, gamma);
        const whole = gae(rewards, values, { gamma, lambda: 1 });
        expectClose(whole.returns, togo, 9);
        const step = gae(rewards, values, { gamma, lambda: 0 });
        const next = (i: number) => gamma * (values[i + 1] ?? 0);
        expectClose(
          step.returns,
          rewards.map((reward, i) => reward + next(i)),
          9,
        );
      }),
      { seed: 1 },
    );
  });

  it("has TRL's defaults, takes no response without tokens for a fault, and refuses other values", () => {
    const rewards = [0.5, -1, 2];
    const values = [1, 0, -1];
    expect(gae(rewards, values)).toEqual(gae(rewards, values, { gamma: 1, lambda: 0.95 }));
    expect(gae([], []).advantages).toHaveLength(0);
    expect(() => gae(rewards, [1])).toThrow(RangeError);
  });
});

describe('rewards of tokens', () => {
  it('are the penalties, and the score where the response ends', () => {
    expectClose(perTokenRewards(2, [0.5, -1, 3], 0.1), [-0.05, 0.1, 1.7]);
    expect(sum([...perTokenRewards(2, [0.5, -1, 3], 0.1)])).toBeCloseTo(2 - 0.1 * 2.5, 12);
  });

  it('are refused where there is no token for the score', () => {
    expect(() => perTokenRewards(1, [], 0.1)).toThrow(RangeError);
  });

  it('come of scores within bounds', () => {
    expect([-12, 3, 11].map((score) => clipScore(score, 10))).toEqual([-10, 3, 10]);
  });
});

describe('baselines of groups', () => {
  const { grouped } = recorded;

  it("have verl's values", () => {
    const expectGroups = (found: number[][], expected: number[][]) =>
      found.forEach((group, i) => {
        expectClose(group, expected[i]!, 11);
      });
    expectGroups(leaveOneOut(grouped.groups), grouped.leaveOneOut);
    expectGroups(groupRelative(grouped.groups), grouped.group);
    expectGroups(groupRelative(grouped.groups, { scale: 'none' }), grouped.none);
    expectGroups(groupRelative(grouped.groups, { scale: 'batch' }), grouped.batch);
  });

  it('add up to 0 in every group', () => {
    fc.assert(
      fc.property(groups, fc.constantFrom('group', 'batch', 'none'), (scores, scale) => {
        for (const group of leaveOneOut(scores)) expect(sum(group)).toBeCloseTo(0, 9);
        for (const group of groupRelative(scores, { scale }))
          expect(sum(group) / Math.max(1, ...group.map(Math.abs))).toBeCloseTo(0, 9);
      }),
      { seed: 1 },
    );
  });

  it('leave each score the mean of the others', () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 2, maxLength: 6 }), (scores) => {
        const [advantages] = leaveOneOut([scores]);
        scores.forEach((score, i) => {
          const others = scores.toSpliced(i, 1);
          expect(advantages![i]).toBeCloseTo(score - sum(others) / others.length, 9);
        });
      }),
      { seed: 2 },
    );
  });

  it('give 0 to a response that is alone, and to equal ones', () => {
    expect(leaveOneOut([[3]])).toEqual([[0]]);
    expect(groupRelative([[3]])).toEqual([[0]]);
    expect(groupRelative([[0.1, 0.1, 0.1]])).toEqual([[0, 0, 0]]);
    expect(leaveOneOut([])).toEqual([]);
  });
});

describe('baselines over time', () => {
  it('are the mean of the batch', () => {
    expectClose(batchBaseline([1, 2, 6]), [-2, -1, 3]);
    expect(batchBaseline([])).toEqual([]);
  });

  it('are the mean of earlier batches, of the first itself where there is none', () => {
    const first = runningBaseline(noMoments, [1, 3]);
    expect(first.advantages).toEqual([-1, 1]);
    const second = runningBaseline(first.moments, [10]);
    expect(second.advantages).toEqual([8]);
    expect(second.moments.count).toBe(3);
    expect(second.moments.mean).toBeCloseTo(14 / 3, 14);
  });
});

describe('running moments', () => {
  it('have the mean and the deviation of all numbers so far, as torch has them', () => {
    const { batches, means, deviations } = recorded.moments;
    let moments: Moments = noMoments;
    batches.forEach((batch, i) => {
      // Saved and read again between batches.
      moments = withNumbers(JSON.parse(JSON.stringify(moments)), batch);
      expect(moments.mean).toBeCloseTo(means[i]!, 12);
      expect(deviation(moments)).toBeCloseTo(deviations[i]!, 12);
    });
  });

  it('stay exact far from 0', () => {
    const moments = withNumbers(noMoments, [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect(deviation(moments)).toBeCloseTo(Math.sqrt(30), 9);
  });

  it('scale scores by the deviation of all so far', () => {
    const first = scaleScores(noMoments, [2]);
    expect(first.scores).toEqual([2]);
    const second = scaleScores(first.moments, [6, 4]);
    expect(second.scores).toEqual([3, 2]);
    expect(scaleScores(first.moments, [6, 4], { centre: true }).scores).toEqual([1, 0]);
  });
});

describe('whitening', () => {
  const { values, mask, shifted, unshifted } = recorded.whitening;

  it("has TRL's values, with a mask, and with the mean kept", () => {
    expectClose(whiten(values, { mask }), shifted, 12);
    expectClose(whiten(values, { mask, shiftMean: false }), unshifted, 12);
  });

  it('makes nothing but zeros of equal numbers, of one, and of none', () => {
    expect([...whiten([2, 2, 2])]).toEqual([0, 0, 0]);
    expect([...whiten([5])]).toEqual([0]);
    expect([...whiten([5, 9], { mask: [0, 0] })]).toEqual([0, 0]);
    expect([...whiten([5, 5], { shiftMean: false })]).toEqual([5, 5]);
  });
});
