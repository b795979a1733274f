import { describe, expect, it } from 'vitest';
import { checkGate, comparison, label, times } from '../testing.ts';

const plain = (count: number) =>
  times(count, (i) => comparison(`Question ${i}?`, [`Answer ${i}.`, `Other ${i}.`], i % 2 ? 'a' : 'b'));

describe('the number of judgements', () => {
  it.each([
    [300, 'pass'],
    [299, 'warn'],
    [19, 'fail'],
    [0, 'fail'],
  ])('of %i is one that %s', async (count, verdict) => {
    expect(await checkGate('size', plain(count))).toMatchObject({ verdict, value: count });
  });
});

describe('empty texts', () => {
  it('pass where there are none', async () => {
    expect(await checkGate('empty-texts', plain(50))).toMatchObject({ verdict: 'pass', value: 0 });
  });

  it('warn of one row in a thousand and fail above one in a hundred, with the rows', async () => {
    const one = comparison('A question?', [' \n ', 'Text.'], 'a', { row: 7001 });
    const few = await checkGate('empty-texts', [...plain(999), one]);
    expect(few).toMatchObject({ verdict: 'warn', value: 0.001, n: 1000 });
    expect(few.evidence).toEqual({ total: 1, rows: [{ source: 'made', row: 7001, position: 1000 }] });
    const many = await checkGate('empty-texts', [
      ...plain(90),
      ...times(10, (i) => label(' ', `x${i}`, true)),
    ]);
    expect(many).toMatchObject({ verdict: 'fail', evidence: { total: 10 } });
  });
});

describe('very long texts', () => {
  it('warn above one in a hundred, and never fail', async () => {
    const long = times(5, (i) => comparison(`Question ${i}?`, ['x'.repeat(16_000), 'y'], 'a'));
    expect(await checkGate('long-texts', plain(100))).toMatchObject({ verdict: 'pass' });
    expect(await checkGate('long-texts', [...plain(95), ...long])).toMatchObject({
      verdict: 'warn',
      value: 0.05,
    });
    expect(
      await checkGate('long-texts', [...plain(95), ...long], { settings: { characters: 20_000 } }),
    ).toMatchObject({ verdict: 'pass', value: 0 });
  });
});

describe('outcomes that are all the same', () => {
  const outcomes = (first: number, second: number, shown?: 0) =>
    times(first + second, (i) =>
      comparison(
        `Question ${i}?`,
        ['One.', 'Two.'],
        i < first ? 'a' : 'b',
        shown === 0 ? { shownFirst: 0 } : {},
      ),
    );

  it('pass where both sides win', async () => {
    expect(await checkGate('one-sided-outcomes', outcomes(55, 45))).toMatchObject({
      verdict: 'pass',
      value: 0.55,
    });
  });

  it('warn at nine in ten, fail at all', async () => {
    expect(await checkGate('one-sided-outcomes', outcomes(90, 10))).toMatchObject({ verdict: 'warn' });
    expect(await checkGate('one-sided-outcomes', outcomes(0, 200))).toMatchObject({
      verdict: 'fail',
      value: 1,
    });
    expect(
      await checkGate(
        'one-sided-outcomes',
        times(200, (i) => comparison(`${i}?`, ['a', 'b'], 'tie')),
      ),
    ).toMatchObject({ verdict: 'fail' });
  });

  it('mean nothing in files with a chosen and a rejected response, but do where the order shown is known', async () => {
    expect(await checkGate('one-sided-outcomes', outcomes(200, 0))).toMatchObject({
      verdict: 'not_applicable',
    });
    expect(await checkGate('one-sided-outcomes', outcomes(200, 0, 0))).toMatchObject({ verdict: 'fail' });
  });
});

describe('one annotator behind most rows', () => {
  const by = (counts: readonly number[]) =>
    counts.flatMap((count, person) =>
      times(count, (i) =>
        comparison(`${person} ${i}?`, ['One.', 'Two.'], 'a', { annotator: `person ${person}` }),
      ),
    );

  it('passes where several share the work', async () => {
    expect(await checkGate('dominant-annotator', by([40, 30, 30]))).toMatchObject({
      verdict: 'pass',
      value: 0.4,
    });
  });

  it('warns where one has more than half', async () => {
    const found = await checkGate('dominant-annotator', by([60, 20, 20]));
    expect(found).toMatchObject({ verdict: 'warn', value: 0.6, measures: { annotators: 3 } });
  });

  it('does not apply where nobody is named', async () => {
    expect(await checkGate('dominant-annotator', plain(10))).toMatchObject({ verdict: 'not_applicable' });
  });
});
