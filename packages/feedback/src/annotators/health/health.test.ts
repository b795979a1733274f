import { type Comparison, type Judgement, Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import type { AnnotatorValue } from '../../agreement/annotator-value.ts';
import { comparisonUnit } from '../../agreement/comparison-unit.ts';
import { simulateCrowd, type Voter } from '../testing.ts';
import { annotatorHealth } from './annotator-health.ts';
import { checkVotes } from './checks.ts';
import { contrarians } from './contrarians.ts';
import { likePairs } from './copies.ts';
import { judgingSpeeds } from './speed.ts';
import { longestRuns, runProbability, sideShares } from './straight-lining.ts';

const people = (count: number, accuracy: number): Voter[] => new Array<Voter>(count).fill({ accuracy });

describe('checks with known answers', () => {
  const votes = (accuracy: number, count: number, seed: number) => {
    const random = new Random(seed, 'checks');
    return Array.from({ length: count }, () => ({ annotator: 'ann', right: random.uniform() < accuracy }));
  };
  const paused = (accuracy: number, count: number, rule: 'e-process' | 'interval'): number => {
    let sum = 0;
    for (let seed = 0; seed < 400; seed++)
      if (checkVotes(votes(accuracy, count, seed), { bar: 0.7, rule })[0]!.pause) sum++;
    return sum / 400;
  };

  it('pause hardly anyone who is as good as the bar, however often one looks', () => {
    // The e-process keeps the largest evidence after any vote.
    expect(paused(0.7, 300, 'e-process')).toBeLessThan(0.05);
    expect(paused(0.7, 60, 'interval')).toBeLessThan(0.05);
    expect(paused(0.85, 300, 'e-process')).toBeLessThan(0.005);
  });

  it('pause half of the random clickers within forty items, and most within a hundred', () => {
    expect(paused(0.5, 40, 'e-process')).toBeGreaterThan(0.5);
    expect(paused(0.5, 100, 'e-process')).toBeGreaterThan(0.85);
    expect(paused(0.5, 60, 'interval')).toBeGreaterThan(0.8);
  });

  it('never pause on a raw share: six of ten say nothing yet', () => {
    const few = Array.from({ length: 10 }, (_, i) => ({ annotator: 'ann', right: i < 6 }));
    for (const rule of ['e-process', 'interval'] as const)
      expect(checkVotes(few, { bar: 0.8, rule })[0]).toMatchObject({ pause: false, accuracy: 0.6 });
    expect(checkVotes(few)[0]!.interval).toEqual([expect.closeTo(0.3127, 4), expect.closeTo(0.8318, 4)]);
  });

  it('want a bar that can be met and missed', () => {
    expect(() => checkVotes([], { bar: 1 })).toThrow(RangeError);
    expect(() => checkVotes([], { level: 0 })).toThrow(RangeError);
  });
});

describe('speed', () => {
  const random = new Random(5);
  const timed = Array.from({ length: 600 }, (_, i) => {
    const annotator = String(i % 6);
    const unit = String(Math.floor(i / 6));
    // A unit takes 10 to 60 seconds; person 5 clicks through half of them in one.
    const usual = 10 + 50 * (Math.floor(i / 6) / 100);
    const hasty = annotator === '5' && random.uniform() < 0.5;
    return { annotator, unit, seconds: hasty ? 1 : usual * Math.exp(0.3 * random.normal()) };
  });

  it('finds who clicks through, held against what others take for the same unit', () => {
    const { annotators, unusable } = judgingSpeeds(timed);
    expect(unusable).toBe(0);
    expect(annotators.filter(({ hasty }) => hasty).map(({ annotator }) => annotator)).toEqual(['5']);
    const hasty = annotators.find(({ annotator }) => annotator === '5')!;
    expect(hasty.tooFast / hasty.timed).toBeGreaterThan(0.35);
  });

  it('counts impossible times, and blames nobody where all are alike', () => {
    const alike = ['a', 'b'].map((annotator) => ({ annotator, unit: 'u', seconds: 5 }));
    const bad = [0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((seconds) => ({
      annotator: 'a',
      unit: 'u',
      seconds,
    }));
    const { annotators, unusable } = judgingSpeeds([...alike, ...bad]);
    expect(unusable).toBe(4);
    expect(annotators.every(({ hasty, tooFast }) => !hasty && tooFast === 0)).toBe(true);
    expect(judgingSpeeds(bad)).toEqual({ annotators: [], unusable: 4 });
  });
});

describe('straight-lining', () => {
  it('gives runs of tosses of a coin their exact probability', () => {
    // Of the 1,024 results of ten tosses 174 have a run of six or more heads, or of tails: counted out below.
    const long = Array.from({ length: 1024 }, (_, bits) => {
      let [run, most] = [1, 1];
      for (let i = 1; i < 10; i++) {
        run = ((bits >> i) & 1) === ((bits >> (i - 1)) & 1) ? run + 1 : 1;
        most = Math.max(most, run);
      }
      return most;
    });
    for (let length = 1; length <= 11; length++)
      expect(runProbability(10, length, 0.5)).toBeCloseTo(
        long.filter((most) => most >= length).length / 1024,
        12,
      );
  });

  it('finds the one who says the same for a long time, and not the one whose answers are mostly right', () => {
    const random = new Random(8);
    const answers = ['ann', 'bob', 'cy'].flatMap((annotator) =>
      Array.from({ length: 120 }, (_, i) => ({
        annotator,
        answer: annotator === 'cy' && i >= 40 && i < 80 ? 'tie' : random.uniform() < 0.8 ? 'a' : 'b',
      })),
    );
    const runs = longestRuns(answers);
    expect(runs.map(({ straightLining }) => straightLining)).toEqual([false, false, true]);
    expect(runs[2]).toMatchObject({ answer: 'tie', length: 40 });
  });

  it('finds a preference for a side by the exact binomial test', () => {
    const sides = (annotator: string, first: number, second: number) =>
      Array.from({ length: first + second }, (_, i) => ({
        annotator,
        side: i < first ? ('first' as const) : ('second' as const),
      }));
    const found = sideShares([...sides('ann', 80, 20), ...sides('bob', 55, 45)]);
    expect(found.map(({ biased }) => biased)).toEqual([true, false]);
    // SciPy's binomtest(80, 100), doubled for two annotators.
    expect(found[0]!.pValue / (2 * 1.1159089057251951e-9)).toBeCloseTo(1, 6);
    expect(found[1]!.pValue).toBeCloseTo(0.36820161732669654, 9);
  });
});

describe('contrarians', () => {
  it('are found, random clickers too, and hardly ever anyone else', () => {
    let [innocent, clickers] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const { values } = simulateCrowd({
        units: 100,
        voters: [...people(8, 0.85), { accuracy: 0.5 }, { accuracy: 0.1 }],
        seed,
      });
      const found = contrarians(values);
      expect(found[9]!.outlier).toBe(true);
      if (found[8]!.outlier) clickers++;
      innocent += found.slice(0, 8).filter(({ outlier }) => outlier).length;
    }
    expect(clickers).toBeGreaterThanOrEqual(18);
    expect(innocent / 160).toBeLessThan(0.02);
  });

  it('are nobody where nobody else judged', () => {
    expect(contrarians([{ unit: 'u', annotator: 'a', value: 1 }])[0]).toMatchObject({
      votes: 0,
      pValue: 1,
      eValue: 0.5,
      outlier: false,
    });
    expect(contrarians([])).toEqual([]);
  });
});

describe('copies', () => {
  const crowd = (seed: number) =>
    simulateCrowd({ units: 200, voters: people(8, 0.75), classes: ['a', 'b', 'c'], share: 0.6, seed }).values;
  /** Person 0 under a second name, with a few changes. */
  const copied = (values: readonly AnnotatorValue[], kept: number): AnnotatorValue[] => {
    const random = new Random(1);
    return values
      .filter(({ annotator }) => annotator === '0')
      .map((vote) => ({
        ...vote,
        annotator: 'copy',
        value: random.uniform() < kept ? vote.value : random.pick(['a', 'b', 'c']),
      }));
  };

  it('are found even where a tenth was changed', () => {
    const values = crowd(1);
    const [first, second] = likePairs([...values, ...copied(values, 0.9)]);
    expect(first).toMatchObject({ annotators: ['0', 'copy'], copied: true });
    expect(first!.agreeing).toBeGreaterThan(first!.expected);
    expect(second!.copied).toBe(false);
  });

  it('are not seen in people who merely know the same', () => {
    let blamed = 0;
    for (let seed = 10; seed < 30; seed++)
      blamed += likePairs(crowd(seed)).filter((pair) => pair.copied).length;
    expect(blamed).toBeLessThanOrEqual(1);
  });

  it('need enough units in common', () => {
    expect(likePairs(crowd(1), { fewestUnits: 500 })).toEqual([]);
    expect(likePairs([])).toEqual([]);
  });
});

describe('the health of annotators', () => {
  const random = new Random(21);
  const judgements: Comparison[] = Array.from({ length: 80 }, (_, i) => {
    const responses: [string, string] = [`${random.integer(1e6)} x`, `${random.integer(1e6)} y`];
    return ['ann', 'bob', 'cy', 'spam'].map((annotator): Comparison => {
      const shownFirst = random.uniform() < 0.5 ? 0 : 1;
      const chosen = annotator === 'spam' ? shownFirst : random.uniform() < 0.9 ? 0 : 1;
      return {
        kind: 'comparison',
        prompt: [{ role: 'user', content: `prompt ${i}` }],
        responses,
        outcome: chosen === 0 ? 'a' : 'b',
        provenance: { source: 'test', annotator, shownFirst },
      };
    });
  }).flat();
  // The first response is the better one, always.
  const gold = new Map(
    judgements.map((one) => {
      const { unit, swapped } = comparisonUnit(one);
      return [unit, swapped ? 'b' : 'a'];
    }),
  );

  it('says of each what gives cause for concern, and pauses only who fails a check', () => {
    const { annotators, criteria, setAside } = annotatorHealth(judgements, {
      gold,
      secondsOf: ({ provenance }) =>
        provenance.annotator === 'spam' ? 1 : 20 + (provenance.annotator ?? '').length,
    });
    expect(setAside).toEqual({ 'without annotator': 0, 'unusable time': 0 });
    expect(criteria).toHaveLength(1);
    const spam = annotators.find(({ annotator }) => annotator === 'spam')!;
    expect(spam.pause).toBe(true);
    expect(spam.concerns.map(({ concern }) => concern)).toEqual(
      expect.arrayContaining(['gold', 'side bias', 'straight-lining', 'contrarian']),
    );
    for (const one of annotators)
      if (one !== spam) expect([one.pause, one.concerns, one.judgements]).toEqual([false, [], 80]);
  });

  it('is silent about what nobody asked or recorded, and counts who is nameless', () => {
    const bare = judgements.map(({ provenance: { annotator }, ...one }): Judgement => {
      const named = annotator !== 'cy' && annotator !== undefined;
      return { ...one, provenance: { source: 'test', ...(named && { annotator }) } };
    });
    const { annotators, setAside } = annotatorHealth(bare);
    expect(setAside['without annotator']).toBe(80);
    for (const one of annotators)
      expect(Object.keys(one).sort()).toEqual(['annotator', 'concerns', 'judgements', 'pause']);
  });

  it('is a plain document', () => {
    const report = annotatorHealth(judgements, { attention: gold });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.annotators.find(({ annotator }) => annotator === 'spam')!.attention!.pause).toBe(true);
  });
});
