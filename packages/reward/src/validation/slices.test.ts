import { Random } from '@plaudit/contract';
import { holm, normalCdf } from '@plaudit/feedback';
import { describe, expect, it } from 'vitest';
import { slicesOf } from './groups.ts';
import type { ScoredPair } from './pairs.ts';
import { belowRest, judgeSlices } from './slices.ts';

const pair = (right: boolean, cluster: string, segments: Record<string, string>): ScoredPair => ({
  tree: cluster,
  cluster,
  winner: 0,
  loser: 1,
  winnerReward: right ? 1 : -1,
  loserReward: 0,
  winnerLength: 10,
  loserLength: 10,
  segments,
  source: 's',
});

describe('the statistics', () => {
  it("are scipy's normal distribution and statsmodels' Holm correction", () => {
    const known = {
      '-3.7': 0.00010779973347738823,
      '-1.96': 0.024997895148220435,
      '-0.3': 0.3820885778110474,
      '0.8': 0.7881446014166034,
      '2.5': 0.9937903346742238,
    };
    for (const [z, p] of Object.entries(known)) expect(normalCdf(Number(z))).toBeCloseTo(p, 12);
    expect(normalCdf(-40)).toBe(0);
    const adjusted = holm([0.01, 0.04, 0.03, 0.005, 0.5]);
    for (const [i, p] of [0.04, 0.09, 0.09, 0.025, 0.5].entries()) expect(adjusted[i]).toBeCloseTo(p, 12);
  });

  it("compare a slice with the rest as statsmodels' regression with clustered errors does", () => {
    const pairs = Array.from({ length: 120 }, (_, i) => {
      const inSlice = (i * 7) % 5 < 2;
      const right = inSlice ? (i * 5) % 7 < 3 : (i * 11 + Math.floor(i / 4)) % 7 < 4;
      return pair(right, String(Math.floor(i / 3)), { task: inSlice ? 'a' : 'b' });
    });
    const found = belowRest(pairs, ({ segments }) => segments.task === 'a');
    expect(found.difference).toBeCloseTo(-0.0555555555555554, 12);
    expect(found.standardError).toBeCloseTo(0.07581484804872829, 12);
    expect(found.p).toBeCloseTo(normalCdf(-0.7327793563583787), 10);
  });
});

describe('slices', () => {
  const study = (seed: number, accuracyOf: (task: number) => number, size = 60): ScoredPair[] => {
    const random = new Random(seed);
    return Array.from({ length: 10 * size }, (_, i) => {
      const task = i % 10;
      return pair(random.uniform() < accuracyOf(task), String(i), { task: `task ${task}` });
    });
  };
  const judge = (pairs: ScoredPair[]) => judgeSlices(pairs, slicesOf(pairs, { resamples: 50 }))!;

  it('name the one that is below the rest, and only that one', () => {
    const { worst, belowRest: below, tested } = judge(study(1, (task) => (task === 3 ? 0.45 : 0.8), 100));
    expect(tested).toBe(10);
    expect(worst).toMatchObject({ segment: 'task', group: 'task 3' });
    expect(below.map(({ group }) => group)).toEqual(['task 3']);
    expect(below[0]!.rest).toBeGreaterThan(0.75);
  });

  it('raise a false alarm in at most about 5 % of studies where all are alike', () => {
    let alarms = 0;
    for (let seed = 0; seed < 200; seed++) if (judge(study(seed, () => 0.7)).belowRest.length > 0) alarms++;
    expect(alarms / 200).toBeLessThan(0.1);
  });

  it('below 30 judgements or 10 prompts are not looked at', () => {
    expect(judge(study(1, () => 0.7, 29))).toEqual({ tested: 0, worst: null, belowRest: [] });
    const onePrompt = study(1, () => 0.7).map((p) => ({ ...p, cluster: p.segments.task! }));
    expect(judge(onePrompt).tested).toBe(0);
  });

  it('that are all wrong are below a rest that is all right', () => {
    const pairs = study(1, (task) => (task === 0 ? 0 : 1));
    expect(judge(pairs).belowRest.map(({ group }) => group)).toEqual(['task 0']);
  });
});
