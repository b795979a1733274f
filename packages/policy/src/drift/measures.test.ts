import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withinPromptLengthCorrelation } from './length-correlation.ts';
import { repeatedShare } from './repetition.ts';

describe('the repeated share', () => {
  it('counts four-grams that were said before', () => {
    expect(repeatedShare('one two three four five six')).toBe(0);
    expect(repeatedShare('no no no no no no')).toBeCloseTo(2 / 3, 15);
    // a b c d, b c d a, c d a b, d a b c, a b c d
    expect(repeatedShare('a b c d a b c d')).toBeCloseTo(1 / 5, 15);
    expect(repeatedShare('Yes it is so. yes It is SO.')).toBeCloseTo(2 / 7, 15);
  });

  it('is 0 for texts of fewer than four words', () => {
    for (const text of ['', '   ', 'a', 'a a a', '\n\t']) expect(repeatedShare(text)).toBe(0);
  });

  it('sees repetition without spaces: punctuation and scripts that write none', () => {
    expect(repeatedShare('!!!!!!!!!!')).toBeCloseTo(6 / 7, 15);
    expect(repeatedShare('你好吗你好吗你好吗')).toBeCloseTo(3 / 6, 15);
    expect(repeatedShare('今日は天気がいい')).toBe(0);
    expect(repeatedShare('naïve café über año')).toBe(0);
  });

  it('lies between 0 and 1, and grows towards 1 when a text is said again and again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const share = repeatedShare(text);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThan(1);
      }),
    );
    expect(repeatedShare('the cat sat on the mat . '.repeat(50))).toBeGreaterThan(0.97);
  });
});

describe('the correlation of reward and length within prompts', () => {
  const group = (rewards: readonly number[], lengths: readonly number[]) =>
    rewards.map((reward, i) => ({ reward, length: lengths[i]! }));

  it('equals numpy 2.4 on rewards and lengths with the means of their prompts taken off', () => {
    expect(
      withinPromptLengthCorrelation([
        group([1, 2, 4], [10, 12, 20]),
        group([0.5, -1, 0], [7, 9, 30]),
        group([3, 3], [1, 2]),
      ]),
    ).toBeCloseTo(0.3852648552393743, 14);
  });

  it('does not see that some prompts have longer and better answers than others', () => {
    expect(withinPromptLengthCorrelation([group([1, 2], [20, 10]), group([11, 12], [200, 190])])).toBeCloseTo(
      -1,
      14,
    );
  });

  it('is absent where nothing varies within a prompt', () => {
    expect(withinPromptLengthCorrelation([])).toBeNull();
    expect(withinPromptLengthCorrelation([group([1], [10]), group([2], [20])])).toBeNull();
    expect(withinPromptLengthCorrelation([group([0.1, 0.1, 0.1], [1, 2, 3])])).toBeNull();
    expect(withinPromptLengthCorrelation([group([1, 2, 3], [5, 5, 5])])).toBeNull();
  });
});
