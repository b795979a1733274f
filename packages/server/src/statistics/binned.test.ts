/** @file Tests: two windows in the same bins. */
import { describe, expect, it } from 'vitest';
import { binned } from './binned.ts';

describe('two windows in the same bins', () => {
  it('count every value once, those beyond the outermost edges in the outermost bins', () => {
    const reference = Array.from({ length: 1000 }, (_, i) => i / 1000);
    const found = binned(reference, [...reference, -1e9, 1e9])!;
    expect(found.edges).toHaveLength(found.reference.length + 1);
    expect(found.edges[0]).toBeCloseTo(0.004, 2);
    expect(found.reference.reduce((sum, n) => sum + n, 0)).toBe(1000);
    expect(found.current.map((n, i) => n - found.reference[i]!).filter((n) => n !== 0)).toEqual([1, 1]);
    expect(binned([], [1])).toBeNull();
    expect(binned([2, 2], [2])).toEqual({ edges: [1.5, 2.5], reference: [2], current: [1] });
    expect(() => binned([Number.NaN], [1])).toThrow('value 1 of the reference');
  });
});
