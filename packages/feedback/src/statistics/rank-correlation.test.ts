import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kendallTau, pearson, spearman } from './rank-correlation.ts';
import { mcnemarExact, rocAuc } from './two-outcomes.ts';

/** Three hundred numbers with many ties; the same as in the reference run. */
const x = Array.from({ length: 300 }, (_, i) => (i * 7919) % 101);
const y = Array.from({ length: 300 }, (_, i) => (i * 104729 + 13 * i * i) % 37);

describe('rank correlations', () => {
  it('equal SciPy 1.17 with ties', () => {
    const a = [1, 2, 2, 3, 4, 4, 4, 5, 6, 7];
    const b = [2, 1, 3, 3, 5, 4, 4, 4, 7, 6];
    expect(kendallTau(a, b).b).toBeCloseTo(0.7804878048780488, 14);
    expect(kendallTau(a, b).a).toBeCloseTo(0.7111111111111111, 14);
    expect(spearman(a, b)).toBeCloseTo(0.9093749999999999, 14);
    expect(kendallTau(x, y).b).toBeCloseTo(0.13345718080428068, 14);
    expect(kendallTau(x, y).a).toBeCloseTo(0.12963210702341138, 14);
    expect(spearman(x, y)).toBeCloseTo(0.1959454572488627, 14);
    expect(pearson(x, y)).toBeCloseTo(0.20003051676270434, 14);
  });

  it('are 1 for the same order, -1 for the reverse, and absent where one side never varies', () => {
    expect(kendallTau([1, 2, 3], [4, 5, 9])).toEqual({ a: 1, b: 1 });
    expect(kendallTau([1, 2, 3], [9, 5, 4])).toEqual({ a: -1, b: -1 });
    expect(kendallTau([1, 1, 1], [1, 2, 3])).toEqual({ a: 0, b: null });
    expect(kendallTau([1], [1])).toEqual({ a: null, b: null });
    expect(pearson([1, 1], [1, 2])).toBeNull();
  });

  it('count every pair once, as comparing all of them does', () => {
    const numbers = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(numbers, fc.infiniteStream(fc.integer({ min: 0, max: 6 })), (a, stream) => {
        const b = [...stream.take(a.length)];
        let sum = 0;
        a.forEach((_, i) => {
          for (let j = 0; j < i; j++) sum += Math.sign(a[i]! - a[j]!) * Math.sign(b[i]! - b[j]!);
        });
        expect(kendallTau(a, b).a).toBeCloseTo(sum / ((a.length * (a.length - 1)) / 2), 12);
      }),
    );
  });
});

describe("McNemar's exact test", () => {
  it.each([
    [3, 9, 0.14599609375],
    [0, 5, 0.0625],
    [10, 10, 1],
    [120, 160, 0.019606727290281328],
    [1, 0, 1],
    [5000, 5300, 0.003215819673645259],
  ])('gives the p-value of SciPy for %i against %i', (onlyA, onlyB, p) => {
    expect(mcnemarExact(onlyA, onlyB) / p).toBeCloseTo(1, 9);
    expect(mcnemarExact(onlyB, onlyA)).toBe(mcnemarExact(onlyA, onlyB));
  });
});

describe('the area under the ROC curve', () => {
  it('equals scikit-learn 1.9 with ties', () => {
    const right = [true, false, true, true, false, false, true, false];
    expect(rocAuc([0.9, 0.8, 0.8, 0.3, 0.3, 0.1, 0.7, 0.7], right)).toBeCloseTo(0.71875, 14);
  });

  it('is one half for a constant and absent without both outcomes', () => {
    expect(rocAuc([1, 1, 1], [true, false, true])).toBe(0.5);
    expect(rocAuc([1, 2], [true, true])).toBeNull();
  });
});
