import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { spearman, wilsonInterval } from '@plaudit/feedback';
import { describe, expect, it } from 'vitest';
import { correlationWithInterval } from './correlation-interval.ts';
import { type ValidationDocument, validationDocument } from './document.ts';
import { headline } from './headline.ts';
import type { ResponseScore } from './pairs.ts';
import { validate } from './validate.ts';

const by = { weight: 1, source: 's' };

const tree = (id: number, more: Partial<PreferenceTree>): PreferenceTree => ({
  id: `t${id}`,
  prompt: [{ role: 'user', content: `question ${id}` }],
  responses: ['a', 'bb', 'ccc', 'dddd'],
  pairs: [],
  segments: {},
  ...more,
});

const rewards = (...values: number[]): ResponseScore[] => values.map((reward) => ({ reward }));

/** Survives its schema and JSON, as every document has to. */
const parsed = (document: ValidationDocument): ValidationDocument =>
  validationDocument.parse(JSON.parse(JSON.stringify(document)));

describe('labels', () => {
  const given = [1.2, -0.4, 0.3, 2, -1.1, 0.1, -0.2, 0.9];
  const desirable = [true, false, false, true, false, true, true, false];
  const trees = given.map((_, i) =>
    tree(i, { responses: ['r'.repeat(i + 1)], labels: [{ ...by, response: 0, desirable: desirable[i]! }] }),
  );
  const scores = given.map((reward) => rewards(reward));
  const document = parsed(validate(trees, scores));

  it("have scikit-learn's area under the ROC curve, Brier score and log loss", () => {
    expect(document.labels!.rocAuc).toBeCloseTo(0.75, 12);
    expect(document.labels!.brier).toBeCloseTo(0.206825914851076, 12);
    expect(document.labels!.logLoss).toBeCloseTo(0.5910757130690205, 12);
  });

  it('make the headline where nobody compared: each is a comparison with a reward of 0', () => {
    expect(document).toMatchObject({
      judged: 'labels',
      pairs: 8,
      accuracy: 5 / 8,
      lengthBaseline: 0.5,
      labels: { labels: 8, positives: 4, accuracy: 5 / 8, majorityBaseline: 0.5 },
    });
    expect(document.brier).toBeCloseTo(document.labels!.brier, 12);
    expect(document.canaries.swappedLabels).toMatchObject({ passed: true, observed: 3 / 8 });
    expect(document.lengthCorrelation).toBeCloseTo(spearman(given, [1, 2, 3, 4, 5, 6, 7, 8])!, 12);
    expect(document.rewardDistribution.chosen.reduce((a, b) => a + b)).toBe(4);
  });

  it('name the judged response of a mistake, and nothing for the threshold', () => {
    expect(
      document.worst.map(({ tree, winner, loser, difference }) => [tree, winner, loser, difference]),
    ).toEqual([
      ['t7', null, 0, -0.9],
      ['t2', null, 0, -0.3],
      ['t6', 0, null, -0.2],
    ]);
  });

  it('are beaten by the more frequent answer where a model says nothing', () => {
    const mostly = trees.map((one, i) => ({ ...one, labels: [{ ...by, response: 0, desirable: i > 1 }] }));
    const { lengthBaseline, lengthBaselines, accuracy } = validate(
      mostly,
      scores.map(() => rewards(0)),
    );
    expect([accuracy, lengthBaseline, lengthBaselines.better]).toEqual([0.5, 0.75, 'longer']);
  });
});

describe('the headline', () => {
  const pair = { ...by, winner: 1, loser: 0, segments: {} };
  const scores = [rewards(0, 1, 2, 3)];
  const of = (more: Partial<PreferenceTree>) => {
    const { pairs, ...rest } = headline([tree(0, more)], scores);
    return { ...rest, count: pairs.length };
  };

  it('counts comparisons before what rankings, ratings or labels imply', () => {
    const implied = { ...pair, impliedBy: 'ranking' as const };
    expect(of({ pairs: [pair, implied, implied] })).toEqual({ judged: 'pairs', count: 1 });
    expect(of({ pairs: [implied, implied] })).toEqual({ judged: 'pairs', impliedBy: ['ranking'], count: 2 });
    expect(of({ pairs: [{ ...pair, criterion: 'brevity' }, implied] })).toMatchObject({
      count: 1,
      impliedBy: ['ranking'],
    });
  });

  it('counts judgements by criterion only where there are none overall, and says so', () => {
    expect(
      of({
        pairs: [
          { ...pair, criterion: 'b' },
          { ...pair, criterion: 'a' },
        ],
      }),
    ).toEqual({
      judged: 'pairs',
      count: 2,
      judgedCriteria: ['a', 'b'],
    });
  });

  it('takes labels and not the few pairs that they happen to imply', () => {
    const label = { ...by, response: 0, desirable: false };
    const implied = { ...pair, impliedBy: 'label' as const };
    expect(of({ pairs: [implied], labels: [label, label, label] })).toEqual({ judged: 'labels', count: 3 });
    expect(of({ pairs: [implied], labels: [label, label] })).toMatchObject({ judged: 'pairs', count: 1 });
  });

  it('is refused where nothing was judged', () => {
    expect(() => validate([tree(0, {})], scores)).toThrow(/0 usable comparisons/);
  });
});

describe('criteria', () => {
  const criteria = { brevity: 'short' };
  const trees = Array.from({ length: 12 }, (_, i) =>
    tree(i, {
      pairs: [
        { ...by, winner: 0, loser: 1, segments: {}, criterion: 'brevity' },
        { ...by, winner: 1, loser: 0, segments: {} },
        { ...by, winner: 1, loser: 0, segments: {}, criterion: 'warmth' },
      ],
    }),
  );
  const scores = trees.map(() =>
    [1, 2, 3, 4].map((reward) => ({ reward, perObjective: { short: -reward, main: reward } })),
  );

  it('are judged by the objective that speaks of them, the rest by the reward', () => {
    const document = parsed(validate(trees, scores, { criteria }));
    expect(document.criteria).toMatchObject([
      { criterion: 'brevity', objective: 'short', accuracy: 1, pairs: 12, implied: false },
      { criterion: 'warmth', objective: null, accuracy: 1, pairs: 12 },
    ]);
    expect(document).toMatchObject({ judged: 'pairs', accuracy: 1, pairs: 12 });
  });

  it('are judged by the reward where the model has no such objective', () => {
    expect(validate(trees, scores).criteria![0]).toMatchObject({ objective: null, accuracy: 0 });
    const bare = trees.map(() => rewards(1, 2, 3, 4));
    expect(validate(trees, bare, { criteria }).criteria![0]!.accuracy).toBe(0);
  });
});

describe('rankings', () => {
  it("have scipy's tau-b and Spearman correlation, ties included", () => {
    const ranked = tree(0, {
      rankings: [{ ...by, groups: [[0], [1, 2], [3]], restUnordered: false }],
      pairs: [{ ...by, winner: 0, loser: 3, segments: {}, impliedBy: 'ranking' }],
    });
    const { rankings } = parsed(validate([ranked], [rewards(0.5, 0.9, -1, -2)]));
    expect(rankings!.kendallTau).toBeCloseTo(0.5477225575051662, 12);
    expect(rankings!.spearman).toBeCloseTo(0.632455532033676, 12);
    expect([rankings!.top1, rankings!.top1Chance]).toEqual([0, 0.25]);
  });

  it('share the first place among equal rewards, and count 0 for a model that says nothing', () => {
    const trees = Array.from({ length: 20 }, (_, i) =>
      tree(i, {
        rankings: [{ ...by, groups: [[0, 1], [2], [3]], restUnordered: false }],
        pairs: [{ ...by, winner: 0, loser: 3, segments: {}, impliedBy: 'ranking' }],
      }),
    );
    const { rankings } = validate(
      trees,
      trees.map(() => rewards(1, 1, 1, 1)),
    );
    expect(rankings).toMatchObject({ kendallTau: 0, top1: 0.5, top1Chance: 0.5, rankings: 20 });
  });
});

describe('ratings', () => {
  const x = [0.1, 0.5, -0.3, 1.2, 0.7, -0.8, 0.2, 0.9, -0.1, 0.4, 1.1, -0.6];
  const values = [3, 4, 2, 5, 3, 1, 3, 4, 3, 2, 5, 2];
  const scale = { least: 1, most: 5 };
  const trees = [0, 1, 2].map((t) =>
    tree(t, {
      ratings: [0, 1, 2, 3].map((response) => ({ ...by, response, value: values[4 * t + response]!, scale })),
      pairs: [{ ...by, winner: 1, loser: 0, segments: {}, impliedBy: 'rating' }],
    }),
  );
  const scores = [0, 1, 2].map((t) => rewards(...x.slice(4 * t, 4 * t + 4)));

  it("have scipy's correlations, and the order within a prompt", () => {
    const [overall] = parsed(validate(trees, scores)).ratings!;
    expect(overall!.spearman).toBeCloseTo(0.8744628721022492, 12);
    expect(overall!.pearson).toBeCloseTo(0.8868089176850252, 12);
    // Of the 16 pairs with different ratings one is the wrong way round: 0.4 rated 2 against -0.1 rated 3.
    expect(overall).toMatchObject({ criterion: null, ratings: 12, pairs: 16, pairAccuracy: 15 / 16 });
  });

  it('count a response that several people rated once, with their mean', () => {
    const twice = trees.map((one) => ({
      ...one,
      ratings: one.ratings!.flatMap((rating) => [
        { ...rating, value: rating.value - 1 },
        { ...rating, value: rating.value + 1 },
      ]),
    }));
    const [once] = validate(trees, scores).ratings!;
    const [mean] = validate(twice, scores).ratings!;
    expect([mean!.ratings, mean!.pairs]).toEqual([12, 16]);
    expect(mean!.pearson).toBeCloseTo(once!.pearson!, 12);
  });

  it('have intervals that cover the truth about as often as they say', () => {
    const random = new Random(2);
    let covered = 0;
    const studies = 200;
    for (let study = 0; study < studies; study++) {
      const prompts = Array.from({ length: 60 }, () => random.normal());
      const clusters: string[] = [];
      const [a, b]: [number[], number[]] = [[], []];
      prompts.forEach((shared, prompt) => {
        for (let k = 0; k < 3; k++) {
          // Covariance 1 + 0.5 of variances 2: the correlation is 0.75, and prompts share most of it.
          const both = shared + Math.SQRT1_2 * random.normal();
          a.push(both + Math.SQRT1_2 * random.normal());
          b.push(both + Math.SQRT1_2 * random.normal());
          clusters.push(String(prompt));
        }
      });
      const [low, high] = correlationWithInterval(a, b, clusters, { resamples: 300, seed: study })!.interval;
      if (low <= 0.75 && high >= 0.75) covered++;
    }
    expect(covered / studies).toBeGreaterThan(0.88);
    expect(covered / studies).toBeLessThan(0.99);
  });
});

describe('steps', () => {
  const steps = ['one', 'two', 'three'];
  const chain = (id: number, labels: (boolean | null)[]): PreferenceTree =>
    tree(id, {
      responses: [steps.join('\n')],
      steps: [{ ...by, response: 0, steps, separator: '\n', labels }],
    });
  const trees = [
    chain(0, [true, true, true]),
    chain(1, [true, false, null]),
    chain(2, [true, true, false]),
    chain(3, [false, null, null]),
  ];
  const at = (...values: number[]): ResponseScore[] => [{ reward: 0, steps: values }];
  // The first is right throughout; then the mistake is found; then too early; then not at all.
  const scores = [at(1, 1, 1), at(1, -1, 1), at(1, -1, -1), at(1, 1, 1)];

  it('count the first mistake, whatever comes after it, and steps that somebody judged', () => {
    const document = parsed(validate(trees, scores));
    expect(document).toMatchObject({ judged: 'steps', pairs: 9, accuracy: 7 / 9, lengthBaseline: 6 / 9 });
    expect(document.steps).toMatchObject({
      responses: 4,
      steps: 9,
      positives: 6,
      firstMistakeAccuracy: 0.5,
      neverMistaken: 0.25,
      amongMistaken: 1 / 3,
      amongRight: 1,
      f1: 0.5,
    });
    expect(document.worst.map(({ tree, step, winner, loser }) => [tree, step, winner, loser])).toEqual([
      ['t2', 1, 0, null],
      ['t3', 0, null, 0],
    ]);
    expect(document.steps!.firstMistakeInterval).toEqual(wilsonInterval(0.5, 4));
  });

  it('are no headline for a model that gives no rewards at their ends', () => {
    expect(() =>
      validate(
        trees,
        trees.map(() => rewards(1)),
      ),
    ).toThrow(/0 usable comparisons/);
  });
});
