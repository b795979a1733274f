import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { krippendorffAlpha } from '../../agreement/index.ts';
import { checkGate, comparison, rating, times } from '../testing.ts';

/** Items judged by several people, each right with a probability of their own. */
const judged = (
  items: number,
  people: readonly { readonly name: string; readonly right: number; readonly group?: string }[],
  seed = 1,
) => {
  const random = new Random(seed, 'people');
  return times(items, (i) =>
    people.map(({ name, right, group }) =>
      comparison(
        `Question ${i}?`,
        [`One ${i}.`, `Two ${i}.`],
        random.uniform() < right === (i % 2 === 0) ? 'a' : 'b',
        {
          annotator: name,
          ...(group !== undefined && { segments: { group } }),
        },
      ),
    ),
  ).flat();
};

const three = (right: number) => times(3, (i) => ({ name: `person ${i}`, right }));

describe('agreement among annotators', () => {
  it('passes for people who are mostly right and fails for coins', async () => {
    const good = await checkGate('agreement', judged(200, three(0.9)));
    expect(good.verdict).toBe('pass');
    expect(Math.abs(good.measures.pairAgreement! - (0.81 + 0.01))).toBeLessThan(0.05);
    const coins = await checkGate('agreement', judged(600, three(0.5)));
    expect(Math.abs(coins.value!)).toBeLessThan(0.06);
    expect(['warn', 'fail']).toContain(coins.verdict);
    expect(
      await checkGate('agreement', judged(300, three(0.5)), { settings: { fail: { least: 0.2 } } }),
    ).toMatchObject({
      verdict: 'fail',
    });
  });

  it('is the alpha of the agreement measures', async () => {
    const ratings = times(40, (i) =>
      times(3, (person) =>
        rating(`Question ${i}?`, `One ${i}.`, 1 + ((i + ((i * person) % 3)) % 5), {
          annotator: `p${person}`,
        }),
      ),
    ).flat();
    const { value } = krippendorffAlpha(
      ratings.map(({ prompt, value, provenance }) => ({
        unit: prompt[0]!.content,
        annotator: provenance.annotator!,
        value,
      })),
      { measurement: 'ordinal', resamples: 0 },
    );
    const found = await checkGate('agreement', ratings);
    expect(found.value).toBeCloseTo(value!, 12);
    expect(found.n).toBe(40);
  });

  it('takes what was measured elsewhere', async () => {
    const found = await checkGate('agreement', [], {
      agreement: { alpha: 0.45, interval: [0.4, 0.5], pairAgreement: 0.726, n: 900 },
    });
    expect(found).toMatchObject({ verdict: 'pass', value: 0.45, n: 900 });
    expect(found.reason).toContain('right about 84 %');
  });

  it('does not apply where nobody judged what another did', async () => {
    const alone = times(50, (i) => comparison(`${i}?`, ['One.', 'Two.'], 'a', { annotator: 'ann' }));
    expect(await checkGate('agreement', alone)).toMatchObject({ verdict: 'not_applicable' });
    expect(await checkGate('agreement', alone, { agreement: null })).toMatchObject({
      verdict: 'not_applicable',
    });
  });
});

describe('groups out of step', () => {
  const groups = (odd: number) => [
    { name: 'a', right: 0.9, group: 'city' },
    { name: 'b', right: 0.9, group: 'city' },
    { name: 'c', right: 0.9, group: 'city' },
    { name: 'd', right: odd, group: 'country' },
    { name: 'e', right: 0.9, group: 'coast' },
  ];

  it('are none where all are alike', async () => {
    const found = await checkGate('fairness', judged(300, groups(0.9)));
    expect(found).toMatchObject({ verdict: 'pass', measures: { slices: 3, belowRest: 0 } });
  });

  it('are found and named, with the gap to the rest', async () => {
    const found = await checkGate('fairness', judged(300, groups(0.65)));
    expect(found.verdict).toBe('warn');
    expect(found.reason).toContain('“country”');
    expect(found.measures.belowRest).toBe(1);
    // Others are right in 0.9: they share its judgements in 0.9 × 0.65 + 0.1 × 0.35.
    const [picture] = found.pictures;
    const lowest = picture?.kind === 'bars' ? picture.items[0]! : undefined;
    expect(lowest).toMatchObject({ name: 'group: country', flagged: true, n: 300 });
    expect(Math.abs(lowest!.value! - 0.62)).toBeLessThan(0.05);
  });

  it('fail where a group says the opposite', async () => {
    expect(await checkGate('fairness', judged(300, groups(0.1)))).toMatchObject({ verdict: 'fail' });
  });

  it('raise no alarm by chance, however many slices there are', async () => {
    const alarms = await Promise.all(
      times(20, async (seed) => {
        const random = new Random(seed, 'slices');
        const rows = judged(200, three(0.8), seed).map((row) => ({
          ...row,
          provenance: {
            ...row.provenance,
            segments: Object.fromEntries(times(6, (k) => [`segment ${k}`, `value ${random.integer(4)}`])),
          },
        }));
        return (await checkGate('fairness', rows)).verdict === 'pass' ? 0 : 1;
      }),
    );
    expect(alarms.reduce<number>((sum, one) => sum + one, 0)).toBeLessThan(4);
  });

  it('are not looked for in a handful', async () => {
    expect(await checkGate('fairness', judged(8, groups(0.1)))).toMatchObject({ verdict: 'not_applicable' });
  });
});

describe('coverage of segments', () => {
  const filled = (counts: Readonly<Record<string, Readonly<Record<string, number>>>>) =>
    Object.entries(counts).flatMap(([task, users]) =>
      Object.entries(users).flatMap(([user, count]) =>
        times(count, (i) =>
          comparison(`${task} ${user} ${i}`, ['One.', 'Two.'], 'a', { language: user, segments: { task } }),
        ),
      ),
    );

  it('passes where every cell has enough', async () => {
    const found = await checkGate('coverage', filled({ chat: { en: 20, de: 12 }, code: { en: 15, de: 10 } }));
    expect(found).toMatchObject({ verdict: 'pass', value: 0, n: 4 });
  });

  it('warns of thin and empty cells, by name', async () => {
    const found = await checkGate(
      'coverage',
      filled({ chat: { en: 50, de: 3 }, code: { en: 40 }, maths: { en: 20, de: 10 } }),
    );
    expect(found).toMatchObject({ verdict: 'warn', value: 2 / 6, measures: { emptyCells: 1, thinCells: 2 } });
    expect(found.reason).toContain('de / code (0)');
    const [picture] = found.pictures;
    expect(picture).toMatchObject({
      kind: 'heatmap',
      rows: { name: 'language' },
      columns: { name: 'task' },
    });
  });

  it('crosses the segments that are asked for, and says where there are none such', async () => {
    const rows = filled({ chat: { en: 20, de: 12 }, code: { en: 15 } });
    expect(await checkGate('coverage', rows, { settings: { by: ['task'] } })).toMatchObject({
      n: 2,
      value: 0,
    });
    const none = await checkGate('coverage', rows, { settings: { by: ['country'] } });
    expect(none).toMatchObject({ verdict: 'not_applicable' });
    expect(none.reason).toContain('task and language');
    expect(await checkGate('coverage', [comparison('1', ['a', 'b'])])).toMatchObject({
      verdict: 'not_applicable',
    });
  });

  it('stays small where every row has a segment value of its own', async () => {
    const rows = times(3000, (i) =>
      comparison(`${i}`, ['a', 'b'], 'a', {
        segments: { id: `row ${i}`, [`name ${i}`]: 'x', task: `t${i % 3}` },
      }),
    );
    const found = await checkGate('coverage', rows);
    expect(JSON.stringify(found).length).toBeLessThan(20_000);
  });
});

describe('target shares', () => {
  const speaking = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).flatMap(([language, count]) =>
      times(count, (i) => comparison(`${language} ${i}`, ['a', 'b'], 'a', { language })),
    );
  const settings = { targets: { language: { en: 0.5, de: 0.3, fr: 0.2 } } };

  it('do not apply where none were given', async () => {
    expect(await checkGate('target-shares', speaking({ en: 5 }))).toMatchObject({
      verdict: 'not_applicable',
    });
  });

  it('pass where they are reached, warn where a part is missing, fail where all is', async () => {
    expect(
      await checkGate('target-shares', speaking({ en: 50, de: 30, fr: 20 }), { settings }),
    ).toMatchObject({
      verdict: 'pass',
      value: 0,
    });
    const short = await checkGate('target-shares', speaking({ en: 60, de: 30, fr: 10 }), { settings });
    expect(short).toMatchObject({ verdict: 'warn', value: 0.5 });
    expect(short.reason).toContain('“fr”');
    expect(await checkGate('target-shares', speaking({ en: 70, de: 30 }), { settings })).toMatchObject({
      verdict: 'fail',
      value: 1,
    });
  });
});
