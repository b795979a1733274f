import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import {
  accuracyWithInterval,
  clusterBootstrap,
  differenceWithInterval,
  quantile,
  spearman,
  wilsonInterval,
} from '@plaudit/feedback';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brierScore, expectedCalibrationError, fitTemperature, logLoss, reliability } from './calibration.ts';
import { shuffledLabelsCanary, swappedLabelsCanary } from './canaries.ts';
import { compareModels } from './compare.ts';
import { validationDocument } from './document.ts';
import {
  accuracyByLengthDifference,
  accuracyBySegment,
  accuracyByStrength,
  lengthBaselines,
  lengthCorrelation,
} from './groups.ts';
import { correctness, pairAccuracy, type ScoredPair, scorePairs, swapLabels } from './pairs.ts';
import { validatePairs } from './testing.ts';
import { validate } from './validate.ts';

const pair = (difference: number, more: Partial<ScoredPair> = {}): ScoredPair => ({
  tree: 't',
  cluster: more.tree ?? 't',
  winner: 0,
  loser: 1,
  winnerReward: difference,
  loserReward: 0,
  winnerLength: 10,
  loserLength: 10,
  segments: {},
  source: 'test',
  ...more,
});

const arbitraryPairs = fc.array(
  fc
    .record({
      tree: fc.integer({ min: 0, max: 8 }).map(String),
      winnerReward: fc.integer({ min: -4, max: 4 }),
      loserReward: fc.integer({ min: -4, max: 4 }),
      winnerLength: fc.integer({ min: 0, max: 50 }),
      loserLength: fc.integer({ min: 0, max: 50 }),
    })
    .map((fields) => pair(0, { ...fields, cluster: fields.tree })),
  { minLength: 1, maxLength: 60 },
);

// Reward differences; the numbers beside them were computed with numpy 2.4 and scipy 1.17.
const differences = [2.0, -0.5, 0.3, 1.2, -1.5, 0.8, 0.1, 3.0, -0.2, 0.6];
const ten = differences.map((d) => pair(d));

describe('accuracy', () => {
  it('counts equal rewards one half', () => {
    expect(pairAccuracy([pair(1), pair(0), pair(-1), pair(2)])).toBe(0.625);
  });

  it('joins trees with scores by index', () => {
    const tree: PreferenceTree = {
      id: 'a',
      prompt: [{ role: 'user', content: 'q' }],
      responses: ['x', 'yy', 'zzz'],
      pairs: [
        { winner: 2, loser: 0, weight: 1, source: 's', row: 4, segments: { task: 'b' } },
        { winner: 0, loser: 1, weight: 1, source: 's', segments: {} },
      ],
      segments: { language: 'en' },
    };
    const [first, second] = scorePairs([tree], [[{ reward: 5 }, { reward: 6 }, { reward: 7 }]]);
    expect(first).toMatchObject({
      winnerReward: 7,
      loserReward: 5,
      winnerLength: 3,
      loserLength: 1,
      row: 4,
      segments: { language: 'en', task: 'b' },
    });
    expect(second).toMatchObject({ winnerReward: 5, loserReward: 6 });
  });
});

describe('the cluster bootstrap', () => {
  it("gives numpy's quantiles", () => {
    const sorted = [0.1, 0.2, 0.4, 0.5, 0.7, 0.9];
    expect(quantile(sorted, 0.025)).toBeCloseTo(0.1125, 12);
    expect(quantile(sorted, 0.975)).toBeCloseTo(0.875, 12);
  });

  it('gives the interval of 200,000 resamples in numpy, not the naive one', () => {
    const sizes = Array.from({ length: 6 }, () => [1, 3, 2, 4, 1, 2, 5, 1, 2, 3]).flat();
    const pairs = sizes.flatMap((size, i) =>
      Array.from({ length: size }, (_, j) => pair((i * 7 + j * 3) % 5 < 3 ? 1 : -1, { cluster: String(i) })),
    );
    const { mean, interval } = clusterBootstrap(pairs, correctness, { seed: 1 });
    expect(mean).toBeCloseTo(0.5416666666666666, 12);
    // numpy: [0.4892, 0.5878]; independent pairs would give [0.4603, 0.6230].
    expect(Math.abs(interval[0] - 0.48920863)).toBeLessThan(0.006);
    expect(Math.abs(interval[1] - 0.58783784)).toBeLessThan(0.006);
  });

  it('repeats itself for the same seed only', () => {
    const pairs = differences.map((d, i) => pair(d, { cluster: String(i) }));
    const of = (seed: number) => clusterBootstrap(pairs, correctness, { seed }).interval;
    expect(of(1)).toEqual(of(1));
  });

  it("has Wilson's interval from scipy at hand", () => {
    expect(wilsonInterval(0.7, 10)[0]).toBeCloseTo(0.39677814746114526, 10);
    expect(wilsonInterval(0.7, 10)[1]).toBeCloseTo(0.892208732593699, 10);
    expect(wilsonInterval(1, 20)).toEqual([expect.closeTo(0.8388748419471808, 10), 1]);
  });
});

describe('calibration', () => {
  it("has numpy's log loss and Brier score", () => {
    expect(logLoss(ten, 1)).toBeCloseTo(0.5919767482474957, 12);
    expect(logLoss(ten, 2)).toBeCloseTo(0.6016157194725473, 12);
    expect(brierScore(ten, 1)).toBeCloseTo(0.2056659613139035, 12);
  });

  it("has numpy's expected calibration error over 15 bins of folded confidence", () => {
    expect(expectedCalibrationError(reliability(ten, 1))).toBeCloseTo(0.3952919324764636, 12);
  });

  it("finds scipy's temperature", () => {
    expect(fitTemperature(differences)).toBeCloseTo(1.596467178221739, 6);
  });

  it('stays finite for a model that is always right, never right, or says nothing', () => {
    expect(fitTemperature([1, 2, 3])).toBeGreaterThan(0);
    expect(fitTemperature([-1, -2, -3])).toBeCloseTo(1000 * Math.sqrt(14 / 3), 6);
    expect(fitTemperature([0, 0])).toBe(1);
  });

  it('finds the temperature that made the labels', () => {
    const random = new Random(3);
    const made = Array.from({ length: 20_000 }, () => {
      const delta = 3 * random.normal();
      return random.uniform() < 1 / (1 + Math.exp(-delta / 2.5)) ? delta : -delta;
    });
    expect(Math.abs(fitTemperature(made) - 2.5)).toBeLessThan(0.1);
  });

  it('does not depend on which side was preferred first in the file', () => {
    fc.assert(
      fc.property(arbitraryPairs, (pairs) => {
        const bins = reliability(pairs, 1.3);
        const swapped = reliability(pairs.map(swapLabels), 1.3);
        expect(swapped.map((bin) => [bin.pairs, bin.confidence])).toEqual(
          bins.map((bin) => [bin.pairs, bin.confidence]),
        );
        expect(bins.reduce((sum, bin) => sum + bin.pairs, 0)).toBe(pairs.length);
      }),
    );
  });
});

describe('length', () => {
  it('baselines count equal lengths one half and add up to 1', () => {
    const pairs = [
      pair(1, { winnerLength: 5, loserLength: 3 }),
      pair(1, { winnerLength: 2, loserLength: 3 }),
      pair(1, { winnerLength: 1, loserLength: 3 }),
      pair(1, { winnerLength: 3, loserLength: 3 }),
    ];
    expect(lengthBaselines(pairs)).toEqual({ longer: 0.375, shorter: 0.625, better: 'shorter' });
  });

  it("has scipy's Spearman correlation, ties included", () => {
    expect(spearman([3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8])).toBeCloseTo(0.19885368120992467, 12);
    expect(spearman([1, 1], [1, 2])).toBeNull();
  });

  it('correlation is the same with all labels swapped', () => {
    fc.assert(
      fc.property(arbitraryPairs, (pairs) => {
        const swapped = lengthCorrelation(pairs.map(swapLabels));
        const given = lengthCorrelation(pairs);
        if (given === null) expect(swapped).toBeNull();
        else expect(swapped).toBeCloseTo(given, 9);
      }),
    );
  });
});

describe('groups', () => {
  it('hold every pair once by length difference', () => {
    fc.assert(
      fc.property(arbitraryPairs, (pairs) => {
        const groups = accuracyByLengthDifference(pairs, { resamples: 10 });
        expect(groups.reduce((sum, group) => sum + group.pairs, 0)).toBe(pairs.length);
      }),
      { numRuns: 30 },
    );
  });

  it('order strengths from weak to strong and leave out pairs without one', () => {
    const groups = accuracyByStrength([
      pair(1, { strength: 'much' }),
      pair(-1, { strength: 'slightly' }),
      pair(1),
    ]);
    expect(groups.map((g) => [g.group, g.pairs, g.accuracy])).toEqual([
      ['slightly', 1, 0],
      ['much', 1, 1],
    ]);
  });

  it('pool segment values with fewer than 20 pairs', () => {
    const of = (value: string, count: number): ScoredPair[] =>
      Array.from({ length: count }, () => pair(1, { segments: { task: value } }));
    const { task } = accuracyBySegment([...of('a', 25), ...of('b', 19), ...of('c', 3), pair(1)]);
    expect(task?.map((g) => [g.group, g.pairs])).toEqual([
      ['a', 25],
      ['other values, pooled', 22],
    ]);
  });
});

describe('canaries', () => {
  it('pass for every set of pairs when the evaluation is sound', () => {
    fc.assert(
      fc.property(arbitraryPairs, fc.integer({ min: 0, max: 50 }), (pairs, seed) => {
        expect(pairAccuracy(pairs.map(swapLabels))).toBeCloseTo(1 - pairAccuracy(pairs), 12);
        expect(shuffledLabelsCanary(pairs, seed).tolerance[0]).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it('fail for an evaluation that looks at the place of a response and not at its label', () => {
    const pairs = Array.from({ length: 200 }, (_, i) => pair(i % 3 === 0 ? -1 : 1));
    const byPlace = (scored: readonly ScoredPair[]): number =>
      scored.reduce((sum, p) => sum + (Math.max(p.winnerReward, p.loserReward) > 0 ? 1 : 0), 0) /
      scored.length;
    expect(shuffledLabelsCanary(pairs, 1, byPlace).passed).toBe(false);
    expect(shuffledLabelsCanary(pairs, 1).passed).toBe(true);
  });
});

describe('the swapped-labels canary', () => {
  const trees = Array.from(
    { length: 40 },
    (_, i): PreferenceTree => ({
      id: `t${i}`,
      prompt: [{ role: 'user', content: `question ${i}` }],
      responses: ['a', 'b', 'c'],
      pairs: [
        { winner: i % 3, loser: (i + 1) % 3, weight: 1, source: 's', segments: {} },
        { winner: 0, loser: 2, weight: 1, source: 's', segments: {} },
      ],
      segments: {},
    }),
  );
  const scores = trees.map((_, i) => [0, 1, 2].map((response) => ({ reward: (i * 7 + response * 5) % 4 })));

  it('goes from the trees to the accuracy of the document', () => {
    const document = validate(trees, scores);
    expect(document.canaries.swappedLabels.passed).toBe(true);
    expect(document.canaries.swappedLabels.expected).toBeCloseTo(1 - document.accuracy, 12);
  });

  it('fails where joining trees with scores looks at the place of a response and not at its label', () => {
    const byPlace = (given: readonly PreferenceTree[]): number =>
      pairAccuracy(
        scorePairs(
          given.map((tree) => ({
            ...tree,
            pairs: tree.pairs.map((one) => ({
              ...one,
              winner: Math.min(one.winner, one.loser),
              loser: Math.max(one.winner, one.loser),
            })),
          })),
          scores,
        ),
      );
    expect(swappedLabelsCanary(trees, byPlace).passed).toBe(false);
  });
});

describe('few prompts', () => {
  const onePrompt = Array.from({ length: 10 }, (_, i) => pair(i < 4 ? 1 : -1));

  it('give an accuracy the interval of as many observations as there are prompts', () => {
    const { accuracy, accuracyInterval } = accuracyWithInterval(onePrompt, correctness);
    expect(accuracy).toBe(0.4);
    expect(accuracyInterval).toEqual(wilsonInterval(0.4, 1));
    const [group] = accuracyByLengthDifference(onePrompt);
    expect(group).toMatchObject({ pairs: 10, prompts: 1, accuracyInterval: wilsonInterval(0.4, 1) });
  });

  it('are resampled from ten on, unless they are all alike', () => {
    const of = (prompts: number) => onePrompt.map((p, i) => ({ ...p, cluster: String(i % prompts) }));
    expect(accuracyWithInterval(of(10), correctness).accuracyInterval).not.toEqual(wilsonInterval(0.4, 10));
    const alike = Array.from({ length: 12 }, (_, i) =>
      [pair(1), pair(-1)].map((p) => ({ ...p, cluster: `${i}` })),
    );
    expect(accuracyWithInterval(alike.flat(), correctness).accuracyInterval).toEqual(wilsonInterval(0.5, 12));
  });

  it('never say which model is better, and warn', () => {
    const always = onePrompt.map((p) => ({ ...p, winnerReward: 1 }));
    const never = onePrompt.map((p) => ({ ...p, winnerReward: -1 }));
    const found = compareModels(never, always);
    expect(found).toMatchObject({ difference: 1, better: 'neither', prompts: 1 });
    expect(found.interval[0]).toBeLessThan(0);
    expect(found.probabilityB).toBeGreaterThan(0.5);
    expect(found.probabilityB).toBeLessThan(0.9);
    expect(found.warnings.join()).toMatch(/1 different prompt, which is too few/);
    const nine = (reward: number) => Array.from({ length: 9 }, (_, i) => pair(reward, { tree: `t${i}` }));
    expect(compareModels(nine(-1), nine(1)).better).toBe('neither');
    expect(compareModels(nine(1), nine(1)).probabilityB).toBe(0.5);
  });

  it('leave the lead over the length baseline within chance', () => {
    const longer = onePrompt.map((p) => ({ ...p, winnerReward: 1, winnerLength: 5 }));
    const { overLengthBaseline } = validatePairs(longer);
    expect(overLengthBaseline.difference).toBeGreaterThanOrEqual(0);
    expect(overLengthBaseline.interval[0]).toBeLessThan(0);
  });

  it('have an interval that covers the truth at least as often as it says', () => {
    const random = new Random(4);
    let covered = 0;
    for (let study = 0; study < 400; study++) {
      const pairs = Array.from({ length: 4 }, (_, prompt) => {
        const right = random.uniform();
        return Array.from({ length: 10 }, () =>
          pair(random.uniform() < right ? 1 : -1, { cluster: String(prompt) }),
        );
      }).flat();
      const [low, high] = accuracyWithInterval(pairs, correctness, { resamples: 10 }).accuracyInterval;
      if (low <= 0.5 && high >= 0.5) covered++;
      const difference = differenceWithInterval(pairs, (p) => 2 * correctness(p) - 1, { resamples: 10 });
      expect(difference.interval[0]).toBeCloseTo(2 * low - 1, 9);
    }
    expect(covered / 400).toBeGreaterThan(0.95);
  });
});

describe('the validation document', () => {
  const random = new Random(5);
  const pairs = Array.from({ length: 300 }, (_, i) =>
    pair(random.normal() + 0.5, {
      tree: `t${i}`,
      cluster: `c${i >> 1}`,
      row: i + 1,
      winnerLength: 5 + (i % 9),
    }),
  );

  it('fits its schema and survives JSON', () => {
    const document = validatePairs(pairs, { temperature: 1.5, seed: 1 });
    expect(validationDocument.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    expect(document.pairs).toBe(300);
    expect(document.prompts).toBe(150);
    expect(document.worst).toHaveLength(20);
    expect(document.worst[0]!.difference).toBeLessThan(document.worst[19]!.difference);
    expect(document.rewardDistribution.chosen.reduce((a, b) => a + b)).toBe(300);
  });

  it('is the same for the same seed', () => {
    expect(validatePairs(pairs, { seed: 2 })).toEqual(validatePairs(pairs, { seed: 2 }));
  });

  it('says what is wrong without pairs and with rewards that are not numbers', () => {
    expect(() => validatePairs([])).toThrow(/0 usable comparisons/);
    expect(() => validatePairs([pair(Number.NaN)])).toThrow(/finite/);
  });

  it('holds for one pair and for rewards that are all equal', () => {
    validationDocument.parse(validatePairs([pair(1)]));
    const { accuracy, temperature } = validationDocument.parse(validatePairs([pair(0), pair(0)]));
    expect([accuracy, temperature]).toEqual([0.5, 1]);
  });
});

describe('comparing two models', () => {
  const random = new Random(9);
  const a = Array.from({ length: 400 }, (_, i) => pair(random.normal() + 0.2, { tree: `t${i}` }));
  const better = a.map((p) => ({ ...p, winnerReward: p.winnerReward + 0.6 }));

  it('finds the better one, and neither between equals', () => {
    expect(compareModels(a, better)).toMatchObject({ better: 'b', probabilityB: 1, pairs: 400 });
    expect(compareModels(better, a).better).toBe('a');
    expect(compareModels(a, a)).toMatchObject({
      better: 'neither',
      difference: 0,
      interval: [0, 0],
      probabilityB: 0.5,
    });
  });

  it('refuses different comparisons', () => {
    expect(() => compareModels(a, a.slice(1))).toThrow(/400 against 399/);
    expect(() => compareModels(a, [...a.slice(0, -1), pair(1, { tree: 'x' })])).toThrow(/comparison 400/);
  });
});
