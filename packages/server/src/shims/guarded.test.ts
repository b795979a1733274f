/** @file Guardrails and canaries of policies: what leaves, what is kept back, and who wrote it. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PolicyService } from '../serving/policy-service.ts';
import { servingRoutes } from '../serving/routes.ts';
import { type ScoredEvent, ScoringService } from '../serving/scoring-service.ts';
import { temporaryFolder, tinyPolicy, trainLinear } from '../serving/testing.ts';
import { letOut, writerFor, writeWith } from '../serving/written.ts';
import { testApp } from '../testing.ts';
import { openAiRoutes } from './openai.ts';

const folder = temporaryFolder();
const policies = new PolicyService();
const scoring = new ScoringService();
const services = { scoring, policies };
const { request, store } = testApp(() => [...openAiRoutes(services), ...servingRoutes(services)]);
const seen: ScoredEvent[] = [];
const any = '[^]';
const rule = (action: 'block' | 'review' | 'mark', pattern = any) => ({
  rules: [{ name: 'everything', pattern, action }],
  blockedMessage: 'Not here.',
});
let directory: string;
let reference: string;

beforeAll(async () => {
  reference = await tinyPolicy(folder);
  directory = await trainLinear(folder, 'linear');
  scoring.watch((event) => seen.push(event));
  for (const [name, guardrails] of Object.entries({
    blocked: rule('block'),
    held: rule('review'),
    marked: rule('mark'),
    unsafe: { objectives: [{ objective: 'preference', least: 1e9 }] },
    unknown: { objectives: [{ objective: 'nobody', least: 0 }] },
    open: {},
  })) {
    const model = { version: 'rm@1', directory };
    await scoring.serve(store().project.id, name, { production: { model, guardrails } });
    await policies.serve(store().project.id, name, {
      version: 'writer@1',
      reference,
      maxLength: 200,
      threads: 1,
    });
  }
}, 120_000);
afterAll(async () => {
  await scoring.close();
  await policies.close();
});

const messages = [{ role: 'user', content: 'bcd fgh' }];
const ask = (model: string, more: object = {}) =>
  request('viewer', 'POST', '/v1/chat/completions', {
    ...{ model, messages, max_tokens: 12, seed: 3, ...more },
  });
const events = (text: string) =>
  text.split('\n\n').flatMap((event) => (event.startsWith('data: {') ? [JSON.parse(event.slice(6))] : []));

describe('a policy whose bundle has guardrails', () => {
  it('says in place of what is blocked that it is, and why, and nothing of the text', async () => {
    const { status, body } = await ask('blocked', { n: 2 });
    expect(status).toBe(200);
    const guard = { action: 'block', reasons: [{ reason: 'rule everything', action: 'block' }] };
    expect(body.choices).toEqual(
      [0, 1].map((index) => ({
        ...{ index, logprobs: null, finish_reason: 'content_filter', guard },
        message: { role: 'assistant', content: null, refusal: 'Not here.' },
      })),
    );
    expect(body.usage.completion_tokens).toBeGreaterThan(0);
    expect(await store().reviews.list()).toEqual([]);
  });

  it('holds what a person has to look at, once, with the text that was held', async () => {
    const open = (await ask('open')).body.choices[0].message.content;
    const { body } = await ask('held');
    const again = await ask('held');
    expect(body.choices[0]).toMatchObject({
      message: { content: null, refusal: expect.stringContaining('person') },
      finish_reason: 'content_filter',
      guard: { action: 'review', review: expect.any(String) },
    });
    expect(again.body.choices[0].guard.review).toBe(body.choices[0].guard.review);
    const review = await store().reviews.get(body.choices[0].guard.review);
    const { responses } = await store().prompts.get(review.prompt);
    expect(responses.find(({ id }) => id === review.response)?.text).toBe(open);
  });

  it('sends nothing of a stream before the whole response has been judged', async () => {
    for (const model of ['blocked', 'held']) {
      const parts = events((await ask(model, { stream: true })).text);
      const deltas = parts.flatMap(({ choices }) => choices.map(({ delta }: { delta: object }) => delta));
      expect(deltas.map(({ content = '' }) => content).join('')).toBe('');
      expect(deltas.filter(({ refusal }) => refusal)).toHaveLength(1);
      expect(parts.at(-1).choices[0].finish_reason).toBe('content_filter');
    }
    const whole = (await ask('open')).body.choices[0];
    const marked = events((await ask('marked', { stream: true })).text);
    const text = marked.map(({ choices }) => choices[0].delta.content ?? '').join('');
    expect([text, marked.at(-1).choices[0].finish_reason]).toEqual([
      whole.message.content,
      whole.finish_reason,
    ]);
  });

  it('holds objectives to their thresholds by the score of the bundle, and does not let pass what has none', async () => {
    expect((await ask('unsafe')).body.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      guard: { action: 'block', reasons: [{ reason: 'objective preference' }] },
    });
    expect((await ask('unknown')).body.choices[0].guard).toMatchObject({ action: 'review' });
  });

  it('is seen once for each response by those who watch, with the verdict, also where nothing is guarded', async () => {
    for (const [model, verdicts] of [
      ['blocked', ['block', 'block']],
      ['open', undefined],
    ] as const) {
      seen.length = 0;
      await ask(model, { n: 2, user: 'USER_1' });
      await expect.poll(() => seen.length).toBe(1);
      await wait(50);
      const [event] = seen;
      expect(event).toMatchObject({ deployment: model, unit: 'USER_1', keepsBack: true });
      expect(event!.asked[0]!.responses).toHaveLength(2);
      expect(event!.items[0]!.verdicts?.map(({ action }) => action)).toEqual(verdicts);
    }
  });

  it('gives the best of n that may leave, and none where none may', async () => {
    const best = (model: string, more: object) =>
      request('viewer', 'POST', '/v1/best-of-n', { model, prompt: 'bcd fgh', ...more });
    const written = (await best('blocked', { n: 2, max_tokens: 8, seed: 1 })).body;
    expect(written).toMatchObject({ best: null, refusal: 'Not here.' });
    expect(
      written.candidates.map((one: Record<string, unknown>) => [one.response, one.finish_reason]),
    ).toEqual([
      [null, 'content_filter'],
      [null, 'content_filter'],
    ]);
    // Given responses are the caller's own: nothing is withheld from it, and none that is blocked is chosen.
    const bad = 'Try another battery first, a watchmaker can help.';
    await scoring.serve(store().project.id, 'chosen', {
      production: { model: { version: 'rm@1', directory }, guardrails: rule('block', 'battery') },
    });
    const given = (await best('chosen', { responses: [bad, 'No.'] })).body;
    expect(given.best.response).toBe('No.');
    expect(given.candidates.map(({ response }: { response: string }) => response).sort()).toEqual(
      [bad, 'No.'].sort(),
    );
  });

  it('lets nothing out where there is no room to judge, and tells of a policy that fails', async () => {
    const project = store().project.id;
    const full = new ScoringService({ limits: { maxQueue: 1 } });
    await full.serve(project, 'blocked', {
      production: { model: { version: 'rm@1', directory }, guardrails: rule('block') },
    });
    const writer = writerFor({ scoring: full, policies }, project, 'blocked', 'u');
    const responses = ['a', 'b'];
    await expect(letOut(store(), writer, { prompt: [], responses }, { unit: 'u' })).rejects.toMatchObject({
      code: 'serving.too_many',
    });
    const told: ScoredEvent[] = [];
    full.watch((event) => told.push(event));
    // What no request can ask for, so that it is the policy's fault.
    const job = { prompt: [{ role: 'user' as const, content: 'a' }], samples: 1, sampling: { topP: -1 } };
    const asked = { unit: 'u', signal: new AbortController().signal };
    await expect(writeWith({ scoring: full, policies }, project, writer, job, asked)).rejects.toMatchObject({
      code: 'serving.failed',
    });
    expect(told).toMatchObject([
      { arm: 'production', unit: 'u', items: [{ error: { code: 'serving.failed' } }] },
    ]);
    writer.taken.end();
    await full.close();
  });

  it('withholds nothing from who only asks for scores, and says what the guardrails say', async () => {
    const body = { model: 'held', prompt: 'a', responses: ['b', 'c'] };
    const { data } = (await request('viewer', 'POST', '/v1/score', body)).body;
    const guard = { action: 'review', reasons: [{ reason: 'rule everything', action: 'review' }] };
    expect(data[0].scores.map((score: { guard: unknown }) => score.guard)).toEqual([guard, guard]);
    const { ranking } = (await request('viewer', 'POST', '/v1/rank', body)).body;
    expect(ranking[0].guard).toEqual(guard);
    const open = (await request('viewer', 'POST', '/v1/score', { ...body, model: 'open' })).body;
    expect(open.data[0].scores[0]).not.toHaveProperty('guard');
  });

  it('does not serve with guardrails that cannot be read', async () => {
    const model = { version: 'rm@1', directory };
    await expect(
      scoring.serve(store().project.id, 'bad', { production: { model, guardrails: { ruls: [] } } }),
    ).rejects.toMatchObject({ code: 'guardrail.bad_pattern' });
  });
});

describe('a canary with a policy of its own', () => {
  const name = 'tested';
  const served = (version: string) => ({ version, reference, maxLength: 200, threads: 1 });
  const armOf = async (user: string) => {
    const { headers, body } = await ask(name, { user });
    return [
      headers['plaudit-arm'],
      headers['plaudit-policy'],
      headers['plaudit-bundle'],
      body.choices[0].finish_reason,
    ];
  };
  const plan = (share: number) => ({
    production: { bundle: 'b-1', model: { version: 'rm@1', directory } },
    canary: {
      ...{ bundle: 'b-2', share, model: { version: 'rm@2', directory } },
      guardrails: rule('block'),
    },
  });
  const users = Array.from({ length: 12 }, (_, i) => `USER_${i}`);

  it('answers its share, always the same callers, under its own guardrails, and both are told apart', async () => {
    const project = store().project.id;
    await scoring.serve(project, name, plan(0.5));
    await policies.serve(project, name, served('writer@1'), served('writer@2'));
    seen.length = 0;
    const first = await Promise.all(users.map(armOf));
    expect(await Promise.all(users.map(armOf))).toEqual(first);
    const kinds = new Set(first.map((one) => one.slice(0, 3).join(' ')));
    expect(kinds).toEqual(new Set(['production writer@1 b-1', 'canary writer@2 b-2']));
    for (const [arm, , , reason] of first) expect(reason === 'content_filter').toBe(arm === 'canary');
    await expect.poll(() => seen.length, { timeout: 5000 }).toBe(24);
    // Two reward models: what the canary's wrote is scored by production's as well.
    for (const { arm, productionRewards } of seen)
      expect(productionRewards !== undefined).toBe(arm === 'canary');
    // A larger share takes nobody out of the canary.
    await scoring.serve(project, name, plan(0.8));
    for (const [i, one] of (await Promise.all(users.map(armOf))).entries())
      if (first[i]![0] === 'canary') expect(one[0]).toBe('canary');
  });

  it('is not asked to write where it has no policy, and drops no request when it goes', async () => {
    const project = store().project.id;
    const under = users.map(armOf);
    await policies.serve(project, name, served('writer@1'));
    await scoring.serve(project, name, plan(1));
    for (const [arm, policy] of await Promise.all(users.map(armOf)))
      expect([arm, policy]).toEqual(['production', 'writer@1']);
    expect((await Promise.all(under)).every(([arm]) => arm !== undefined)).toBe(true);
    const { data } = (await request('viewer', 'GET', '/v1/deployed')).body;
    const tested = data.find((one: { name: string }) => one.name === name);
    expect(
      tested.arms.map(({ arm, policy, guarded }: Record<string, unknown>) => [arm, policy, guarded]),
    ).toEqual([
      ['production', 'writer@1', false],
      ['canary', null, true],
    ]);
  });
});
