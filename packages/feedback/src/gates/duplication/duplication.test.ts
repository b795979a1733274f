import { describe, expect, it } from 'vitest';
import { simulate } from '../../simulate/simulate.ts';
import { checkGate, comparison, times } from '../testing.ts';

const words =
  'river stone window garden engine paper winter music doctor market copper island ladder mirror needle orange pocket rabbit silver thunder velvet walnut yellow zebra anchor basket candle dragon feather giant'.split(
    ' ',
  );
/** Sentences of which no two are alike. */
const sentence = (seed: number, length = 24): string =>
  times(
    length,
    (i) =>
      words[(seed * 7 + i * (seed % 11) + ((seed * i * i) % 13)) % words.length]! + ((seed * (i + 3)) % 97),
  ).join(' ');

const rows = (count: number, from = 0) =>
  times(count, (i) =>
    comparison(sentence(from + i + 1), [sentence(from + i + 5000), sentence(from + i + 9000)]),
  );

describe('duplicate rows', () => {
  it('pass where all differ', async () => {
    expect(await checkGate('duplicate-rows', rows(200))).toMatchObject({ verdict: 'pass', value: 0, n: 200 });
  });

  it('are seen when copied, also with the responses the other way round', async () => {
    const some = rows(100);
    const swapped = some.slice(0, 10).map((one) => ({
      ...one,
      responses: one.responses.toReversed() as [string, string],
      outcome: 'b' as const,
    }));
    const found = await checkGate('duplicate-rows', [...some, ...some.slice(50, 60), ...swapped]);
    expect(found).toMatchObject({ verdict: 'warn', measures: { exact: 20, near: 0 }, value: 20 / 120 });
    expect(found.evidence).toMatchObject({ total: 20 });
    expect(found.evidence.rows[0]).toMatchObject({ position: 101 });
  });

  it('fail where there are more copies than rows', async () => {
    const some = rows(20);
    expect(await checkGate('duplicate-rows', [...some, ...some, ...some])).toMatchObject({ verdict: 'fail' });
  });

  it('are not the judgements of several annotators, nor another outcome', async () => {
    const some = rows(50);
    const by = (annotator: string) =>
      some.map((one) => ({ ...one, provenance: { ...one.provenance, annotator } }));
    expect(await checkGate('duplicate-rows', [...by('ann'), ...by('bob')])).toMatchObject({ value: 0 });
    const other = some.map((one) => ({ ...one, outcome: 'b' as const }));
    expect(await checkGate('duplicate-rows', [...some, ...other])).toMatchObject({ value: 0 });
  });

  it('are seen where a few words were changed, and not where only the prompt is shared', async () => {
    const some = rows(40);
    const nudged = some.map((one) =>
      comparison(
        `${one.prompt[0]!.content} please`,
        one.responses.map((text) => `Well, ${text}`) as [string, string],
      ),
    );
    const found = await checkGate('duplicate-rows', [...some, ...nudged]);
    expect(found.measures).toEqual({ exact: 0, near: 40 });
    const others = some.map((one, i) =>
      comparison(one.prompt[0]!.content, [one.responses[0], sentence(20_000 + i)]),
    );
    expect(await checkGate('duplicate-rows', [...some, ...others])).toMatchObject({ value: 0 });
  });
});

describe('near-duplicate prompts', () => {
  it('pass where all differ, and a prompt that is judged often counts once', async () => {
    const some = rows(100);
    expect(await checkGate('near-duplicate-prompts', [...some, ...some])).toMatchObject({
      verdict: 'pass',
      value: 0,
      n: 100,
    });
  });

  it('warn where a third is written again, with a histogram of how alike they are', async () => {
    const some = rows(100);
    const again = some.slice(0, 50).map((one) => comparison(`${one.prompt[0]!.content} thanks`, ['a', 'b']));
    const found = await checkGate('near-duplicate-prompts', [...some, ...again]);
    expect(found).toMatchObject({ verdict: 'warn', n: 150, evidence: { total: 50 } });
    expect(found.value).toBeCloseTo(1 / 3, 12);
    const [picture] = found.pictures;
    expect(picture?.kind === 'histogram' && picture.bins.reduce((sum, { count }) => sum + count, 0)).toBe(50);
  });

  it('fail where nearly all say the same', async () => {
    const one = sentence(1);
    const same = times(100, (i) => comparison(`${one} ${i}`, ['a', 'b']));
    expect(await checkGate('near-duplicate-prompts', same)).toMatchObject({ verdict: 'fail' });
  });
});

describe('leakage into a held-out set', () => {
  it('does not apply without one', async () => {
    expect(await checkGate('leakage', rows(10))).toMatchObject({ verdict: 'not_applicable', required: true });
  });

  it('passes where no prompt is shared', async () => {
    const found = await checkGate('leakage', rows(100), {
      heldOut: { name: 'test', judgements: rows(50, 500) },
    });
    expect(found).toMatchObject({ verdict: 'pass', value: 0, n: 50 });
  });

  it('fails where prompts come back in other words, and names the held-out rows', async () => {
    const train = rows(100);
    const leaked = train
      .slice(0, 5)
      .map((one, i) => comparison(`Please: ${one.prompt[0]!.content}`, ['a', 'b'], 'a', { row: 600 + i }));
    const found = await checkGate('leakage', train, {
      heldOut: { name: 'test', judgements: [...leaked, ...rows(45, 500)] },
    });
    expect(found).toMatchObject({ verdict: 'fail', value: 0.1 });
    expect(found.evidence.rows.map(({ row }) => row)).toEqual([600, 601, 602, 603, 604]);
  });

  it('sees a conversation that goes on where another ended', async () => {
    const start = comparison('Hi', ['a', 'b']);
    const longer = {
      ...start,
      prompt: [
        ...start.prompt,
        { role: 'assistant' as const, content: 'Hello, what is it about?' },
        { role: 'user' as const, content: sentence(77) },
      ],
    };
    const found = await checkGate('leakage', [longer], { heldOut: { name: 'test', judgements: [start] } });
    expect(found).toMatchObject({ verdict: 'fail', value: 1 });
  });

  it('finds a split at random leaky and a split by prompt tight', async () => {
    const { comparisons } = simulate({
      prompts: 60,
      responsesPerPrompt: 4,
      comparisons: 400,
      annotators: { count: 5 },
      seed: 1,
    });
    const random = await checkGate('leakage', comparisons.slice(0, 300), {
      heldOut: { name: 'test', judgements: comparisons.slice(300) },
    });
    expect(random).toMatchObject({ verdict: 'fail' });
    expect(random.value).toBeGreaterThan(0.9);
  });
});

describe('contamination by a benchmark', () => {
  const benchmark = { name: 'Made Bench', texts: times(200, (i) => sentence(30_000 + i, 30)) };

  it('does not apply without one', async () => {
    expect(await checkGate('contamination', rows(10))).toMatchObject({ verdict: 'not_applicable' });
  });

  it('passes where nothing is shared', async () => {
    const found = await checkGate('contamination', rows(200), { benchmarks: [benchmark] });
    expect(found).toMatchObject({ verdict: 'pass', value: 0, n: 200 });
  });

  it('finds thirteen words in a row, whatever their case and punctuation, in prompts and responses', async () => {
    const run = (text: string, from: number, length: number): string =>
      text
        .toUpperCase()
        .split(' ')
        .slice(from, from + length)
        .join(', ');
    const some = rows(96);
    const prompt = comparison(`Well then: ${run(benchmark.texts[3]!, 8, 13)}!`, ['a', 'b']);
    const response = comparison('Why?', [`It is ${run(benchmark.texts[9]!, 2, 14)}.`, 'b']);
    const twelve = comparison(`Well then: ${run(benchmark.texts[5]!, 8, 12)}!`, ['a', 'b']);
    const found = await checkGate('contamination', [...some, prompt, twelve, response], {
      benchmarks: [benchmark],
    });
    expect(found).toMatchObject({ verdict: 'fail', evidence: { total: 2 } });
    expect(found.evidence.rows.map(({ position }) => position)).toEqual([97, 99]);
    expect(found.reason).toContain('Made Bench (2 texts of 200)');
  });

  it('finds short texts whole, says which are too short to be found, and ignores a template of a benchmark', async () => {
    const template = 'Answer the following question as well as you can and explain each of your steps to me';
    const texts = [
      'one two three four five six seven eight nine',
      'too short',
      ...times(30, (i) => `${template} ${sentence(40_000 + i, 4)}`),
    ];
    const judged = [
      comparison('Say one two three four five six seven eight nine', ['a', 'b']),
      comparison(`${template} what ever this may be`, ['a', 'b']),
    ];
    const found = await checkGate('contamination', judged, { benchmarks: [{ name: 'B', texts }] });
    expect(found.evidence.rows.map(({ position }) => position)).toEqual([1]);
    expect(found.reason).toContain('1 text of fewer than 8 words');
  });

  it('finds Chinese, which has no spaces', async () => {
    const text = '请用简单的语言解释光合作用是如何在植物的叶子里发生的';
    const found = await checkGate('contamination', [comparison(`问题：${text}？`, ['好', '坏'])], {
      benchmarks: [{ name: '中文', texts: [text] }],
    });
    expect(found).toMatchObject({ verdict: 'fail', value: 1 });
  });
});
