import { Random } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkGate, comparison, label, rating, times } from '../testing.ts';
import { components, hasCycle } from './preference-graph.ts';

const pair: readonly [string, string] = ['One.', 'Two.'];
const turned: readonly [string, string] = ['Two.', 'One.'];

describe('contradictions between rows', () => {
  it('are none where nothing is judged twice, and none where most say the same', async () => {
    const once = times(50, (i) => comparison(`Question ${i}?`, pair));
    expect(await checkGate('contradictions', once)).toMatchObject({ verdict: 'pass', value: 0 });
    const settled = times(50, (i) =>
      times(3, (vote) => comparison(`Question ${i}?`, pair, vote === 0 ? 'b' : 'a')),
    ).flat();
    expect(await checkGate('contradictions', settled)).toMatchObject({ verdict: 'pass', value: 0, n: 50 });
  });

  it('are found whichever response is named first, with the rows of both sides', async () => {
    const [for_, against] = [
      comparison('Why?', pair, 'a', { row: 1 }),
      comparison('Why?', turned, 'a', { row: 2 }),
    ];
    const found = await checkGate('contradictions', [
      for_,
      against,
      ...times(8, (i) => comparison(`${i}?`, pair)),
    ]);
    expect(found).toMatchObject({ verdict: 'warn', value: 1 / 9, n: 9 });
    expect(found.evidence.rows.map(({ row }) => row)).toEqual([1, 2]);
  });

  it('fail where every pair is as often one way as the other', async () => {
    const even = times(40, (i) => [comparison(`${i}?`, pair, 'a'), comparison(`${i}?`, pair, 'b')]).flat();
    expect(await checkGate('contradictions', even)).toMatchObject({ verdict: 'fail', value: 1 });
  });

  it('are told apart by criterion and by prompt, and not seen in ties', async () => {
    const both = times(20, (i) => [
      { ...comparison(`${i}?`, pair, 'a'), criterion: 'helpful' },
      { ...comparison(`${i}?`, pair, 'b'), criterion: 'harmless' },
      comparison(`${i}?`, ['A', 'B'], 'tie'),
      comparison(`${i}?`, ['A', 'B'], 'a'),
    ]).flat();
    expect(await checkGate('contradictions', both)).toMatchObject({ verdict: 'pass', value: 0 });
  });

  it('are seen in labels too', async () => {
    const thumbs = times(30, (i) => [label(`${i}?`, 'One.', true), label(`${i}?`, 'One.', false)]).flat();
    expect(await checkGate('contradictions', thumbs)).toMatchObject({ verdict: 'fail', value: 1 });
  });
});

describe('annotators who change their minds', () => {
  const again = (count: number, changed: number) =>
    times(count, (i) => [
      comparison(`${i}?`, pair, 'a', { annotator: 'ann' }),
      comparison(`${i}?`, turned, i < changed ? 'a' : 'b', { annotator: 'ann' }),
    ]).flat();

  it('pass with one change in ten, warn with one in four and fail with a half', async () => {
    expect(await checkGate('self-disagreement', again(100, 10))).toMatchObject({
      verdict: 'pass',
      value: 0.1,
      n: 100,
    });
    expect(await checkGate('self-disagreement', again(100, 25))).toMatchObject({ verdict: 'warn' });
    expect(await checkGate('self-disagreement', again(100, 50))).toMatchObject({
      verdict: 'fail',
      evidence: { total: 50 },
    });
  });

  it('are not those who disagree with others, nor those who are not named', async () => {
    const two = times(50, (i) => [
      comparison(`${i}?`, pair, 'a', { annotator: 'ann' }),
      comparison(`${i}?`, pair, 'b', { annotator: 'bob' }),
      comparison(`${i}?`, pair, 'a'),
      comparison(`${i}?`, pair, 'b'),
    ]).flat();
    expect(await checkGate('self-disagreement', two)).toMatchObject({ verdict: 'not_applicable' });
  });

  it('may move a rating by one of five, not by two', async () => {
    const moved = (by: number) =>
      times(40, (i) => [
        rating(`${i}?`, 'One.', 3, { annotator: 'ann' }),
        rating(`${i}?`, 'One.', 3 + by, { annotator: 'ann' }),
      ]).flat();
    expect(await checkGate('self-disagreement', moved(1))).toMatchObject({ value: 0 });
    expect(await checkGate('self-disagreement', moved(2))).toMatchObject({ value: 1 });
  });
});

describe('the estimate of label noise', () => {
  it('finds the error with which the judgements were made', async () => {
    const random = new Random(1, 'noise');
    const judged = times(3000, (i) =>
      times(2, (person) =>
        comparison(`${i}?`, pair, random.uniform() < 0.18 ? 'b' : 'a', { annotator: `person ${person}` }),
      ),
    ).flat();
    const found = await checkGate('label-noise', judged);
    expect(Math.abs(found.value! - 0.18)).toBeLessThan(0.02);
    expect(found.interval![0]).toBeLessThan(0.18);
    expect(found.interval![1]).toBeGreaterThan(0.18);
    expect(found.verdict).toBe('pass');
  });

  it('is one half for coins, which fails', async () => {
    const random = new Random(2, 'noise');
    const judged = times(500, (i) =>
      times(3, (person) =>
        comparison(`${i}?`, pair, random.uniform() < 0.5 ? 'b' : 'a', { annotator: `person ${person}` }),
      ),
    ).flat();
    const found = await checkGate('label-noise', judged);
    expect(found.value).toBeGreaterThan(0.4);
    expect(['warn', 'fail']).toContain(found.verdict);
  });

  it('does not take rows without a name for judgements of several people', async () => {
    const copies = times(50, (i) => [comparison(`${i}?`, pair), comparison(`${i}?`, pair)]).flat();
    expect(await checkGate('label-noise', copies)).toMatchObject({ verdict: 'not_applicable' });
  });
});

/** All pairs of so many responses; the arrow of each by a function of their numbers. */
const tournament = (prompt: string, responses: number, firstWins: (i: number, j: number) => boolean) =>
  times(responses, (i) =>
    times(i, (j) => comparison(prompt, [`Answer ${i}`, `Answer ${j}`], firstWins(i, j) ? 'a' : 'b')),
  ).flat();

describe('preferences that run in a circle', () => {
  it('are none where a reward explains all, however many responses there are', async () => {
    const ordered = times(30, (i) => tournament(`${i}?`, 6, (a, b) => a > b)).flat();
    expect(await checkGate('preference-cycles', ordered)).toMatchObject({ verdict: 'pass', value: 0, n: 30 });
  });

  it('fail where every prompt has one, with its rows', async () => {
    // 0 beats 1, 1 beats 2, 2 beats 0; 3 loses to all.
    const circle = (a: number, b: number): boolean => (a === 3 ? false : (a - b + 3) % 3 === 2);
    const found = await checkGate(
      'preference-cycles',
      times(30, (i) => tournament(`${i}?`, 4, circle)).flat(),
    );
    expect(found).toMatchObject({ verdict: 'fail', value: 1, evidence: { total: 90 } });
  });

  it('are about as many as coins give where coins judged', async () => {
    const random = new Random(3, 'coins');
    const tossed = times(400, (i) => tournament(`${i}?`, 3, () => random.uniform() < 0.5)).flat();
    const found = await checkGate('preference-cycles', tossed);
    // Two of the eight tournaments of three are circles.
    expect(Math.abs(found.measures.byCoin! - 0.25)).toBeLessThan(0.03);
    expect(Math.abs(found.value! - 0.25)).toBeLessThan(0.08);
  });

  it('are looked for in each annotator’s own preferences where that is asked', async () => {
    // Each is in order, and the majority of the three runs in a circle.
    const orders = ['012', '120', '201'];
    const judged = times(20, (i) =>
      orders.flatMap((order, person) =>
        tournament(`${i}?`, 3, (a, b) => order.indexOf(String(a)) < order.indexOf(String(b))).map((one) => ({
          ...one,
          provenance: { ...one.provenance, annotator: `person ${person}`, segments: { group: `${person}` } },
        })),
      ),
    ).flat();
    expect(await checkGate('preference-cycles', judged)).toMatchObject({ value: 1, n: 20 });
    for (const by of ['annotator', { segment: 'group' }] as const)
      expect(await checkGate('preference-cycles', judged, { settings: { by } })).toMatchObject({
        value: 0,
        n: 60,
      });
    expect(
      await checkGate('preference-cycles', judged, { settings: { by: { segment: 'nowhere' } } }),
    ).toMatchObject({ verdict: 'not_applicable' });
  });

  it('cannot be where a prompt has no three responses that were all compared', async () => {
    const stars = times(20, (i) => times(5, (j) => comparison(`${i}?`, ['Base.', `Answer ${j}`]))).flat();
    expect(await checkGate('preference-cycles', stars)).toMatchObject({ verdict: 'not_applicable' });
  });
});

describe('strongly connected components', () => {
  it('are the sets of responses that reach each other', () => {
    const arrow = fc.record({ winner: fc.nat(6), loser: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(arrow, { maxLength: 20 }), (arrows) => {
        const reach = times(7, (from) => {
          const seen = new Set([from]);
          for (let grown = -1; grown < seen.size; ) {
            grown = seen.size;
            for (const { winner, loser } of arrows) if (seen.has(winner)) seen.add(loser);
          }
          return seen;
        });
        const found = components(7, arrows);
        for (let a = 0; a < 7; a++)
          for (let b = 0; b < 7; b++)
            expect(found[a] === found[b]).toBe(reach[a]!.has(b) && reach[b]!.has(a));
      }),
    );
  });

  it('takes a chain of 200,000 responses without overflowing', () => {
    const chain = times(200_000, (i) => ({ winner: i, loser: i + 1 }));
    expect(hasCycle(200_001, chain)).toBe(false);
    expect(hasCycle(200_001, [...chain, { winner: 200_000, loser: 0 }])).toBe(true);
  });
});
