/** @file Tests: a curve in a sentence. */
import { describe, expect, it } from 'vitest';
import { summaryOf } from './series.ts';

describe('curves', () => {
  it('are told with their turn, and dates as dates', () => {
    const points = [0, 1, 2, 3].map((x) => ({ x, y: [1, 5, 4, 2][x]! }));
    expect(summaryOf({ name: 'gold', points }, 'step')).toBe(
      'gold rises from 1 to 5, then falls to 2 between step 0 and 3; least 1 at 0, most 5 at 1.',
    );
    expect(summaryOf({ name: 'gold', points }, 'time', (x) => `day ${x}`)).toContain(
      'between day 0 and day 3',
    );
  });
});
