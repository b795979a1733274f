/** @file Tests: comparisons by the criteria of a rubric, from the task to the verdict. */
import type { Judgement } from '@plaudit/contract';
import { afterAll, describe, expect, it } from 'vitest';
import { type Caller, testApp } from '../testing.ts';
import { judgementsOf, type Shown, voteOf, votesAgree } from './answer.ts';
import { type LiveModels, liveModels } from './live/live-models.ts';
import { labellingRoutes } from './routes.ts';

let drawn = 0;
const random = (): number => (++drawn * 0.618_033_988_749) % 1;
let live: LiveModels;
const { request, store } = testApp(({ database }) => {
  live = liveModels({ database, folder: '.' });
  return labellingRoutes({ now: () => new Date(), random, live });
});
afterAll(() => live?.close());

const base = '/v1/projects/test/labelling';
const scale = { least: 0, most: 4 };
const rubric = {
  name: 'two sides',
  guideline: 'Each for itself.',
  criteria: [
    { name: 'truth', scale, weight: 2 },
    { name: 'style', scale },
  ],
};
const items = [{ prompt: 'q', responses: ['true and dull', 'false and bright'] }];
const task = { kind: 'pairwise', asks: 'criteria', items, rubric };

const create = (body: Record<string, unknown>) => request('engineer', 'POST', `${base}/tasks`, body);
const next = async (as: Caller, id: string) =>
  (await request(as, 'POST', `${base}/tasks/${id}/next`, { open: 1 })).body.items[0];
const answer = (as: Caller, assignment: string, comparisons: unknown) =>
  request(as, 'PUT', `${base}/assignments/${assignment}/answer`, {
    answer: { kind: 'criteria', comparisons },
    seconds: 3,
  });

describe('a comparison by criteria', () => {
  it('is one judgement for each criterion, and a reviewer decides on each', async () => {
    const made = await create({ ...task, name: 'criteria', redundancy: 2 });
    const { id } = made.body;
    expect((await request('annotator', 'GET', `${base}/tasks/${id}`)).body).toMatchObject({
      asks: 'criteria',
    });
    const item = await next('annotator', id);
    const isTrueFirst = item.responses[0].startsWith('true');
    const [yes, no] = isTrueFirst ? ['first', 'second'] : ['second', 'first'];
    for (const wrong of [
      { truth: { outcome: yes } },
      { truth: { outcome: yes }, style: { outcome: no }, more: { outcome: no } },
    ])
      expect((await answer('annotator', item.assignment, wrong)).body.error.code).toBe(
        'labelling.bad_answer',
      );
    const plain = await request('annotator', 'PUT', `${base}/assignments/${item.assignment}/answer`, {
      answer: { kind: 'pairwise', outcome: yes },
      seconds: 1,
    });
    expect(plain.body.error.code).toBe('labelling.bad_answer');
    const given = { truth: { outcome: yes, strength: 'clearly' }, style: { outcome: no } };
    expect((await answer('annotator', item.assignment, given)).status).toBe(204);
    const rows: Judgement[] = [];
    for await (const row of store().judgements.rows('criteria')) rows.push(row);
    expect(rows).toHaveLength(2);
    expect(rows.find((row) => row.kind === 'comparison' && row.criterion === 'truth')).toMatchObject({
      outcome: 'a',
      strength: 'clearly',
      provenance: { rubric: 'two sides@1' },
    });
    expect(rows.find((row) => row.kind === 'comparison' && row.criterion === 'style')).toMatchObject({
      outcome: 'b',
    });

    const other = await next('engineer', id);
    await answer('engineer', other.assignment, { truth: { outcome: 'tie' }, style: { outcome: 'tie' } });
    const { disputes } = (await request('reviewer', 'GET', `${base}/tasks/${id}/disputes`)).body;
    expect(disputes).toHaveLength(1);
    const verdict = {
      answer: { kind: 'criteria', comparisons: { truth: { outcome: 'first' }, style: { outcome: 'tie' } } },
      reason: 'it is true',
    };
    const decided = await request('reviewer', 'PUT', `${base}/items/${disputes[0].item}/verdict`, verdict);
    expect(decided.status, decided.text).toBe(204);
  });

  it('needs criteria, and checks that are answered by them', async () => {
    const code = async (body: Record<string, unknown>) =>
      (await create({ ...task, ...body })).body.error.code;
    expect(await code({ name: 'none', rubric: undefined })).toBe('labelling.rubric_needed');
    expect(await code({ name: 'ranks', kind: 'ranking' })).toBe('labelling.bad_setting');
    expect(await code({ name: 'gold', gold: [{ ...items[0], right: 'a' }] })).toBe('labelling.bad_item');
    const made = await create({
      ...task,
      name: 'golden',
      gold: [{ ...items[0], right: { truth: 'a', style: 'b' } }],
    });
    expect(made.status, made.text).toBe(201);
  });

  it('says the same of the record whichever way round it was shown', () => {
    const criteria = rubric.criteria;
    const shown: Shown = {
      kind: 'pairwise',
      asks: 'criteria',
      prompt: [],
      responses: ['x', 'y'],
      order: [1, 0],
      criteria,
    };
    const given = {
      kind: 'criteria',
      comparisons: { truth: { outcome: 'first' }, style: { outcome: 'both_bad' } },
    } as const;
    expect(voteOf(given, shown)).toEqual({ truth: 'b', style: 'both_bad' });
    expect(judgementsOf(given, shown, { source: 's' })).toMatchObject([
      { outcome: 'b', criterion: 'truth', provenance: { shownFirst: 1 } },
      { outcome: 'both_bad', criterion: 'style' },
    ]);
    expect(votesAgree({ truth: 'a', style: 'b' }, { style: 'b', truth: 'a' }, criteria)).toBe(true);
    expect(votesAgree({ truth: 'a', style: 'b' }, { truth: 'a', style: 'tie' }, criteria)).toBe(false);
  });
});
