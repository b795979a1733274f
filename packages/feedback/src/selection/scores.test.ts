import { Random, sigmoid } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { beliefOfDraws, gapOf, varianceOf } from './belief.ts';
import { poolOf, suitedPairs } from './pool.ts';
import { pairScores } from './scores.ts';
import { headBelief, normals } from './testing.ts';
import { extremesOf, thompsonScores } from './thompson.ts';

const pairWith = (mean: number, variance: number, deviations = 0) => ({
  candidate: 0,
  pair: [0, 1] as const,
  gap: { mean, variance },
  deviations,
  group: 0,
});

describe('the score of a pair', () => {
  // By mpmath 1.3 with 30 digits: quadrature of the sigmoid and of its entropy over the Gaussian.
  it.each([
    [0, 1, 0.0937089613544, Math.LN2],
    [0.5, 0.04, 0.00464043170436, 0.662847318579],
    [2, 4, 0.1765997095, 0.365333855087],
    [-3, 9, 0.237397910662, 0.190864971106],
    [0, 100, 0.564790160325, Math.LN2],
    [6, 0.25, 0.000348440875248, 0.0173114240775],
  ])(
    'of a gap of %d with variance %d has the information and the entropy that quadrature has',
    (mean, variance, bald, entropy) => {
      expect(pairScores.bald(pairWith(mean, variance))).toBeCloseTo(bald, 6);
      expect(pairScores.entropy(pairWith(mean, variance))).toBeCloseTo(entropy, 10);
    },
  );

  it('by BALD is the limit of what draws from the posterior say', () => {
    const random = new Random(1);
    const [mean, variance] = [1, 2.5];
    let preference = 0;
    let entropy = 0;
    const count = 200_000;
    for (let i = 0; i < count; i++) {
      const p = sigmoid(mean + Math.sqrt(variance) * random.normal());
      preference += p / count;
      entropy -= (p * Math.log(p) + (1 - p) * Math.log(1 - p)) / count;
    }
    const gained = -preference * Math.log(preference) - (1 - preference) * Math.log(1 - preference) - entropy;
    expect(pairScores.bald(pairWith(mean, variance))).toBeCloseTo(gained, 2);
  });

  it('does not depend on which response is called the first', () => {
    for (const score of Object.values(pairScores))
      expect(score(pairWith(1.3, 0.7, 0.4))).toBeCloseTo(score(pairWith(-1.3, 0.7, 0.4)), 12);
  });

  it('is finite where rewards are far apart', () => {
    for (const score of Object.values(pairScores)) {
      expect(score(pairWith(900, 0))).toBeGreaterThanOrEqual(0);
      expect(score(pairWith(-900, 1e6, 2e3))).toBeLessThan(1e5);
    }
  });

  it('by DeltaUCB is the largest lead that the bounds allow, by InfoMax how far the bounds of the preference lie apart', () => {
    const pair = pairWith(0.5, 1, 1.2);
    expect(pairScores['delta-ucb'](pair)).toBeCloseTo(1.7, 12);
    expect(pairScores['info-max'](pair)).toBeCloseTo(sigmoid(1.7) - sigmoid(-0.7), 12);
  });
});

describe('a belief', () => {
  it('from an ensemble has the variances and covariances of its members', () => {
    const members = [
      [1, 2, 4, 1],
      [0, 3, 1, 2],
    ];
    const [a, b] = members.map(beliefOfDraws);
    expect(a!.reward).toBe(2);
    expect(varianceOf(a!)).toBeCloseTo(1.5, 6);
    const gaps = members[0]!.map((reward, i) => reward - members[1]![i]!);
    const mean = gaps.reduce((sum, gap) => sum + gap) / 4;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / 4;
    expect(gapOf(a!, b!).mean).toBeCloseTo(mean, 6);
    expect(gapOf(a!, b!).variance).toBeCloseTo(variance, 6);
  });
});

/** Rewards with these means and the covariance V Vᵀ. */
const correlated = [
  { reward: 0.3, vector: Float32Array.of(1, 0.2, 0) },
  { reward: 0, vector: Float32Array.of(0.5, -0.4, 0.3) },
  { reward: -0.2, vector: Float32Array.of(-0.1, 0.6, 0.8) },
];

describe('double Thompson sampling', () => {
  it('knows how likely each response is to be the best and the worst, as bivariate normal integrals say', () => {
    const random = new Random(1);
    const runs = Array.from({ length: 200 }, () => extremesOf(correlated, random));
    const mean = (of: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
    // By mpmath 1.3.
    [0.4774317456, 0.2233234612, 0.2992447932].forEach((known, i) => {
      expect(mean(({ best }) => best[i]!)).toBeCloseTo(known, 2);
    });
    [0.1995575459, 0.3007418359, 0.4997006182].forEach((known, i) => {
      expect(mean(({ worst }) => worst[i]!)).toBeCloseTo(known, 2);
    });
  });

  it('of two responses weighs a pair by the chance that two draws disagree', () => {
    const beliefs = [
      { reward: 0.7, vector: Float32Array.of(1, 0) },
      { reward: 0, vector: Float32Array.of(0, 1) },
    ];
    const pool = poolOf([{ id: 'a', beliefs }]);
    const random = new Random(5);
    let apart = 0;
    const count = 100_000;
    const firstIsBest = () => 0.7 + random.normal() > random.normal();
    for (let i = 0; i < count; i++) {
      const [one, other] = [firstIsBest(), firstIsBest()];
      if (one !== other) apart++;
    }
    expect(thompsonScores(pool, 'reward', random)[0]).toBeCloseTo(apart / count, 2);
    expect(thompsonScores(pool, 'policy', random)[0]).toBeCloseTo(1 - apart / count, 2);
  });

  it('takes rewards that are known, and rewards that are sums of others, as they are', () => {
    const known = [2, 3, 1].map((reward) => ({ reward, vector: new Float32Array(0) }));
    expect(extremesOf(known, new Random(1)).best[1]).toBeGreaterThan(0.99);
    expect(extremesOf(known.slice(0, 2), new Random(1)).best).toEqual([0, 1]);
    const belief = headBelief([0], [[1]]);
    const { best, worst } = extremesOf([belief([1]), belief([2]), belief([3])], new Random(2));
    // One direction: the largest column is the best or the worst, the middle one neither.
    expect(best[1]! + worst[1]!).toBeLessThan(0.01);
  });
});

describe('the pairs that suit', () => {
  it('a policy are those with the largest optimistic gaps of each prompt, a reward model all', () => {
    const random = new Random(8);
    const belief = headBelief(
      [1, -0.5],
      [
        [2, 0.3],
        [0.3, 1],
      ],
    );
    const candidates = Array.from({ length: 5 }, (_, i) => ({
      id: `${i}`,
      beliefs: Array.from({ length: 4 }, () => belief(normals(random, 2))),
    }));
    const pool = poolOf(candidates);
    expect(suitedPairs(pool, 'reward', 1).every((one) => one === 1)).toBe(true);
    const suited = suitedPairs(pool, 'policy', 2);
    for (const candidate of candidates.keys()) {
      const own = [...pool.pairs.keys()].filter((i) => pool.pairs[i]!.candidate === candidate);
      const score = (i: number): number => pairScores['delta-ucb'](pool.pairs[i]!);
      const top = own.sort((i, j) => score(j) - score(i)).slice(0, 2);
      expect(own.filter((i) => suited[i] === 1).sort()).toEqual(top.sort());
    }
  });
});
