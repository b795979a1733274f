import { masterKeyOf } from '@plaudit/feedback';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProjectSettings } from '../accounts/project-settings.ts';
import { testApp } from '../testing.ts';
import { feedbackRoutes } from './routes.ts';
import { openScrubber } from './scrubber.ts';

let time = new Date('2026-03-01T12:00:00Z');
const now = (): Date => time;
let settings: ProjectSettings = {};
const scrubber = openScrubber();
const master = masterKeyOf(new Uint8Array(32).fill(7));
const services = { now, scrubber, masterKey: () => master, settings: async () => settings };
const { database, request, store } = testApp(() => feedbackRoutes(services));
const give = (body: unknown, as: Parameters<typeof request>[0] = 'engineer', headers = {}) =>
  request(as, 'POST', '/v1/feedback', body, headers);
afterAll(() => scrubber.close());
beforeEach(() => {
  settings = {};
});
const shown = {
  prompt: 'My watch is dead.',
  responses: ['Try a battery.', 'Too bad.'],
  surface: 'chat',
  user: 'USER_1',
};

describe('POST /v1/feedback', () => {
  it('keeps what was shown with its order, and what users did about it', async () => {
    const { status, body } = await give({ impressions: [{ ...shown, probability: 0.5 }] });
    expect([status, body.impressions[0].status]).toEqual([200, 'ok']);
    const [first, second] = body.impressions[0].ids;
    const signals = await give({
      signals: [
        { impression: first, signal: 'copy' },
        { impression: first, signal: 'dwell', seconds: 12 },
        { impression: second, signal: 'regenerate', next: first },
      ],
    });
    expect(signals.body.signals.map((one: { judgement?: string }) => one.judgement)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await store().impressions.get(first)).toMatchObject({
      position: 0,
      probability: 0.5,
      surface: 'chat',
      couldAnswer: true,
      subject: 'USER_1',
      signals: [{ kind: 'copy' }, { kind: 'dwell', value: { seconds: 12 } }],
    });
    expect(await store().impressions.get(second)).toMatchObject({
      position: 1,
      signals: [{ kind: 'regenerate' }],
    });
  });

  it('makes judgements of what is said on purpose, with where it came from', async () => {
    const { body } = await give({ impressions: [{ ...shown, probability: 0.25 }] });
    const [first, second] = body.impressions[0].ids;
    const said = await give({
      signals: [
        { impression: first, signal: 'thumb', up: true },
        { impression: second, signal: 'edit', text: 'Too bad. Ask a watchmaker.' },
        { impression: first, signal: 'rating', value: 4, scale: { least: 1, most: 5 }, criterion: 'helpful' },
        { impression: second, signal: 'preference', over: first, strength: 'much' },
      ],
    });
    const made = [];
    for (const { judgement } of said.body.signals)
      made.push((await store().judgements.get(judgement)).judgement);
    const prompt = [{ role: 'user', content: shown.prompt }];
    const provenance = {
      source: 'feedback',
      annotator: 'USER_1',
      annotatorKind: 'human',
      time: '2026-03-01T12:00:00.000Z',
      selectionProbability: 0.25,
      segments: { surface: 'chat', signal: 'thumb' },
    };
    expect(made[0]).toEqual({
      kind: 'label',
      prompt,
      response: 'Try a battery.',
      desirable: true,
      provenance,
    });
    expect(made[1]).toMatchObject({
      kind: 'edit',
      response: 'Too bad.',
      rewrite: 'Too bad. Ask a watchmaker.',
    });
    expect(made[2]).toMatchObject({
      kind: 'rating',
      value: 4,
      scale: { least: 1, most: 5 },
      criterion: 'helpful',
    });
    expect(made[3]).toMatchObject({
      kind: 'comparison',
      responses: ['Too bad.', 'Try a battery.'],
      outcome: 'a',
      strength: 'much',
      provenance: { shownFirst: 1 },
    });
  });

  it('takes the same impressions twice without doubling them', async () => {
    const ids = ['01890000-0000-7000-8000-000000000001', '01890000-0000-7000-8000-000000000002'];
    for (let i = 0; i < 2; i++)
      expect((await give({ impressions: [{ ...shown, ids }] })).body.impressions[0].ids).toEqual(ids);
    let count = 0;
    for await (const { id } of store().impressions.since(new Date(0))) if (ids.includes(id)) count++;
    expect(count).toBe(2);
  });

  it('says of each entry whether it was taken, and takes the others', async () => {
    const { status, body } = await give({
      impressions: [{ ...shown, model: 'nobody@3' }, shown],
      signals: [{ impression: '01890000-0000-7000-8000-00000000dead', signal: 'copy' }],
    });
    expect(status).toBe(200);
    expect(
      body.impressions.map(
        (one: { status: string; error?: { code: string } }) => one.error?.code ?? one.status,
      ),
    ).toEqual(['store.unknown', 'ok']);
    expect(body.signals[0]).toMatchObject({ status: 'error', error: { code: 'store.unknown' } });
  });

  it('refuses comparisons of answers to different prompts', async () => {
    const { body } = await give({ impressions: [shown, { ...shown, prompt: 'Another one.' }] });
    const [[one], [other]] = body.impressions.map(({ ids }: { ids: string[] }) => ids);
    const refused = await give({ signals: [{ impression: one, signal: 'preference', over: other }] });
    expect(refused.body.signals[0].error.code).toBe('request.invalid');
    expect((await store().impressions.get(one)).signals).toEqual([]);
  });

  it('refuses what is malformed, and who may not', async () => {
    expect((await give({})).status).toBe(400);
    expect((await give({ signals: [{ impression: 'x', signal: 'copy' }] })).status).toBe(400);
    expect((await give({ impressions: [{ ...shown, extra: 1 }] })).status).toBe(400);
    expect((await give({ impressions: [shown] }, 'viewer')).status).toBe(403);
    expect((await give({ impressions: [shown] }, 'nobody')).status).toBe(401);
  });
});

describe('personal data in feedback', () => {
  const personal = {
    ...shown,
    prompt: 'I am ann.smith@example.org and my watch is dead.',
    responses: ['Write to bob.jones@example.org.'],
  };
  const rewrite = 'Call +44 20 7946 0958.';
  const storedAs = async (personalData?: ProjectSettings['personalData']) => {
    if (personalData !== undefined) settings = { personalData };
    const { body } = await give({ impressions: [personal] });
    const [impression] = body.impressions;
    const said = await give({ signals: [{ impression: impression.ids[0], signal: 'edit', text: rewrite }] });
    const found = await store().impressions.get(impression.ids[0]);
    const { prompt, responses } = await store().prompts.get(found.prompt);
    const response = responses.find(({ id }) => id === found.response)!.text;
    const { judgement } = await store().judgements.get(said.body.signals[0].judgement);
    return {
      impression,
      signal: said.body.signals[0],
      found,
      prompt: prompt![0]!.content,
      response,
      judgement,
    };
  };

  it('stays where it is and is marked, unless the project says otherwise, so that an erasure finds it', async () => {
    const { impression, signal, prompt, response, judgement } = await storedAs();
    expect([prompt, response]).toEqual([personal.prompt, personal.responses[0]]);
    expect(impression.personal_data).toEqual({ EMAIL: 2 });
    expect(signal.personal_data).toEqual({ EMAIL: 2, PHONE: 1 });
    expect(judgement).toMatchObject({
      rewrite,
      provenance: { segments: { personal_data: 'EMAIL, PHONE' } },
    });
    const { rows } = await database().pool.query('select distinct subject from subject_rows order by 1');
    const subjects = rows.map(({ subject }) => (subject as string).replace(/_[0-9a-f]{16}$/, ''));
    expect(new Set(subjects)).toEqual(new Set(['EMAIL', 'PHONE', 'USER_1']));
  });

  it('is replaced by pseudonyms before anything is stored where the project says so', async () => {
    const { impression, found, prompt, response, judgement } = await storedAs('replace');
    expect(impression.personal_data).toEqual({ EMAIL: 2 });
    expect(prompt).toMatch(/^I am <EMAIL_[0-9a-f]{16}> and my watch is dead.$/);
    expect(response).toMatch(/^Write to <EMAIL_[0-9a-f]{16}>.$/);
    expect(judgement).toMatchObject({ rewrite: expect.stringMatching(/^Call <PHONE_[0-9a-f]{16}>.$/) });
    // The signal has the text as well.
    expect(JSON.stringify(found.signals)).not.toContain('7946');
  });

  it('is not looked for where the project says so', async () => {
    const { impression, prompt } = await storedAs('off');
    expect(prompt).toBe(personal.prompt);
    expect(impression).not.toHaveProperty('personal_data');
  });

  it('does not hold up other requests while a text that is full of it is read', async () => {
    await give({ impressions: [shown] });
    const spent = process.threadCpuUsage();
    const { body } = await give({
      impressions: [{ ...shown, prompt: 'ann.smith@example.org '.repeat(6000) }],
    });
    expect(body.impressions[0].personal_data.EMAIL).toBe(6000);
    // Milliseconds of this thread; looking for so many takes a second.
    expect(process.threadCpuUsage(spent).user / 1000).toBeLessThan(300);
  });
});

describe('an Idempotency-Key', () => {
  const under = (key: string, body: unknown) => give(body, 'engineer', { 'idempotency-key': key });
  const count = async (): Promise<number> => {
    let found = 0;
    for await (const _ of store().impressions.since(new Date(0))) found++;
    return found;
  };
  const one = '01890000-0000-7000-8000-000000000001';

  it('does the same request once, and answers it the same, later and at the same time', async () => {
    const before = await count();
    const first = await under('a-1', { impressions: [shown] });
    expect((await under('a-1', { impressions: [shown] })).body).toEqual(first.body);
    expect(await count()).toBe(before + 2);
    const [id] = first.body.impressions[0].ids;
    const thumb = { signals: [{ impression: id, signal: 'thumb', up: true }] };
    const both = await Promise.all([under('a-2', thumb), under('a-2', thumb)]);
    expect(both[0]!.body).toEqual(both[1]!.body);
    expect((await store().impressions.get(id)).signals).toHaveLength(1);
  });

  it('finishes a request that was cut off in the middle without doubling what it had written', async () => {
    const body = { impressions: [shown], signals: [{ impression: one, signal: 'thumb', up: false }] };
    await give({ impressions: [{ ...shown, ids: [one, '01890000-0000-7000-8000-000000000002'] }] });
    const first = await under('cut', body);
    const before = await count();
    // As if the server had ended before the answer was kept, and came back later.
    await database().pool.query("update kept_answers set answer = null where key = 'cut'");
    time = new Date(time.getTime() + 60_000);
    expect((await under('cut', body)).body).toEqual(first.body);
    expect(await count()).toBe(before);
    expect((await store().impressions.get(one)).signals).toHaveLength(1);
  });

  it('is refused for another request, and free again after a day', async () => {
    await under('b', { impressions: [shown] });
    const other = await under('b', { impressions: [{ ...shown, surface: 'mail' }] });
    expect([other.status, other.body.error.code]).toEqual([422, 'serving.key_reused']);
    await database().pool.query(
      "update kept_answers set created_at = created_at - interval '25 hours' where key = 'b'",
    );
    expect((await under('b', { impressions: [{ ...shown, surface: 'mail' }] })).status).toBe(200);
    expect((await under('a b', { impressions: [shown] })).status).toBe(400);
  });
});
