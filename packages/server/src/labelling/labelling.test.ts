/** @file Tests: labelling over HTTP on PostgreSQL; nothing acknowledged is lost or doubled, and nobody sees what is not theirs. */
import type { Judgement } from '@plaudit/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { type Caller, testApp } from '../testing.ts';
import { judgementsOf, voteOf, votesAgree } from './answer.ts';
import { type LiveModels, liveModels } from './live/live-models.ts';
import { agreementOf } from './progress.ts';
import { labellingRoutes } from './routes.ts';

// Golden-ratio steps: spread evenly, and the same in every run.
let drawn = 0;
const random = (): number => (++drawn * 0.618_033_988_749) % 1;
let clock = Date.parse('2026-03-01T09:00:00Z');
const now = (): Date => {
  clock += 1000;
  return new Date(clock);
};
let live: LiveModels;
const { request, store, database } = testApp(({ database }) => {
  live = liveModels({ database, folder: '.' });
  return labellingRoutes({ now, random, live });
});
afterAll(() => live?.close());

const base = '/v1/projects/test/labelling';
const pairs = (count: number, topic: string) =>
  Array.from({ length: count }, (_, i) => ({
    prompt: `${topic}, question ${i}`,
    responses: [`${topic}, good answer ${i}`, `${topic}, bad answer ${i}`],
  }));

interface Item {
  readonly assignment: string;
  readonly prompt: readonly { readonly content: string }[];
  readonly responses: readonly string[];
  readonly steps?: readonly string[];
}

const create = async (body: Record<string, unknown>): Promise<string> => {
  const made = await request('engineer', 'POST', `${base}/tasks`, body);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
};
const next = async (as: Caller, task: string, open = 1): Promise<readonly Item[]> => {
  const got = await request(as, 'POST', `${base}/tasks/${task}/next`, { open });
  expect(got.status, got.text).toBe(200);
  return got.body.items;
};
const answer = (as: Caller, assignment: string, body: unknown, seconds = 4) =>
  request(as, 'PUT', `${base}/assignments/${assignment}/answer`, { answer: body, seconds });
const judgements = async (dataset: string): Promise<readonly Judgement[]> => {
  const rows: Judgement[] = [];
  for await (const row of store().judgements.rows(dataset)) rows.push(row);
  return rows;
};
const goodFirst = ({ responses }: Item): 'first' | 'second' =>
  responses[0]!.includes('good') ? 'first' : 'second';

describe('a pairwise task', () => {
  it('shows sides at random, records the order shown, and stores each answer as one judgement', async () => {
    const task = await create({ name: 'sides', kind: 'pairwise', items: pairs(24, 'sides') });
    let goodOnTheLeft = 0;
    for (let i = 0; i < 24; i++) {
      const [item] = await next('annotator', task);
      const outcome = goodFirst(item!);
      if (outcome === 'first') goodOnTheLeft++;
      expect((await answer('annotator', item!.assignment, { kind: 'pairwise', outcome })).status).toBe(204);
    }
    expect(await next('annotator', task)).toEqual([]);
    const rows = await judgements('sides');
    expect(rows).toHaveLength(24);
    expect(goodOnTheLeft).toBeGreaterThan(4);
    expect(goodOnTheLeft).toBeLessThan(20);
    let shownFirst = 0;
    for (const row of rows) {
      if (row.kind !== 'comparison') throw new Error('not a comparison');
      // Whatever the sides were, the good answer, which the record has first, was chosen.
      expect(row).toMatchObject({ outcome: 'a', provenance: { annotator: 'user:annotator', seconds: 4 } });
      if (row.provenance.shownFirst === 0) shownFirst++;
    }
    expect(shownFirst).toBe(goodOnTheLeft);
  });

  it('keeps one judgement of an answer that is sent again, at once or later, and refuses another one', async () => {
    const task = await create({ name: 'again', kind: 'pairwise', items: pairs(3, 'again') });
    const items = await next('annotator', task, 3);
    const given = { kind: 'pairwise', outcome: 'first', strength: 'clearly' };
    for (const { assignment } of items) {
      const sent = await Promise.all(Array.from({ length: 6 }, () => answer('annotator', assignment, given)));
      expect(sent.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204, 204]);
    }
    for (const { assignment } of items)
      expect((await answer('annotator', assignment, given, 99)).status).toBe(204);
    expect(await judgements('again')).toHaveLength(3);
    const other = await answer('annotator', items[0]!.assignment, { kind: 'pairwise', outcome: 'tie' });
    expect(other.body.error.code).toBe('labelling.answered_otherwise');
    expect(await judgements('again')).toHaveLength(3);
  });

  it('finishes, when the annotator comes back, an answer whose judgements a crash prevented', async () => {
    const task = await create({ name: 'crash', kind: 'pairwise', items: pairs(2, 'crash') });
    const [item] = await next('annotator', task);
    const { id } = await store().annotators.get('user:annotator');
    const given = { kind: 'pairwise', outcome: 'first' };
    await store().labelling.record(item!.assignment, id, {
      answer: given,
      digest: '4'.repeat(64),
      seconds: 3,
    });
    const { rows } = await database().pool.query('select 1 from datasets where name = $1', ['crash']);
    expect(rows).toEqual([]);
    const [after] = await next('annotator', task);
    expect(after!.assignment).not.toBe(item!.assignment);
    expect(await judgements('crash')).toHaveLength(1);
  });

  it('gives the same items when asked again, and no item to more annotators than it needs', async () => {
    const task = await create({ name: 'twice', kind: 'pairwise', items: pairs(3, 'twice'), redundancy: 2 });
    const one = await next('annotator', task, 3);
    expect(await next('annotator', task, 3)).toEqual(one);
    expect(await next('reviewer', task, 5)).toHaveLength(3);
    expect(await next('owner', task, 5)).toEqual([]);
  });

  it('undoes the last answers: the judgement is retracted, the item is shown in the same order, the new one counts', async () => {
    const task = await create({ name: 'undo', kind: 'pairwise', items: pairs(12, 'undo') });
    const done: Item[] = [];
    for (let i = 0; i < 12; i++) {
      const [item] = await next('annotator', task);
      done.push(item!);
      await answer('annotator', item!.assignment, { kind: 'pairwise', outcome: 'first' });
    }
    const undo = (one: Item) => request('annotator', 'PUT', `${base}/assignments/${one.assignment}/undo`);
    expect((await undo(done[0]!)).body.error.code).toBe('labelling.too_late_to_undo');
    const again = await undo(done[11]!);
    expect(again.body.responses).toEqual(done[11]!.responses);
    expect((await undo(done[11]!)).body).toEqual(again.body);
    expect(await judgements('undo')).toHaveLength(11);
    expect((await next('annotator', task))[0]!.assignment).toBe(again.body.assignment);
    await answer('annotator', again.body.assignment, { kind: 'pairwise', outcome: 'both_bad' });
    const rows = await judgements('undo');
    expect(rows).toHaveLength(12);
    expect(rows.filter((row) => row.kind === 'comparison' && row.outcome === 'both_bad')).toHaveLength(1);
  });

  it('skips an item for good for one annotator and leaves it to others; a skip can be undone', async () => {
    const task = await create({ name: 'skip', kind: 'pairwise', items: pairs(1, 'skip') });
    const [item] = await next('annotator', task);
    const skip = `${base}/assignments/${item!.assignment}/skip`;
    for (let i = 0; i < 2; i++) expect((await request('annotator', 'PUT', skip)).status).toBe(204);
    expect(await next('annotator', task)).toEqual([]);
    await request('annotator', 'PUT', `${base}/assignments/${item!.assignment}/undo`);
    expect(await next('annotator', task)).toHaveLength(1);
    expect(await next('reviewer', task)).toEqual([]);
  });
});

describe('who sees what', () => {
  it('shows an annotator only tasks that are given to them, and only their own assignments', async () => {
    const task = await create({
      name: 'theirs',
      kind: 'pairwise',
      items: pairs(2, 'theirs'),
      annotators: ['user:reviewer'],
    });
    const seen = await request('annotator', 'GET', `${base}/tasks`);
    expect(seen.body.tasks.map(({ name }: { name: string }) => name)).not.toContain('theirs');
    for (const [method, path] of [
      ['GET', `tasks/${task}`],
      ['GET', `tasks/${task}/progress`],
      ['GET', `tasks/${task}/recent`],
    ] as const)
      expect((await request('annotator', method, `${base}/${path}`)).status, path).toBe(404);
    expect((await request('annotator', 'POST', `${base}/tasks/${task}/next`, {})).status).toBe(404);
    const [item] = await next('reviewer', task);
    const foreign = await answer('annotator', item!.assignment, { kind: 'pairwise', outcome: 'first' });
    expect(foreign.status).toBe(404);
    for (const path of ['skip', 'undo'])
      expect(
        (await request('annotator', 'PUT', `${base}/assignments/${item!.assignment}/${path}`)).status,
      ).toBe(404);
  });

  it('says of an item neither why it was chosen, nor that it is a check, nor what others said', async () => {
    const task = await create({
      name: 'blind',
      kind: 'pairwise',
      items: pairs(2, 'blind'),
      gold: pairs(1, 'blind gold').map((pair) => ({ ...pair, right: 'a' })),
      goldShare: 0.5,
    });
    const [item] = await next('annotator', task);
    expect(Object.keys(item!).sort()).toEqual(['assignment', 'prompt', 'responses']);
    expect((await request('annotator', 'GET', `${base}/tasks/${task}/disputes`)).status).toBe(403);
  });
});

describe('quality', () => {
  it('pauses an annotator who fails on gold items, keeps those answers from the data set, and a reviewer resumes them', async () => {
    const task = await create({
      name: 'gold',
      kind: 'pairwise',
      items: pairs(60, 'gold'),
      gold: pairs(40, 'reference').map((pair) => ({ ...pair, right: 'a' })),
      goldShare: 0.5,
      attentionShare: 0,
    });
    let refused: { status: number; body: { error: { code: string; message: string } } } | undefined;
    let answered = 0;
    for (; answered < 60 && !refused; answered++) {
      const got = await request('owner', 'POST', `${base}/tasks/${task}/next`, { open: 1 });
      if (got.status !== 200) refused = got as never;
      else {
        const item = got.body.items[0] as Item;
        const wrong = goodFirst(item) === 'first' ? 'second' : 'first';
        await answer('owner', item.assignment, { kind: 'pairwise', outcome: wrong });
      }
    }
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'labelling.paused' } } });
    expect(answered).toBeLessThan(40);
    await request('reviewer', 'POST', `${base}/annotators/resume`, { name: 'user:owner' });
    const before = answered;
    for (; answered < before + 6; answered++) {
      const [item] = await next('owner', task);
      await answer('owner', item!.assignment, { kind: 'pairwise', outcome: goodFirst(item!) });
    }
    const rows = await judgements('gold');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThan(answered);
    expect(JSON.stringify(rows)).not.toContain('reference');
  });

  it('draws the random slice from the whole pool and records the probability', async () => {
    await create({ name: 'slice', kind: 'pairwise', items: pairs(100, 'slice'), take: 20, control: 0.25 });
    const { rows } = await database().pool.query(
      `select i.purpose, i.probability, count(*)::int as n from labelling_items as i
       join labelling_tasks as t on t.id = i.task where t.name = 'slice' group by 1, 2 order by 1`,
    );
    expect(rows).toEqual([
      { purpose: 'control', probability: 0.05, n: 5 },
      { purpose: 'label', probability: null, n: 15 },
    ]);
  });

  it('shows reviewers the items on which annotators differ, without names, and takes one verdict', async () => {
    const task = await create({ name: 'differ', kind: 'pairwise', items: pairs(2, 'differ'), redundancy: 2 });
    for (const as of ['annotator', 'engineer'] as const)
      for (const item of await next(as, task, 2)) {
        const same = item.prompt[0]!.content.endsWith('0') || as === 'annotator';
        const outcome = same ? goodFirst(item) : 'tie';
        await answer(as, item.assignment, { kind: 'pairwise', outcome });
      }
    const { body } = await request('reviewer', 'GET', `${base}/tasks/${task}/disputes`);
    expect(body.disputes).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain('user:');
    const [{ item }] = body.disputes;
    const verdict = { answer: { kind: 'pairwise', outcome: 'first' }, reason: 'the second is wrong' };
    expect((await request('reviewer', 'PUT', `${base}/items/${item}/verdict`, verdict)).status).toBe(204);
    const late = await request('owner', 'PUT', `${base}/items/${item}/verdict`, verdict);
    expect(late.body.error.code).toBe('labelling.decided');
    expect(await judgements('differ (verdicts)')).toHaveLength(1);
    expect((await request('reviewer', 'GET', `${base}/tasks/${task}/disputes`)).body.disputes).toEqual([]);
    const progress = (await request('annotator', 'GET', `${base}/tasks/${task}/progress`)).body;
    // Of two items a share would tell what the other said of one of them.
    expect(progress).toMatchObject({ items: 2, wanted: 4, judged: 4, mine: 2, agreement: { items: 2 } });
    expect(progress.agreement.share).toBeUndefined();
  });
});

describe('the other kinds', () => {
  it('stores a rating for each criterion of the rubric, and shows its worked examples', async () => {
    const task = await create({
      name: 'rate',
      kind: 'rating',
      items: [{ prompt: 'Name a prime.', responses: ['7'] }],
      rubric: {
        name: 'helpfulness',
        guideline: 'Read it twice.',
        criteria: [
          {
            name: 'right',
            scale: { least: 0, most: 4 },
            examples: [{ response: '9', value: 0, because: '3 times 3' }],
          },
          { name: 'short', scale: { least: 0, most: 4 } },
        ],
      },
    });
    const { body } = await request('annotator', 'GET', `${base}/tasks/${task}`);
    expect(body.rubric.criteria[0].examples).toEqual([{ response: '9', value: 0, because: '3 times 3' }]);
    const [item] = await next('annotator', task);
    for (const values of [{ right: 4 }, { right: 5, short: 1 }, { right: 1, short: 1, other: 1 }])
      expect((await answer('annotator', item!.assignment, { kind: 'rating', values })).status).toBe(422);
    await answer('annotator', item!.assignment, { kind: 'rating', values: { right: 4, short: 3 } });
    const rows = await judgements('rate');
    expect(rows.map((row) => row.kind === 'rating' && [row.criterion, row.value]).sort()).toEqual([
      ['right', 4],
      ['short', 3],
    ]);
    expect(rows[0]!.provenance.rubric).toBe('helpfulness@1');
  });

  it('stores rankings in the order of the record, edits with both texts, and labels of steps', async () => {
    const ranking = await create({
      name: 'rank',
      kind: 'ranking',
      items: [{ prompt: 'q', responses: ['best', 'middle', 'worst'] }],
    });
    const [ranked] = await next('annotator', ranking);
    const at = (text: string): number => ranked!.responses.indexOf(text);
    const groups = [[at('best')], [at('worst'), at('middle')]];
    await answer('annotator', ranked!.assignment, { kind: 'ranking', groups });
    expect(await judgements('rank')).toMatchObject([
      { responses: ['best', 'middle', 'worst'], groups: [[0], [1, 2]] },
    ]);
    const edit = await create({ name: 'edit', kind: 'edit', items: [{ prompt: 'q', responses: ['teh'] }] });
    const [edited] = await next('annotator', edit);
    expect((await answer('annotator', edited!.assignment, { kind: 'edit', rewrite: 'teh' })).status).toBe(
      422,
    );
    await answer('annotator', edited!.assignment, { kind: 'edit', rewrite: 'the' });
    expect(await judgements('edit')).toMatchObject([{ response: 'teh', rewrite: 'the' }]);
    const { rows } = await database().pool.query('select 1 from labelling_answers where answer is not null');
    expect(rows, 'no text stays with the answers').toEqual([]);
    const steps = await create({
      name: 'steps',
      kind: 'steps',
      items: [{ prompt: 'q', responses: ['a\nb\nc'] }],
    });
    const [stepped] = await next('annotator', steps);
    expect(stepped!.steps).toEqual(['a', 'b', 'c']);
    await answer('annotator', stepped!.assignment, { kind: 'steps', labels: [true, false, null] });
    expect(await judgements('steps')).toMatchObject([{ separator: '\n', labels: [true, false, null] }]);
  });

  it('refuses tasks that cannot be judged', async () => {
    const refused = async (body: Record<string, unknown>): Promise<string> =>
      (await request('engineer', 'POST', `${base}/tasks`, { name: 'x', ...body })).body.error.code;
    expect(await refused({ kind: 'pairwise' })).toBe('labelling.nothing_to_label');
    expect(await refused({ kind: 'pairwise', items: [{ prompt: 'q', responses: ['a'] }] })).toBe(
      'labelling.bad_item',
    );
    expect(await refused({ kind: 'rating', items: [{ prompt: 'q', responses: ['a'] }] })).toBe(
      'labelling.rubric_needed',
    );
    const items = pairs(1, 'x');
    expect(await refused({ kind: 'pairwise', items, gold: [{ ...items[0], right: [[0]] }] })).toBe(
      'labelling.bad_item',
    );
    expect(await refused({ name: 'sides', kind: 'pairwise', items })).toBe('store.taken');
  });
});

describe('answers by their places', () => {
  const shown = { prompt: [], responses: ['x', 'y'], criteria: [] };
  it('say the same of the record whichever way round it was shown', () => {
    const swapped = { ...shown, kind: 'pairwise' as const, order: [1, 0] };
    expect(voteOf({ kind: 'pairwise', outcome: 'first' }, swapped)).toBe('b');
    const [judgement] = judgementsOf({ kind: 'pairwise', outcome: 'first' }, swapped, { source: 's' });
    expect(judgement).toMatchObject({ responses: ['x', 'y'], outcome: 'b', provenance: { shownFirst: 1 } });
  });

  it('agree where ratings are within a quarter of the scale', () => {
    const criteria = [{ name: 'c', scale: { least: 0, most: 4 } }];
    expect(votesAgree({ c: 2 }, { c: 3 }, criteria)).toBe(true);
    expect(votesAgree({ c: 2 }, { c: 4 }, criteria)).toBe(false);
  });

  it('give a share of agreement, with each item counted once', () => {
    const vote = (item: number, annotator: string, said: string) => ({
      ...{ item: String(item), annotator, vote: said, purpose: 'label' as const, isRight: null },
    });
    const votes = Array.from({ length: 6 }, (_, i) => [
      vote(i, 'me', 'a'),
      vote(i, 'p', i < 3 ? 'a' : 'b'),
      vote(i, 'q', 'a'),
    ]).flat();
    expect(agreementOf(votes, 'me', [])).toMatchObject({ items: 6, share: 0.75 });
  });
});
