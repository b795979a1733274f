/** @file Tests: guards name what holds, doubt goes to a person, and what the person says becomes a judgement. */
import type { Prompt } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { guardOf, judgeAll } from './guard.ts';
import { openGuardThread } from './guard-thread.ts';
import { decideReview, holdForReview } from './review.ts';
import { guardrailRoutes } from './routes.ts';
import { guardrailSettings } from './settings.ts';

const ask = (content: string): Prompt => [{ role: 'user', content }];
const plain = { prompt: ask('Where is my parcel?'), response: 'It arrives tomorrow.' };

describe('a guard', () => {
  it('asks nothing where nothing is written', async () => {
    expect(await guardOf({})(plain)).toEqual({ action: 'allow', reasons: [] });
  });

  it('blocks by pattern in the prompt, the response or either, and says which rule and not what it found', async () => {
    const guard = guardOf({
      rules: [
        { name: 'card', pattern: '\\b4\\d{15}\\b' },
        { name: 'rival', in: 'prompt', pattern: 'acme', action: 'review' },
        { name: 'either', in: 'either', pattern: 'zebra', action: 'mark' },
      ],
    });
    const card = await guard({ ...plain, response: 'Your card 4111111111111111 is fine.' });
    expect(card).toEqual({ action: 'block', reasons: [{ reason: 'rule card', action: 'block' }] });
    expect(JSON.stringify(card)).not.toContain('4111');
    expect(await guard({ ...plain, prompt: ask('Is ACME better?') })).toMatchObject({ action: 'review' });
    expect(await guard({ ...plain, response: 'acme zebra' })).toEqual({
      action: 'allow',
      reasons: [{ reason: 'rule either', action: 'mark' }],
    });
  });

  it('does not wait for a pattern that never ends, and lets a person decide', async () => {
    const guard = guardOf({ rules: [{ name: 'slow', pattern: '^(a+)+$' }] });
    const before = performance.now();
    const found = await guard({ ...plain, response: `${'a'.repeat(60)}!` });
    expect(performance.now() - before).toBeLessThan(2000);
    expect(found).toEqual({
      action: 'review',
      reasons: [{ reason: 'rule slow (not finished)', action: 'review' }],
    });
  });

  it('knows sensitive domains and coarse language by the lists of the quality gates', async () => {
    const guard = guardOf({ domains: { medical: 'review' }, toxicity: 'block', uncovered: 'mark' });
    const ill = {
      prompt: ask('What dose of ibuprofen may my child take, the doctor prescribed antibiotics?'),
      response: 'Ask your doctor.',
    };
    expect(await guard(ill)).toMatchObject({ action: 'review', reasons: [{ reason: 'domain medical' }] });
    expect(await guard({ ...plain, response: 'You are an idiot, shut up.' })).toMatchObject({
      action: 'block',
      reasons: [{ reason: 'coarse language' }],
    });
    expect(await guard({ prompt: ask('荷物はどこですか'), response: '明日届きます' })).toMatchObject({
      action: 'allow',
      reasons: [{ action: 'mark' }],
    });
    expect(await guard(plain)).toEqual({ action: 'allow', reasons: [] });
  });

  it('holds objectives to their thresholds, and takes what could not be scored for doubt', async () => {
    const guard = guardOf({ objectives: [{ objective: 'safety', least: 0 }] });
    const scored = (safety: number, violations?: string[]) => ({
      ...plain,
      score: { perObjective: { safety }, ...(violations && { violations }) },
    });
    expect(await guard(scored(1))).toMatchObject({ action: 'allow' });
    expect(await guard(scored(-1))).toMatchObject({ action: 'block' });
    expect(await guard(plain)).toMatchObject({ action: 'review' });
    expect(await guard(scored(Number.NaN))).toMatchObject({ action: 'review' });
    expect(await guard(scored(1, ['no numbers']))).toMatchObject({
      action: 'block',
      reasons: [{ reason: 'reward model: no numbers' }],
    });
  });

  it('holds what may break a constraint of a reward model that said nothing', async () => {
    const guard = guardOf({});
    expect(await guard({ ...plain, constrained: true })).toEqual({
      action: 'review',
      reasons: [{ reason: 'reward model (not scored)', action: 'review' }],
    });
    expect(await guard({ ...plain, constrained: true, score: { perObjective: {} } })).toMatchObject({
      action: 'allow',
    });
  });

  it('holds what it could not judge: a text too long to be read, and whatever made it fail', async () => {
    const long = { ...plain, response: 'fine '.repeat(50_000) };
    expect(await guardOf({ toxicity: 'mark' })(long)).toMatchObject({ action: 'review' });
    const broken = async (): Promise<never> => Promise.reject(new TypeError('broken'));
    expect(await judgeAll(broken, [plain, plain])).toMatchObject([
      { action: 'review', reasons: [{ reason: 'the guardrails failed' }] },
      { action: 'review' },
    ]);
  });

  it('judges in a thread of its own as it does here, and a slow pattern holds nobody up but itself', async () => {
    const told: unknown[] = [];
    const thread = openGuardThread((error) => told.push(error));
    const judge = thread.judgeOf(guardrailSettings.parse({ rules: [{ name: 'card', pattern: '4\\d{15}' }] }));
    const card = { ...plain, response: '4111111111111111' };
    expect((await judge([plain, card])).map(({ action }) => action)).toEqual(['allow', 'block']);
    const slow = thread.judgeOf(guardrailSettings.parse({ rules: [{ name: 'slow', pattern: '^(a+)+$' }] }));
    const spent = process.threadCpuUsage();
    const many = Array.from({ length: 20 }, () => ({ ...plain, response: `${'a'.repeat(60)}!` }));
    expect(new Set((await slow(many)).map(({ action }) => action))).toEqual(new Set(['review']));
    expect(process.threadCpuUsage(spent).user / 1000).toBeLessThan(100);
    // What its thread cannot read is held, and told of.
    const broken = thread.judgeOf({ rules: 'none' } as never);
    expect(await broken([plain])).toMatchObject([{ action: 'review' }]);
    expect(told).toHaveLength(1);
    await thread.close();
  });

  it('refuses settings that are none', () => {
    expect(() => guardOf({ rules: [{ name: 'x', pattern: '(' }] })).toThrow(/no regular expression/);
    expect(() => guardOf({ ruls: [] })).toThrow();
  });
});

const now = new Date('2026-01-01T00:00:00Z');
const { store, request } = testApp(() => guardrailRoutes({ now: () => now }));
const verdict = {
  action: 'review' as const,
  reasons: [{ reason: 'domain medical', action: 'review' as const }],
};

describe('a review', () => {
  it('is decided once, by whoever is quicker, and becomes one judgement', async () => {
    const id = await holdForReview(store(), { ...plain, deployment: 'live', verdict });
    expect(await holdForReview(store(), { ...plain, deployment: 'live', verdict })).toBe(id);
    const done = await Promise.allSettled([
      decideReview(store(), id, { decision: 'block', actor: 'user:ada', at: now }),
      decideReview(store(), id, { decision: 'allow', actor: 'user:bob', at: now }),
    ]);
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const rows = [];
    for await (const row of store().judgements.rows('reviews')) rows.push(row);
    expect(rows).toHaveLength(1);
    const { decision, judgement } = await store().reviews.get(id);
    expect(rows[0]).toMatchObject({ kind: 'label', criterion: 'safety', desirable: decision === 'allow' });
    expect((await store().judgements.get(judgement!)).retracted).toBe(false);
    expect((await store().audit.entries()).filter(({ action }) => action === 'review.decide')).toHaveLength(
      1,
    );
  });

  it('goes over HTTP, and guardrails can be tried before they hold anything', async () => {
    const id = await holdForReview(store(), { ...plain, response: 'Another one.', verdict });
    const url = `/v1/projects/test/reviews/${id}`;
    expect((await request('viewer', 'GET', url)).status).toBe(403);
    expect(
      (await request('reviewer', 'GET', '/v1/projects/test/reviews?state=open')).body.reviews,
    ).toHaveLength(1);
    expect((await request('reviewer', 'GET', url)).body.texts.response).toBe('Another one.');
    expect((await request('reviewer', 'POST', `${url}/decide`, { decision: 'allow' })).body).toMatchObject({
      state: 'decided',
      decision: 'allow',
    });
    expect((await request('reviewer', 'POST', `${url}/decide`, { decision: 'block' })).status).toBe(409);
    const check = '/v1/projects/test/guardrails/check';
    const settings = { rules: [{ name: 'n', pattern: 'tomorrow' }] };
    expect((await request('engineer', 'POST', check, { ...plain, settings })).body).toMatchObject({
      action: 'block',
    });
    const bad = { rules: [{ name: 'n', pattern: '(' }] };
    expect((await request('engineer', 'POST', check, { ...plain, settings: bad })).status).toBe(400);
  });
});
