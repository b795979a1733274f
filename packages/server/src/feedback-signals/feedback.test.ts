import { describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { feedbackRoutes } from './routes.ts';

const now = (): Date => new Date('2026-03-01T12:00:00Z');
const { request, store } = testApp(() => feedbackRoutes({ now }));
const give = (body: unknown, as: Parameters<typeof request>[0] = 'engineer') =>
  request(as, 'POST', '/v1/feedback', body);
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
