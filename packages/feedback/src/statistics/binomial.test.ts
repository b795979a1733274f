import { describe, expect, it } from 'vitest';
import { binomialProbabilities, binomialTest, poissonBinomialTails } from './binomial.ts';
import { digamma, logGamma } from './gamma.ts';
import { median, robustScale } from './robust.ts';

describe('the gamma function', () => {
  it.each([
    [1e-3, 6.907178885383853, -1000.5755719318103],
    [0.1, 2.252712651734206, -10.423754940411076],
    [0.5, 0.5723649429247, -1.9635100260214235],
    [1, 0, -0.5772156649015329],
    [1.5, -0.12078223763524526, 0.03648997397857652],
    [3.7, 1.428072326665388, 1.1671535393615113],
    [11.9, 17.25847745059552, 2.4339335368825377],
    [100, 359.1342053695754, 4.600161852738088],
    [1e6, 12815504.569147611, 13.81551005796419],
  ])('and its derivative at %d are those of SciPy 1.17', (x, logarithm, derivative) => {
    expect(Math.abs(logGamma(x) - logarithm)).toBeLessThan(2e-14 * Math.max(1, Math.abs(logarithm)));
    expect(Math.abs(digamma(x) - derivative)).toBeLessThan(2e-14 * Math.max(1, Math.abs(derivative)));
  });
});

describe('the exact binomial test', () => {
  it.each([
    [7, 10, 0.5, 0.34375, 0.9453125, 0.171875],
    [682, 925, 0.75, 0.3824915595748517, 0.19600926705388308, 0.8240891223524226],
    [0, 5, 0.3, 0.33115, 0.16807, 1],
    [3, 15, 0.1, 0.18406106910639106, 0.944444369992464, 0.18406106910639106],
    [450, 1000, 0.5, 0.0017305360849763027, 0.0008652680424881513, 0.999304129202789],
    [60, 100, 0.55, 0.36578512890061077, 0.8657459589453078, 0.18305694421446572],
    [12000, 23456, 0.5, 0.0003917085587638649, 0.9998136301281721, 0.00019585427938193244],
  ])('gives the p-values of SciPy 1.17 for %i of %i at %d', (k, n, chance, twoSided, less, greater) => {
    expect(binomialTest(k, n, chance) / twoSided).toBeCloseTo(1, 9);
    expect(binomialTest(k, n, chance, 'less') / less).toBeCloseTo(1, 9);
    expect(binomialTest(k, n, chance, 'greater') / greater).toBeCloseTo(1, 9);
  });

  it('says nothing of no trials, and knows what cannot happen', () => {
    expect(binomialTest(0, 0)).toBe(1);
    expect(binomialTest(1, 3, 0)).toBe(0);
    expect(() => binomialTest(4, 3)).toThrow(RangeError);
  });
});

describe('the Poisson binomial distribution', () => {
  it('is exact for forty different chances', () => {
    const chances = Array.from({ length: 40 }, (_, i) => (((i * 37) % 97) + 1) / 99);
    expect(poissonBinomialTails(chances, 15).lower).toBeCloseTo(0.05854078781795247, 13);
    expect(poissonBinomialTails(chances, 25).upper).toBeCloseTo(0.02666224235337732, 13);
  });

  it('is within 0.0001 of a convolution by NumPy for 3,000 chances', () => {
    const chances = Array.from({ length: 3000 }, (_, i) => (((i * 37) % 97) + 1) / 400);
    expect(Math.abs(poissonBinomialTails(chances, 330).lower - 0.016397107542369626)).toBeLessThan(1e-4);
    expect(Math.abs(poissonBinomialTails(chances, 400).upper - 0.03533436135677176)).toBeLessThan(1e-4);
  });

  it('is the binomial where all chances are the same', () => {
    const { lower, upper } = poissonBinomialTails(new Float64Array(50).fill(0.3), 12);
    expect(lower).toBeCloseTo(binomialTest(12, 50, 0.3, 'less'), 12);
    expect(upper).toBeCloseTo(binomialTest(12, 50, 0.3, 'greater'), 12);
    expect(binomialProbabilities(50, 0.3).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});

describe('the robust scale', () => {
  it('does not move with one wild value', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(robustScale([1, 2, 3, 4, 1e9])).toEqual({ centre: 3, spread: 1.482602218505602 });
    expect(robustScale([5, 5, 5, 9]).spread).toBe(0);
  });
});
