import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Random, sigmoid } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firthLogistic, lengthControlledWinRate } from './length-control.ts';
import { clusteredStandardError, type EvaluatedResponse, policyStatistics } from './statistics.ts';
import { evaluateOutcomes, evaluateWinRate } from './win-rate.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `prompt ${i}`);

/** Comparisons whose outcome follows the logistic law of a policy's lead and of length. */
const simulate = (
  seed: number,
  { rows, lead, effect, longer }: { rows: number; lead: number; effect: number; longer: number },
) => {
  const random = new Random(seed, 'comparisons');
  const lengthsB = Array.from({ length: rows }, () => Math.round(400 + 80 * random.normal()));
  const lengthsA = lengthsB.map((length) => Math.round(length + longer + 150 * random.normal()));
  const outcomes = lengthsA.map((length, i) =>
    Number(random.uniform() < sigmoid(lead + effect * Math.tanh((length - lengthsB[i]!) / 150))),
  );
  return { outcomes, lengthsA, lengthsB, prompts: names(rows) };
};

describe('the win rate', () => {
  const input = {
    rewardsA: [1, 2, 3, 0, 5, 1],
    rewardsB: [0, 2, 4, -1, 1, 1],
    lengthsA: [10, 12, 9, 30, 11, 14],
    lengthsB: [8, 15, 9, 20, 12, 10],
  };

  it('counts a tie as half a win', () => {
    const found = evaluateWinRate({ ...input, prompts: names(6) });
    expect(found).toMatchObject({ winRate: 4 / 6, wins: 3, ties: 2, losses: 1, rows: 6, prompts: 6 });
    expect(found.rewards.difference).toBeCloseTo(5 / 6, 14);
    expect(found.lengthRatio).toBeCloseTo(86 / 74, 14);
  });

  it('calls neither better below ten prompts, and says so', () => {
    const found = evaluateWinRate({
      ...{ rewardsA: Array(50).fill(1), rewardsB: Array(50).fill(0) },
      ...{ lengthsA: Array(50).fill(5), lengthsB: Array(50).fill(5) },
      prompts: Array.from({ length: 50 }, (_, i) => `prompt ${i % 9}`),
    });
    expect(found).toMatchObject({ winRate: 1, better: 'neither', prompts: 9 });
    expect(found.rewards.interval).toBeNull();
    expect(found.winRateInterval[0]).toBeCloseTo(0.7009, 4);
    expect(found.warnings.join()).toContain('9 different prompts');
  });

  it('treats the rows of a prompt as one observation', () => {
    const rows = simulate(1, { rows: 40, lead: 0.5, effect: 0, longer: 0 });
    const apart = evaluateOutcomes(rows);
    const repeated = evaluateOutcomes({
      outcomes: rows.outcomes.flatMap((x) => Array<number>(5).fill(x)),
      lengthsA: rows.lengthsA.flatMap((x) => Array<number>(5).fill(x)),
      lengthsB: rows.lengthsB.flatMap((x) => Array<number>(5).fill(x)),
      prompts: rows.prompts.flatMap((x) => Array<string>(5).fill(x)),
    });
    expect(repeated.winRate).toBeCloseTo(apart.winRate, 12);
    const width = ([low, high]: readonly [number, number]): number => high - low;
    expect(width(repeated.winRateInterval)).toBeCloseTo(width(apart.winRateInterval), 10);
    expect(width(repeated.lengthControlled!.interval!)).toBeGreaterThan(
      0.8 * width(apart.lengthControlled!.interval!),
    );
  });

  it('is the same told from the other side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const rows = simulate(seed, { rows: 30, lead: 0.3, effect: 1, longer: 40 });
        const found = evaluateOutcomes(rows);
        const other = evaluateOutcomes({
          outcomes: rows.outcomes.map((outcome) => 1 - outcome),
          ...{ lengthsA: rows.lengthsB, lengthsB: rows.lengthsA, prompts: rows.prompts },
        });
        expect(other.winRate).toBeCloseTo(1 - found.winRate, 12);
        expect(other.lengthControlled!.winRate).toBeCloseTo(1 - found.lengthControlled!.winRate, 9);
        expect(other.lengthControlled!.lengthEffect).toBeCloseTo(found.lengthControlled!.lengthEffect, 8);
        expect(other.winRateInterval[0]).toBeCloseTo(1 - found.winRateInterval[1], 9);
      }),
      { numRuns: 20 },
    );
  });

  it('has its paired interval on the side of the better policy', () => {
    const random = new Random(4, 'rewards');
    const rewardsB = Array.from({ length: 200 }, () => random.normal());
    const found = evaluateWinRate({
      rewardsA: rewardsB.map((reward) => reward + 0.3 + 0.5 * random.normal()),
      ...{ rewardsB, lengthsA: rewardsB.map(() => 10), lengthsB: rewardsB.map(() => 10) },
      prompts: names(200),
    });
    expect(found.better).toBe('a');
    // The standard error of the difference is 0.5 / sqrt(200), far below that of either mean.
    const [low, high] = found.rewards.interval!;
    expect(high - low).toBeCloseTo((2 * 1.96 * 0.5) / Math.sqrt(200), 1);
    expect(low).toBeGreaterThan(0);
    expect(found.rewards.probabilityA).toBe(1);
    expect(found.lengthControlled).toBeNull();
  });

  it('refuses what cannot be compared', () => {
    const prompts = names(6);
    expect(() => evaluateWinRate({ ...input, prompts, rewardsA: [1] })).toThrow(RangeError);
    expect(() => evaluateWinRate({ ...input, prompts, lengthsB: [1] })).toThrow(RangeError);
    expect(() => evaluateWinRate({ ...input, prompts: ['a'] })).toThrow(RangeError);
    expect(() => evaluateWinRate({ ...input, prompts, rewardsB: [0, 2, Number.NaN, 1, 1, 1] })).toThrow(
      'row 3 of rewardsB',
    );
    expect(() => evaluateOutcomes({ outcomes: [1.2], lengthsA: [1], lengthsB: [1], prompts: ['a'] })).toThrow(
      RangeError,
    );
    expect(() => evaluateOutcomes({ outcomes: [], lengthsA: [], lengthsB: [], prompts: [] })).toThrow(
      RangeError,
    );
  });
});

describe('the length-controlled win rate', () => {
  it('finds the lead of a policy that also writes more, where the plain rate is taken in', () => {
    const rows = simulate(2, { rows: 4000, lead: -0.4, effect: 2, longer: 150 });
    const found = evaluateOutcomes(rows);
    expect(found.winRate).toBeGreaterThan(0.6);
    expect(found.lengthControlled!.winRate).toBeCloseTo(sigmoid(-0.4), 1);
    expect(found.lengthControlled!.extrapolated).toBe(false);
    expect(found.warnings.join()).toMatch(/At equal length the win rate would be (3|4)\d\.\d % in place of/);
  });

  it('is the plain rate where length has no effect', () => {
    const found = evaluateOutcomes(simulate(3, { rows: 4000, lead: 0.5, effect: 0, longer: 0 }));
    expect(found.lengthControlled!.winRate).toBeCloseTo(found.winRate, 2);
    expect(found.warnings).toEqual([]);
  });

  it('has intervals that hold the truth about as often as they say', () => {
    let held = 0;
    for (let seed = 1; seed <= 100; seed++) {
      const rows = simulate(seed, { rows: 150, lead: 0.4, effect: 1, longer: 50 });
      const [low, high] = lengthControlledWinRate({ ...rows, seed, resamples: 200 })!.interval!;
      if (low <= sigmoid(0.4) && sigmoid(0.4) <= high) held++;
    }
    expect(held).toBeGreaterThanOrEqual(89);
    expect(held).toBeLessThanOrEqual(100);
  });

  it('stays finite where one policy always wins, and where it wins exactly when it is longer', () => {
    const lengthsA = [5, 9, 12, 20, 3, 8, 15, 11, 7, 30];
    const lengthsB = lengthsA.map((length, i) => length + (i % 2 === 0 ? 3 : -4));
    const always = evaluateOutcomes({
      outcomes: lengthsA.map(() => 1),
      lengthsA,
      lengthsB,
      prompts: names(10),
    });
    expect(always.lengthControlled!.winRate).toBeGreaterThan(0.85);
    expect(always.lengthControlled!.winRate).toBeLessThan(1);
    const byLength = evaluateOutcomes({
      outcomes: lengthsA.map((length, i) => Number(length > lengthsB[i]!)),
      ...{ lengthsA, lengthsB, prompts: names(10) },
    });
    expect(byLength.lengthControlled!.winRate).toBeGreaterThan(0.4);
    expect(byLength.lengthControlled!.winRate).toBeLessThan(0.6);
    expect(byLength.lengthControlled!.lengthEffect).toBeGreaterThan(2);
    for (const end of byLength.lengthControlled!.interval!) expect(Number.isFinite(end)).toBe(true);
  });

  it('cannot be told where lengths always differ by the same', () => {
    expect(
      lengthControlledWinRate({
        ...{ outcomes: [1, 0, 1], lengthsA: [3, 4, 5], lengthsB: [1, 2, 3], prompts: names(3) },
      }),
    ).toBeNull();
    expect(
      lengthControlledWinRate({ outcomes: [1], lengthsA: [3], lengthsB: [1], prompts: ['a'] }),
    ).toBeNull();
  });

  it("equals numpy 2.4 on Firth's regression with soft outcomes", () => {
    const terms = [-0.9, -0.5, -0.2, 0, 0.1, 0.4, 0.7, 0.95];
    const outcomes = [0, 0.3, 0, 0.5, 1, 0.6, 1, 1];
    const found = firthLogistic({ outcomes, terms, weights: [1, 2, 1, 0, 1, 3, 1, 1] })!;
    expect(found[0]).toBeCloseTo(-0.00038133086576133804, 9);
    expect(found[1]).toBeCloseTo(2.0993222372060694, 9);
  });
});

describe('the statistics of a policy', () => {
  it('have a standard error that equals that of the means of prompts of one size', () => {
    const values = [1, 3, 2, 6, 4, 8];
    const prompts = ['a', 'a', 'b', 'b', 'c', 'c'];
    // Means 2, 4, 6: standard deviation 2.
    expect(clusteredStandardError(values, prompts)).toBeCloseTo(2 / Math.sqrt(3), 14);
    expect(clusteredStandardError(values, names(6))).toBeCloseTo(Math.sqrt(6.8 / 6), 14);
    expect(clusteredStandardError([1, 2], ['a', 'a'])).toBeNull();
  });

  const responses: EvaluatedResponse[] = Array.from({ length: 40 }, (_, i) => ({
    prompt: `prompt ${i % 20}`,
    text: i === 0 ? 'no no no no no no no no' : 'four different words here',
    reward: i / 10 + (i % 20),
    kl: 2 + (i % 3),
    length: 10 + i,
    ended: i % 4 !== 0,
  }));

  it('are means with errors, of what every response has', () => {
    const found = policyStatistics(responses);
    expect(found).toMatchObject({
      prompts: 20,
      responses: 40,
      ended: { mean: 0.75 },
      length: { mean: 29.5 },
    });
    expect(found.gold).toBeUndefined();
    expect(found.kl!.mean).toBeCloseTo(2.975, 12);
    expect(found.repetition.mean).toBeCloseTo(0.8 / 40, 12);
    expect(found.lengthCorrelation).toBeCloseTo(1, 12);
    const { interval, standardError, mean } = found.reward;
    expect(interval![0]).toBeCloseTo(mean - 1.96 * standardError!, 0);
    expect(interval![1]).toBeCloseTo(mean + 1.96 * standardError!, 0);
    expect(policyStatistics(responses)).toEqual(found);
  });

  it('give no interval for fewer than ten prompts, and nothing for no responses', () => {
    const few = policyStatistics(responses.slice(0, 9));
    expect(few.reward.interval).toBeNull();
    expect(few.reward.standardError).toBeGreaterThan(0);
    expect(few.lengthCorrelation).toBeNull();
    expect(() => policyStatistics([])).toThrow(RangeError);
  });
});

const folder = fileURLToPath(
  new URL('../../../../../shared/data/text-llm-judged/alpacaeval2-length/', import.meta.url),
);
const absent = !existsSync(folder);
if (absent) console.warn(`skipped: length control on AlpacaEval 2, because ${folder} is not there`);

describe.skipIf(absent)('length control on AlpacaEval 2', () => {
  interface Row {
    readonly instruction: string;
    readonly output_1: string;
    readonly output_2: string;
    readonly preference: number;
  }
  const read = (name: string): Row[] =>
    JSON.parse(gunzipSync(readFileSync(`${folder}${name}.open.json.gz`)).toString());

  // The plain rates of all 805 prompts are published: 9.18, 7.42 and 12.76 %.
  it.each([
    {
      name: 'gpt-3.5-turbo-1106',
      ...{ winRate: 0.10481624831530052, published: 0.0918 },
      ...{ lengthEffect: 2.8409219160098873, controlled: 0.3819960274611288 },
    },
    {
      name: 'gpt-3.5-turbo-1106_concise',
      ...{ winRate: 0.08621809490382515, published: 0.0742 },
      ...{ lengthEffect: 3.741188031994425, controlled: 0.4268669828187754 },
    },
    {
      name: 'gpt-3.5-turbo-1106_verbose',
      ...{ winRate: 0.13784813414617486, published: 0.1276 },
      ...{ lengthEffect: 2.51169508886934, controlled: 0.3647935492736387 },
    },
  ])('equals numpy 2.4 for $name, and warns that it extrapolates', (expected) => {
    const rows = read(expected.name);
    const found = evaluateOutcomes({
      outcomes: rows.map(({ preference }) => preference - 1),
      lengthsA: rows.map(({ output_2 }) => [...output_2].length),
      lengthsB: rows.map(({ output_1 }) => [...output_1].length),
      prompts: rows.map(({ instruction }) => instruction),
    });
    expect(found.winRate).toBeCloseTo(expected.winRate, 12);
    expect(Math.abs(found.winRate - expected.published)).toBeLessThan(0.02);
    expect(found.lengthControlled!.lengthEffect).toBeCloseTo(expected.lengthEffect, 8);
    expect(found.lengthControlled!.winRate).toBeCloseTo(expected.controlled, 9);
    expect(found.lengthControlled!.extrapolated).toBe(true);
    expect(found.warnings).toHaveLength(2);
  });
});
