import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { suppressSmallCells } from './small-cells.ts';

describe('counts of people', () => {
  it('are shown where no group is small', () =>
    expect(suppressSmallCells({ a: 5, b: 9 })).toEqual({ cells: { a: 5, b: 9 }, suppressed: [] }));

  it('lose the small groups and, where the total would give one away, the next', () => {
    expect(suppressSmallCells({ a: 3, b: 4, c: 50 })).toEqual({
      cells: { c: 50 },
      suppressed: ['a', 'b'],
      rest: 7,
    });
    expect(suppressSmallCells({ a: 3, b: 20, c: 50 })).toEqual({
      cells: { c: 50 },
      suppressed: ['a', 'b'],
      rest: 23,
    });
    expect(suppressSmallCells({ a: 1, b: 2 })).toEqual({ cells: {}, suppressed: ['a', 'b'] });
    expect(suppressSmallCells({ a: 0, b: 0, c: 9, d: 9 })).toEqual({
      cells: { d: 9 },
      suppressed: ['a', 'b', 'c'],
      rest: 9,
    });
  });

  it('never show a group under k, nor leave a remainder under k, nor lose anybody', () =>
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.nat(20)),
        fc.integer({ min: 2, max: 9 }),
        (counts, k) => {
          const { cells, suppressed, rest } = suppressSmallCells(counts, k);
          expect(Object.values(cells).every((count) => count >= k)).toBe(true);
          expect(Object.keys(cells).length + suppressed.length).toBe(Object.keys(counts).length);
          if (rest !== undefined) expect(rest).toBeGreaterThanOrEqual(k);
          if (Object.keys(cells).length > 0) expect(suppressed.length).not.toBe(1);
        },
      ),
    ));

  it('are whole numbers, and k at least two', () => {
    expect(() => suppressSmallCells({ a: -1 })).toThrow(RangeError);
    expect(() => suppressSmallCells({ a: 1.5 })).toThrow(RangeError);
    expect(() => suppressSmallCells({ a: 1 }, 1)).toThrow(RangeError);
  });
});
