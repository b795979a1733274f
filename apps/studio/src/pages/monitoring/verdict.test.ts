/** @file Tests: drift in words follows from its numbers, and from nothing that chance explains. */
import { describe, expect, it } from 'vitest';
import { histogramOf, sentenceOf, sizeOfCategories, sizeOfNumbers, sizeOfTexts } from './verdict.ts';

describe('drift in words', () => {
  const still = {
    enough: true,
    n: 900,
    psi: 0.01,
    ks: 0.03,
    ksPValue: 0.6,
    wasserstein: 0.04,
    shift: 0.02,
  } as const;

  it('is none where chance explains it, whatever its size', () => {
    expect(sizeOfNumbers({ ...still, psi: 0.4, wasserstein: 1 })).toBe('none');
    expect(sizeOfTexts({ enough: true, n: 100, auc: 0.8, pValue: 0.02 })).toBe('none');
    expect(sentenceOf('Reward', still)).toBe('Reward is where it was.');
  });

  it('is as large as the largest of its effect sizes', () => {
    const sure = { ...still, ksPValue: 1e-6 };
    expect(sizeOfNumbers({ ...sure, psi: 0.06, wasserstein: 0.1 })).toBe('small');
    expect(sizeOfNumbers({ ...sure, psi: 0.06, wasserstein: 0.6 })).toBe('moderate');
    expect(sizeOfNumbers({ ...sure, psi: 0.3, wasserstein: null })).toBe('large');
    expect(sizeOfTexts({ enough: true, n: 100, auc: 0.72, pValue: 1e-5 })).toBe('large');
    const furthest = { category: 'de', change: 0.2 };
    expect(sizeOfCategories({ enough: true, n: 100, psi: 0.01, jensenShannon: 0.12, furthest })).toBe(
      'moderate',
    );
  });

  it('says which way the mean went, or that only the shape changed', () => {
    const moved = { ...still, ksPValue: 1e-6, psi: 0.3, wasserstein: 0.8 };
    expect(sentenceOf('Length', { ...moved, shift: -0.75 })).toBe(
      'Length is 0.75 standard deviations lower on average.',
    );
    expect(sentenceOf('Length', { ...moved, shift: 0.1 })).toMatch(/the shape is another one/);
  });

  it('is drawn as shares that add up to one in each window', () => {
    const [before, now] = histogramOf({ edges: [0, 1, 2], reference: [3, 1], current: [0, 8] });
    expect(before!.points.map(({ y }) => y)).toEqual([0.75, 0.25, 0.25]);
    expect(now!.points).toEqual([
      { x: 0, y: 0 },
      { x: 1, y: 1 },
      { x: 2, y: 1 },
    ]);
  });
});
