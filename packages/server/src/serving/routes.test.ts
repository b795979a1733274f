import { join } from 'node:path';
import { loadRewardModel } from '@plaudit/reward';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { PolicyService } from './policy-service.ts';
import { servingRoutes } from './routes.ts';
import { ScoringService } from './scoring-service.ts';
import { temporaryFolder, tinyPolicy, trainLinear, trainTransformer } from './testing.ts';

const folder = temporaryFolder();
const scoring = new ScoringService({ limits: { maxQueue: 200 } });
const policies = new PolicyService();
const now = (): Date => new Date('2026-03-01T12:00:00Z');
const { app, request, store } = testApp(() => servingRoutes({ scoring, policies, now, newId: () => 'x' }));
const post = (url: string, body: unknown, as: Parameters<typeof request>[0] = 'viewer') =>
  request(as, 'POST', url, body);

const prompt = 'My watch is dead. What can I do?';
const responses = ['Try another battery first.', 'Too bad.', 'I do not know.'];
let rewards: readonly number[];

beforeAll(async () => {
  const linear = { version: 'support@1', directory: await trainLinear(folder, 'linear') };
  const transformer = { version: 'desk@2', directory: await trainTransformer(folder, 'transformer') };
  const { id } = store().project;
  await scoring.serve(id, 'support', { revision: 7, production: { model: linear, bundle: 'bundle-1' } });
  await scoring.serve(id, 'desk', { production: { model: transformer, proxy: linear } });
  await policies.serve(id, 'support', {
    version: 'writer@1',
    reference: await tinyPolicy(folder),
    maxLength: 64,
    threads: 1,
  });
  const model = await loadRewardModel(join(folder, 'linear'));
  const [row] = await model.score([{ prompt: [{ role: 'user', content: prompt }], responses }]);
  rewards = row!.map(({ reward }) => reward);
}, 120_000);
afterAll(async () => {
  await scoring.close();
  await policies.close();
});

describe('POST /v1/score', () => {
  it('gives the raw score of each response with all that it hangs on', async () => {
    const { status, body } = await post('/v1/score', { model: 'support', prompt, responses });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: 'rwd-x',
      object: 'list',
      created: 1772366400,
      model: 'support',
      revision: 7,
      arm: 'production',
      bundle: 'bundle-1',
      activation: 'none',
      score_space: 'within_prompt',
      usage: { prompt_tokens: null, responses: 3, cached_responses: 0 },
    });
    const [item] = body.data;
    expect(item).toMatchObject({
      index: 0,
      object: 'reward',
      status: 'ok',
      model_version: 'support@1',
      kind: 'linear',
      mode: 'thorough',
    });
    expect(item.scores.map(({ score }: { score: number }) => score)).toEqual(rewards);
    expect(Object.keys(item.scores[0]).sort()).toEqual(
      [
        'index',
        'normalised',
        'objectives',
        'probability',
        'score',
        'tokens',
        'truncated',
        'uncertainty',
      ].sort(),
    );
    expect(item.scores[0].probability).toBeGreaterThan(0);
  });

  it('takes texts, chat messages and batches alike, and keeps ids and order', async () => {
    const { body } = await post('/v1/score', {
      model: 'support',
      items: [
        {
          id: 'b',
          messages: [
            { role: 'user', content: prompt },
            { role: 'assistant', content: responses[1] },
          ],
        },
        { id: 'a', prompt: [{ role: 'user', content: prompt }], response: responses[0] },
      ],
    });
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(['b', 'a']);
    expect(body.data.map(({ scores }: { scores: { score: number }[] }) => scores[0]!.score)).toEqual([
      rewards[1],
      rewards[0],
    ]);
  });

  it('gives an item that is too long an error and no score, and the others theirs', async () => {
    const long = 'because '.repeat(300);
    const items = [
      { prompt, response: long },
      { prompt, response: 'Short.' },
    ];
    const { status, body } = await post('/v1/score', { model: 'desk', items });
    expect(status).toBe(200);
    expect(body.data[0]).toMatchObject({
      status: 'error',
      scores: null,
      error: { code: 'serving.too_long' },
    });
    expect(body.data[1].status).toBe('ok');
    expect(body.data[1].formatting_digest).toMatch(/^[0-9a-f]{64}$/);
    expect(body.usage.total_tokens).toBe(body.data[1].scores[0].tokens);
    const cut = await post('/v1/score', { model: 'desk', items: items.slice(0, 1), truncation: 'right' });
    expect(cut.body.data[0].scores[0]).toMatchObject({ truncated: true });
  });

  it('says in mode auto which model scored and why', async () => {
    const { body } = await post('/v1/score', { model: 'desk', prompt, responses, mode: 'auto' });
    const [item] = body.data;
    expect([item.mode, item.escalation, item.model_version]).toEqual(
      item.escalation === 'sure' ? ['fast', 'sure', 'support@1'] : ['thorough', 'unsure', 'desk@2'],
    );
  });

  it.each([
    [{ prompt }, 'one response'],
    [{ prompt, responses: [] }, 'responses'],
    [{ prompt, response: 'x', surprise: 1 }, 'surprise'],
    [{ prompt, response: 'x', items: [{ prompt, response: 'x' }] }, 'not both'],
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ],
      },
      'last message',
    ],
    [{ prompt, response: 'x', mode: 'slow' }, 'mode'],
    [{ prompt, response: '\ud800' }, 'half a character'],
    [{ prompt, response: 'x', truncation: 'middle' }, 'truncation'],
  ])('refuses %j', async (body, problem) => {
    const refused = await post('/v1/score', body);
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain(problem);
  });

  it('names no deployment that is not there, and asks which where there are several', async () => {
    expect((await post('/v1/score', { model: 'nothing', prompt, responses })).status).toBe(404);
    expect((await post('/v1/score', { prompt, responses })).body.error.code).toBe('serving.model_unnamed');
  });

  it('answers 429 with Retry-After when the queue is full, and recovers', async () => {
    const many = (n: number) => ({
      model: 'support',
      items: Array.from({ length: 60 }, (_, i) => ({ prompt: `${n} ${i}`, responses })),
    });
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => post('/v1/score', many(n))));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.every(({ status }) => status === 200 || status === 429)).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]!.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await post('/v1/score', many(99))).status).toBe(200);
  });

  it('drops what a caller who hung up has asked for', async () => {
    const seen: string[][] = [];
    const end = scoring.watch(({ items }) => seen.push(items.map(({ error }) => error?.code ?? 'ok')));
    await app().listen({ port: 0, host: '127.0.0.1' });
    const { port } = app().server.address() as { readonly port: number };
    const gone = new AbortController();
    const items = Array.from({ length: 60 }, (_, i) => ({ prompt: `gone ${i}`, responses }));
    const asked = fetch(`http://127.0.0.1:${port}/v1/score`, {
      method: 'POST',
      headers: { authorization: 'Bearer viewer', 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'desk', items }),
      signal: gone.signal,
    });
    const { batcher } = scoring.find(store().project.id, 'desk').production.model;
    await expect.poll(() => batcher.load, { interval: 1 }).toBeGreaterThan(0);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(() => seen.length).toBe(1);
    expect(new Set(seen[0])).toEqual(new Set(['serving.cancelled']));
    expect(batcher.load).toBe(0);
    end();
    app().server.closeAllConnections();
  });

  it('is for those who may read the project', async () => {
    const body = { model: 'support', prompt, responses };
    expect((await post('/v1/score', body, 'annotator')).status).toBe(403);
    expect((await post('/v1/score', body, 'nobody')).status).toBe(401);
    expect((await post('/v1/score', body, 'stranger')).status).toBe(404);
  });
});

describe('POST /v1/rank', () => {
  it('puts the best response first, with by how much it leads', async () => {
    const { status, body } = await post('/v1/rank', { model: 'support', prompt, responses });
    expect(status).toBe(200);
    const order = [0, 1, 2].sort((a, b) => rewards[b]! - rewards[a]!);
    expect(body.ranking.map(({ index }: { index: number }) => index)).toEqual(order);
    expect(body.ranking.map(({ rank }: { rank: number }) => rank)).toEqual([1, 2, 3]);
    expect(body.ranking[0].lead).toBeCloseTo(rewards[order[0]!]! - rewards[order[1]!]!, 12);
    expect(body.ranking[0].probability_over_next).toBeGreaterThan(0.5);
    expect(body.ranking[2].lead).toBeNull();
  });

  it('lets scores within the tolerance share a rank', async () => {
    const { body } = await post('/v1/rank', { model: 'support', prompt, responses, tie_tolerance: 1000 });
    expect(body.ranking.map(({ rank }: { rank: number }) => rank)).toEqual([1, 1, 1]);
  });
});

describe('POST /v1/best-of-n', () => {
  it('chooses among given responses', async () => {
    const { body } = await post('/v1/best-of-n', { model: 'support', prompt, responses });
    const best = rewards.indexOf(Math.max(...rewards));
    expect(body.best).toMatchObject({ index: best, response: responses[best], rank: 1 });
    expect([body.n, body.policy_version]).toEqual([3, null]);
    expect(body.kl_bound).toBeCloseTo(Math.log(3) - 2 / 3, 12);
  });

  it('lets the policy write n and chooses among those, the same for the same seed', async () => {
    const ask = () =>
      post('/v1/best-of-n', { model: 'support', prompt: 'bcd', n: 3, max_tokens: 5, seed: 4 });
    const { status, body } = await ask();
    expect(status).toBe(200);
    expect(body.candidates).toHaveLength(3);
    expect(body.policy_version).toBe('writer@1');
    expect(body.candidates[0].score).toBe(
      Math.max(...body.candidates.map(({ score }: { score: number }) => score)),
    );
    expect(body.candidates[0].log_probability).toBeLessThan(0);
    expect((await ask()).body.candidates).toEqual(body.candidates);
  });

  it('says where there is no policy', async () => {
    const { status, body } = await post('/v1/best-of-n', { model: 'desk', prompt, n: 2 });
    expect([status, body.error.code]).toEqual([404, 'serving.no_policy']);
  });
});

describe('GET /v1/deployed', () => {
  it('says which versions serve', async () => {
    const { body } = await request('viewer', 'GET', '/v1/deployed');
    expect(body.data.map(({ name }: { name: string }) => name)).toEqual(['desk', 'support']);
    expect(body.data[1]).toMatchObject({
      revision: 7,
      arms: [{ arm: 'production', share: 1, model: { version: 'support@1', kind: 'linear' }, proxy: null }],
      policy: { version: 'writer@1', max_length: 64 },
    });
    expect(body.data[0].arms[0].proxy.version).toBe('support@1');
  });
});
