/** @file Tests: the model that learns while people label, in its thread, over HTTP and through a restart. */
import { fileURLToPath } from 'node:url';
import { Random } from '@plaudit/contract';
import { promptId } from '@plaudit/store';
import { afterAll, describe, expect, it } from 'vitest';
import { type Caller, testApp } from '../../testing.ts';
import { labellingRoutes } from '../routes.ts';
import { drawByDoubt } from './draw.ts';
import { heldOutOf } from './held-out.ts';
import { type LiveModels, liveModels } from './live-models.ts';
import { preferencesOf } from './preferences.ts';

let drawn = 0;
const random = (): number => (++drawn * 0.618_033_988_749) % 1;
let live: LiveModels;
const faults: string[] = [];
/** Of a store that has the checkpoint `models/fixtures/bert`. */
const folder = fileURLToPath(new URL('../../../../', import.meta.url));
const { request, store, database } = testApp(({ database }) => {
  live = liveModels({ database, folder, onFault: (_, fault) => faults.push(fault) });
  return labellingRoutes({ now: () => new Date(), random, live });
});
afterAll(() => live?.close());

const base = '/v1/projects/test/labelling';
const topics = ['rivers', 'prime numbers', 'bread', 'gardens', 'trains', 'chess', 'volcanoes', 'birds'];
const pairs = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    prompt: `Say something about ${topics[i % 8]} number ${i}: ${'abcdefgh'[i % 7]!.repeat(9)} ${i * 7919}`,
    responses: [`Gladly, certainly, of course: ${i}`, `Nonsense, whatever, no: ${i}`],
  }));

const create = async (body: Record<string, unknown>): Promise<string> => {
  const made = await request('engineer', 'POST', `${base}/tasks`, body);
  expect(made.status, made.text).toBe(201);
  return made.body.id;
};
const label = async (task: string, count: number, as: Caller = 'annotator'): Promise<readonly string[]> => {
  const done: string[] = [];
  for (let i = 0; i < count; i++) {
    const { body } = await request(as, 'POST', `${base}/tasks/${task}/next`, { open: 1 });
    const [item] = body.items;
    const outcome = item.responses[0].startsWith('Gladly') ? 'first' : 'second';
    await request(as, 'PUT', `${base}/assignments/${item.assignment}/answer`, {
      answer: { kind: 'pairwise', outcome },
      seconds: 1,
    });
    done.push(item.assignment);
  }
  return done;
};
const look = async (task: string, as: Caller) =>
  (await request(as, 'GET', `${base}/tasks/${task}/live`)).body;
/** As it is once so many answers are in it. */
const lookAfter = async (task: string, as: Caller, answers: number) => {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look(task, as);
    if (found.state === 'ready' && found.answers + found.measuredOn === answers) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the model never learned from ${answers} answers; faults: ${faults}`);
};

describe('the live model of a task', () => {
  it('learns from each answer, forgets what is undone, and is the same after a restart', async () => {
    const task = await create({ name: 'live', kind: 'pairwise', items: pairs(60) });
    expect(['preparing', 'ready']).toContain((await look(task, 'reviewer')).state);
    const assignments = await label(task, 45);
    const found = await lookAfter(task, 'reviewer', 45);
    expect(found.accuracy.share).toBeGreaterThan(0.8);
    expect(found.curve.at(-1)).toEqual({ answers: found.answers, accuracy: found.accuracy.share });
    expect(found.heldOut).toBeGreaterThan(3);
    expect(found.next).toHaveLength(5);
    for (const { probability } of found.next) expect(Math.abs(probability - 0.5)).toBeLessThan(0.5);
    await request('annotator', 'PUT', `${base}/assignments/${assignments.at(-1)}/undo`);
    const less = await lookAfter(task, 'reviewer', 44);
    const again = liveModels({ database: database(), folder });
    const state = await again.state(store(), task, 30_000);
    await again.close();
    expect(state).toMatchObject({ answers: less.answers, curve: less.curve });
    expect(state!.wanted.slice(0, 5).map(({ item }) => item)).toEqual(
      less.next.map(({ item }: { item: string }) => item),
    );
    expect(faults).toEqual([]);
  });

  it('tells annotators how good it is, but neither what it asks for nor what it thinks', async () => {
    const task = await create({ name: 'blind live', kind: 'pairwise', items: pairs(60) });
    await label(task, 45);
    const found = await lookAfter(task, 'annotator', 45);
    expect(found.accuracy).not.toBeNull();
    expect(found.next).toEqual([]);
    expect(JSON.stringify(found)).not.toContain('Gladly');
    const theirs = await create({
      ...{ name: 'their live', kind: 'pairwise', items: pairs(3), annotators: ['user:reviewer'] },
    });
    expect((await request('annotator', 'GET', `${base}/tasks/${theirs}/live`)).status).toBe(404);
  });

  it('has nothing to learn from a task that puts nothing in order', async () => {
    const items = [{ prompt: 'q', responses: ['teh'] }];
    expect((await look(await create({ name: 'edit live', kind: 'edit', items }), 'owner')).state).toBe(
      'none',
    );
    const asked = { name: 'doubt', kind: 'edit', items, order: 'entropy' };
    const refused = await request('engineer', 'POST', `${base}/tasks`, asked);
    expect(refused.body.error.code).toBe('labelling.bad_setting');
  });

  it('reads with an encoder of the store, and says where there is none', async () => {
    const asked = { name: 'encoded', kind: 'pairwise', items: pairs(24), encoder: 'models/fixtures/bert' };
    const task = await create(asked);
    await label(task, 8);
    const found = await lookAfter(task, 'reviewer', 8);
    expect(found.next.length).toBeGreaterThan(0);
    for (const [encoder, status] of [
      ['models/fixtures/nobody', 422],
      ['models/../bert', 400],
      ['/etc', 400],
    ] as const)
      expect(
        (await request('engineer', 'POST', `${base}/tasks`, { ...asked, name: 'no', encoder })).status,
      ).toBe(status);
    // One that cannot be read: labelling goes on without it.
    const broken = await create({ ...asked, name: 'broken', encoder: 'models/fixtures/sharded' });
    await label(broken, 1);
    for (let tries = 0; tries < 100; tries++) {
      const { status, body } = await request('reviewer', 'GET', `${base}/tasks/${broken}/live`);
      if (status === 200 && body.state === 'preparing') await new Promise((go) => setTimeout(go, 50));
      else {
        expect([status, body.error?.code]).toEqual([503, 'labelling.model_failed']);
        break;
      }
    }
    faults.length = 0;
  });

  it('asks for what it doubts, and it is on record how each item was come by', async () => {
    const task = await create({ name: 'asks', kind: 'pairwise', items: pairs(80), order: 'entropy' });
    await label(task, 30);
    await lookAfter(task, 'reviewer', 30);
    await label(task, 30);
    const rows: { selectionProbability?: number }[] = [];
    for await (const row of store().judgements.rows('asks')) rows.push(row.provenance);
    expect(rows).toHaveLength(60);
    for (const { selectionProbability } of rows) expect(selectionProbability).toBeGreaterThan(0);
    const { rows: counts } = await database().pool.query(
      `select i.selected_by, count(*)::int as n from labelling_items as i
       join labelling_tasks as t on t.id = i.task where t.name = 'asks' and i.claims > 0 group by 1`,
    );
    const by = Object.fromEntries(counts.map(({ selected_by, n }) => [selected_by, n]));
    expect(by.entropy).toBeGreaterThan(10);
    expect(by.uniform).toBeGreaterThan(20);
    const { rows: asked } = await database().pool.query(
      `select encode(i.prompt, 'hex') as id from labelling_items as i
       join labelling_tasks as t on t.id = i.task where t.name = 'asks' and i.selected_by = 'entropy'`,
    );
    const all = await store().labelling.items(task, 1000);
    const held = heldOutOf(all).items;
    const wanted = new Set(asked.map(({ id }) => id));
    expect(all.some(({ promptId }, i) => held[i] && wanted.has(promptId))).toBe(false);
  });
});

describe('a draw by doubt', () => {
  const known = {
    answers: 30,
    wanted: ['x', 'y', 'z'].map((item) => ({ item, pair: [0, 1] as const, probability: 0.5 })),
  };
  it('gives probabilities that add up to one over all items that are left', () => {
    const draw = drawByDoubt(known, 0.25, new Random(1));
    const { probabilityOf } = draw.choose(3, 10);
    const sum = [0, 1, 2].reduce((all, place) => all + probabilityOf(place), 7 * probabilityOf(null));
    expect(sum).toBeCloseTo(1, 12);
  });

  it('chooses as often as it says', () => {
    const counts = new Map<number | null, number>();
    for (let seed = 0; seed < 4000; seed++) {
      const { wanted } = drawByDoubt(known, 0.25, new Random(seed, 'draw')).choose(3, 10);
      counts.set(wanted, (counts.get(wanted) ?? 0) + 1);
    }
    expect(counts.get(null)! / 4000).toBeCloseTo(0.25, 1);
    expect(counts.get(0)! / 4000).toBeCloseTo((0.75 * 1) / (1 + 1 / 16 + 1 / 81), 1);
  });

  it('stays with the order of the task until the model has learned a little', () => {
    const draw = drawByDoubt({ ...known, answers: 5 }, 0.25, new Random(1));
    expect(draw.wanted).toEqual([]);
    expect(draw.choose(0, 4)).toMatchObject({ wanted: null, selectedBy: 'uniform' });
    expect(draw.choose(0, 4).probabilityOf(null)).toBe(0.25);
  });
});

describe('what is held out', () => {
  const itemOf = (content: string) => ({
    promptId: promptId([{ role: 'user', content }]),
    prompt: [{ role: 'user' as const, content }],
  });
  const distinct = Array.from({ length: 200 }, (_, i) => {
    const random = new Random(i, 'prompt');
    return itemOf(Array.from({ length: 12 }, () => random.integer(1e9).toString(36)).join(' '));
  });
  it('is about a fifth, the same in any order', () => {
    const { items, alike } = heldOutOf(distinct);
    expect(alike).toBe(false);
    expect(items.filter(Boolean).length / items.length).toBeCloseTo(0.2, 1);
    expect(heldOutOf([...distinct].reverse()).items).toEqual([...items].reverse());
  });

  it('is nothing like what is learned from, and it is said where that cannot be', () => {
    const copies = distinct.flatMap((item) => [item, item]);
    const { items } = heldOutOf(copies);
    for (let i = 0; i < copies.length; i += 2) expect(items[i]).toBe(items[i + 1]);
    const same = Array.from({ length: 50 }, (_, i) =>
      itemOf(`${'The same long beginning of a prompt. '.repeat(20)}${i}`),
    );
    const found = heldOutOf(same);
    expect(found.alike).toBe(true);
    expect(found.items.filter(Boolean)).toHaveLength(10);
  });
});

describe('preferences', () => {
  const weights = new Map([
    ['truth', 2],
    ['style', 1],
  ]);
  it('are every pair of different groups of a ranking', () => {
    expect(preferencesOf([[2], [0, 1]], weights)).toEqual([
      [2, 0],
      [2, 1],
    ]);
    expect(preferencesOf([[0, 1]], weights)).toEqual([]);
  });

  it('are the weightier side of a vote by criteria', () => {
    expect(preferencesOf({ truth: 'a', style: 'b' }, weights)).toEqual([[0, 1]]);
    expect(preferencesOf({ truth: 'tie', style: 'b' }, weights)).toEqual([[1, 0]]);
    expect(preferencesOf('both_bad', weights)).toEqual([]);
  });
});
