import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnotatorValue } from './annotator-value.ts';
import { attainable } from './attainable.ts';
import { annotatorPairs, cohenKappa } from './cohen-kappa.ts';
import { fleissKappa } from './fleiss-kappa.ts';
import { krippendorffAlpha, type Measurement } from './krippendorff-alpha.ts';
import { pairAgreement } from './pair-agreement.ts';
import { countsOfValues, recorded, rowsOfValues } from './testing.ts';

/** The example of Wikipedia's page on the coefficient, which R's and Python's packages repeat. */
const threeCoders = rowsOfValues({
  A: '. . . . . 3 4 1 2 1 1 3 3 . 3',
  B: '1 . 2 1 3 3 4 3 . . . . . . .',
  C: '. . 2 1 3 4 4 . 2 1 1 3 3 . 4',
});

/** Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C. */
const fourObservers = rowsOfValues({
  A: '1 2 3 3 2 1 4 1 2 . . .',
  B: '1 2 3 3 2 2 4 1 2 5 . 3',
  C: '. 3 3 3 2 3 4 2 2 5 1 .',
  D: '1 2 3 3 2 4 4 1 2 5 1 .',
});

/** Fleiss' example as on Wikipedia: 10 subjects, 14 raters, 5 categories. */
const fourteenRaters = countsOfValues([
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
]);

/** The table that `fixtures/record.py` makes by the same formula. */
const formula: AnnotatorValue[] = Array.from({ length: 300 }, (_, i) => {
  const [unit, annotator] = [Math.floor(i / 5), i % 5];
  const usual = (unit * 31 + annotator * 17 + unit * annotator * 13) % 7 < 5;
  const value = usual ? ((unit * 7919) % 5) + 1 : ((unit + 2 * annotator) % 5) + 1;
  return { unit: `unit ${unit}`, annotator: String(annotator), value, said: (unit * 5 + annotator * 3) % 4 };
}).filter(({ said }) => said !== 0);

/** Two annotators who put `counts[i][j]` units into categories i and j. */
const joint = (counts: readonly (readonly number[])[]): AnnotatorValue[] =>
  counts.flatMap((row, i) =>
    row.flatMap((count, j) =>
      Array.from({ length: count }, (_, k) => `${i} ${j} ${k}`).flatMap((unit) => [
        { unit, annotator: 'first', value: i },
        { unit, annotator: 'second', value: j },
      ]),
    ),
  );
const firstAndSecond = ['first', 'second'] as const;
const none = { resamples: 0 };

const alpha = (values: readonly AnnotatorValue[], measurement: Measurement): number | null =>
  krippendorffAlpha(values, { measurement, resamples: 0 }).value;

describe("Krippendorff's alpha", () => {
  it('is that of the published examples', () => {
    expect(alpha(threeCoders, 'nominal')).toBeCloseTo(0.691, 3);
    expect(alpha(threeCoders, 'ordinal')).toBeCloseTo(0.807, 3);
    expect(alpha(threeCoders, 'interval')).toBeCloseTo(0.811, 3);
    expect(alpha(fourObservers, 'nominal')).toBeCloseTo(0.743, 3);
    expect(alpha(fourObservers, 'ordinal')).toBeCloseTo(0.815, 3);
    expect(alpha(fourObservers, 'interval')).toBeCloseTo(0.849, 3);
  });

  it.each(['nominal', 'ordinal', 'interval'] as const)('equals the Python package on %s values', (level) => {
    expect(alpha(formula, level)).toBeCloseTo(recorded.table.alpha[level], 12);
  });

  it('takes texts in a declared order as the numbers of their places', () => {
    const words = ['none', 'some', 'much', 'all', 'every'];
    const texts = formula.map((one) => ({ ...one, value: words[Number(one.value) - 1]! }));
    for (const measurement of ['ordinal', 'interval'] as const)
      expect(krippendorffAlpha(texts, { measurement, order: words, ...none }).value).toBeCloseTo(
        recorded.table.alpha[measurement],
        12,
      );
    expect(() => krippendorffAlpha(texts, { measurement: 'ordinal' })).toThrow(
      expect.objectContaining({ code: 'data.bad_option' }),
    );
    expect(() => krippendorffAlpha(texts, { order: ['none', 'some'] })).toThrow(
      expect.objectContaining({ code: 'data.bad_option' }),
    );
  });

  const votes = fc.array(
    fc.record({
      unit: fc.integer({ min: 0, max: 6 }).map(String),
      annotator: fc.integer({ min: 0, max: 3 }).map(String),
      value: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 2, maxLength: 40 },
  );

  it('is one minus observed over expected disagreement, summed couple by couple, repeated votes included', () => {
    fc.assert(
      fc.property(votes, (values) => {
        const weighed = values.map((one) => ({
          ...one,
          weight:
            1 /
            values.filter(({ unit, annotator }) => unit === one.unit && annotator === one.annotator).length,
        }));
        const peopleOf = (of: string): number =>
          new Set(values.filter(({ unit }) => unit === of).map(({ annotator }) => annotator)).size;
        const pairable = weighed.filter(({ unit }) => peopleOf(unit) >= 2);
        const total = (value: number): number =>
          pairable.reduce((sum, one) => (one.value === value ? sum + one.weight : sum), 0);
        const all = pairable.reduce((sum, { weight }) => sum + weight, 0);
        const distances: Record<Measurement, (a: number, b: number) => number> = {
          nominal: (a, b) => (a === b ? 0 : 1),
          interval: (a, b) => (a - b) ** 2,
          ordinal: (a, b) => {
            const [low, high] = [Math.min(a, b), Math.max(a, b)];
            let between = -(total(a) + total(b)) / 2;
            for (let value = low; value <= high; value++) between += total(value);
            return between ** 2;
          },
        };
        for (const [measurement, distance] of Object.entries(distances)) {
          let observed = 0;
          let expected = 0;
          for (const one of pairable)
            for (const other of pairable) {
              const apart = one.weight * other.weight * distance(one.value, other.value);
              expected += apart;
              if (one.unit === other.unit && one.annotator !== other.annotator)
                observed += apart / (peopleOf(one.unit) - 1);
            }
          const found = alpha(values, measurement as Measurement);
          if (expected === 0) expect(found).toBeNull();
          else expect(found).toBeCloseTo(1 - ((all - 1) * observed) / expected, 9);
        }
      }),
    );
  });

  it('does not change when somebody says the same thing again', () => {
    const again = [...threeCoders, ...threeCoders.filter(({ annotator }) => annotator === 'C')];
    expect(alpha(again, 'interval')).toBeCloseTo(alpha(threeCoders, 'interval')!, 12);
  });

  it('keeps its digits where values are large', () => {
    const years = formula.map((one) => ({ ...one, value: Number(one.value) + 1e7 }));
    expect(alpha(years, 'interval')).toBeCloseTo(recorded.table.alpha.interval, 9);
  });

  it('is absent where nothing was judged twice or nobody ever differs', () => {
    expect(krippendorffAlpha([])).toEqual({ value: null, interval: null });
    expect(alpha([{ unit: '1', annotator: 'a', value: 1 }], 'nominal')).toBeNull();
    expect(alpha(rowsOfValues({ A: '2 2 2', B: '2 2 2' }), 'interval')).toBeNull();
    expect(() => alpha(rowsOfValues({ A: 'NaN 2' }), 'nominal')).toThrow(RangeError);
  });
});

describe('intervals of agreement', () => {
  it('cover the truth about as often as they claim', () => {
    // Two annotators, each right on 85 % of balanced pairs: they agree on 74.5 %, and alpha is 0.49.
    let covered = 0;
    for (let seed = 0; seed < 100; seed++) {
      let state = seed * 7919 + 1;
      const chance = (): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      };
      const values = Array.from({ length: 120 }, (_, unit) => {
        const truth = chance() < 0.5;
        return firstAndSecond.map((annotator) => ({
          unit: String(unit),
          annotator,
          value: String(chance() < 0.85 ? truth : !truth),
        }));
      }).flat();
      const [low, high] = krippendorffAlpha(values, { resamples: 200, seed }).interval!;
      if (low <= 0.49 && 0.49 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it('resample all pairs of a prompt together: the same pair four times over is no more certain', () => {
    const width = (values: readonly AnnotatorValue[]): number => {
      const [low, high] = krippendorffAlpha(values, { seed: 3 }).interval!;
      return high - low;
    };
    const fourTimes = [0, 1, 2, 3].flatMap((copy) =>
      formula.map((one) => ({ ...one, unit: `${one.unit} ${copy}`, cluster: one.unit })),
    );
    const alone = fourTimes.map(({ cluster: _, ...one }) => one);
    expect(width(fourTimes) / width(formula)).toBeCloseTo(1, 1);
    expect(width(alone) / width(formula)).toBeCloseTo(0.5, 1);
  });

  it('are absent where resampling shows nothing, and the same for the same seed', () => {
    expect(krippendorffAlpha(rowsOfValues({ A: '1 2 1 2', B: '1 2 1 1' })).interval).toBeNull();
    const alike = rowsOfValues({ A: '1 2 1 2 1 2 1 2 1 2', B: '1 2 1 2 1 2 1 2 1 2' });
    expect(krippendorffAlpha(alike)).toEqual({ value: 1, interval: null });
    expect(fleissKappa(fourteenRaters, { seed: 2 })).toEqual(fleissKappa(fourteenRaters, { seed: 2 }));
  });

  it('take seconds for 100,000 ratings and 1,000 resamples, here a tenth of it', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({
      unit: String(i % 25_000),
      annotator: String(i % 97),
      value: ((i % 25_000) * 7 + (i % 3 === 0 ? i % 97 : 0)) % 5,
    }));
    const started = performance.now();
    expect(krippendorffAlpha(many, { measurement: 'ordinal', resamples: 100 }).interval).not.toBeNull();
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe("Cohen's kappa", () => {
  it('is that of the published examples', () => {
    const grants = joint([
      [20, 5],
      [10, 15],
    ]);
    expect(cohenKappa(grants, firstAndSecond, none).value).toBeCloseTo(0.4, 12);
    // Cohen 1968, table 1: 0.492 unweighted.
    const diagnoses = joint([
      [44, 7, 9],
      [5, 20, 5],
      [1, 3, 6],
    ]);
    expect(cohenKappa(diagnoses, firstAndSecond, none).value).toBeCloseTo(0.492, 3);
  });

  it.each(['none', 'linear', 'quadratic'] as const)('equals scikit-learn with weights %s', (weights) => {
    const found = cohenKappa(formula, ['0', '1'], { weights });
    expect(found.value).toBeCloseTo(recorded.table.kappa[weights], 12);
    expect(found.interval![0]).toBeLessThan(recorded.table.kappa[weights]);
    expect(found.interval![1]).toBeGreaterThan(recorded.table.kappa[weights]);
  });

  it('weighted has to know the order of texts', () => {
    const texts = formula.map((one) => ({ ...one, value: `grade ${one.value}` }));
    expect(() => cohenKappa(texts, ['0', '1'], { weights: 'linear' })).toThrow(
      expect.objectContaining({ code: 'data.bad_option' }),
    );
  });

  it('lists every pair of annotators, those who agree least first', () => {
    const pairs = annotatorPairs(formula);
    expect(pairs).toHaveLength(10);
    expect(pairs.map(({ agreement }) => agreement)).toEqual(
      pairs.map(({ agreement }) => agreement).sort((a, b) => a - b),
    );
    const first = pairs.find(({ annotators }) => annotators.every((name) => name < '2'))!;
    expect(first.kappa).toBeCloseTo(recorded.table.kappa.none, 12);
    expect(cohenKappa(formula, ['0', 'nobody'])).toEqual({ value: null, interval: null });
  });
});

describe("Fleiss' kappa", () => {
  it('is 0.210 on the example of fourteen raters', () => {
    expect(fleissKappa(fourteenRaters, none).value).toBeCloseTo(0.21, 3);
  });

  it('is absent where units have unequal numbers of annotators', () => {
    expect(fleissKappa(threeCoders).value).toBeNull();
    expect(fleissKappa(rowsOfValues({ A: '1 2 1', B: '1 2 .' })).value).toBeNull();
  });
});

describe('what agreement means', () => {
  it.each([
    [0.63, 0.755, 0.26, 0.849],
    [0.726, 0.836, 0.45, 0.928],
    [0.77, 0.867, 0.54, 0.952],
    [0.81, 0.894, 0.62, 0.969],
  ])('at %d one annotator is right on %d', (agreement, one, balanced, three) => {
    const found = attainable(agreement);
    expect(found.annotatorAccuracy).toBeCloseTo(one, 3);
    expect(Math.abs(found.balancedAlpha - balanced)).toBeLessThan(0.006);
    expect(found.majorityOf3).toBeCloseTo(three, 3);
    expect(found.majorityOf5).toBeGreaterThan(found.majorityOf3);
  });

  it('below chance is chance', () => {
    expect(attainable(0.4).annotatorAccuracy).toBe(0.5);
    expect(pairAgreement(rowsOfValues({ A: '1 1 2 2', B: '1 1 1 2' }), none).value).toBe(0.75);
  });
});
