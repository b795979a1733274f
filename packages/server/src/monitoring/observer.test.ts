/** @file Tests: what is scored is observed with its shadow, its failures and its guardrails, without holding anything up. */
import type { PlauditError } from '@plaudit/contract';
import { plauditError } from '@plaudit/contract';
import { openStore, type Store } from '@plaudit/store';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import type { GuardVerdict } from '../guardrails/index.ts';
import type { ScoredEvent } from '../serving/index.ts';
import { testApp } from '../testing.ts';
import { updateGauges } from './deployment-gauges.ts';
import type { EvaluationEvent } from './evaluation-events.ts';
import { rewardMetrics } from './metrics.ts';
import { observerOf } from './observer.ts';
import { looksLikeRefusal } from './refusal.ts';

const now = new Date('2026-05-01T00:00:00Z');
const { database } = testApp(() => []);
let made = 0;
const fresh = (): Promise<Store> => openStore(database(), { project: `observed ${++made}`, now: () => now });
const span = { deployment: 'live', from: new Date(0), to: new Date(now.getTime() + 1) };

/** An event as the scoring service makes it. */
const eventOf = (
  store: Store,
  more: {
    readonly request: number;
    readonly arm?: ScoredEvent['arm'];
    readonly bundle?: string;
    readonly texts?: readonly string[];
    readonly rewards?: readonly number[];
    readonly error?: PlauditError;
    readonly verdicts?: readonly GuardVerdict[];
    readonly keepsBack?: boolean;
    readonly productionRewards?: ScoredEvent['productionRewards'];
  },
): ScoredEvent => {
  const {
    request,
    arm = 'production',
    bundle = null,
    texts = ['yes'],
    rewards = texts.map(() => 1),
    error,
    verdicts,
    keepsBack = false,
    productionRewards,
  } = more;
  const version = { served: { version: 'rm@1' }, card: { normaliser: { mean: 1, std: 2 } } };
  const item = {
    prompt: [{ role: 'user' as const, content: `question ${request}` }],
    responses: [...texts],
    truncation: 'error' as const,
  };
  const scores = rewards.map((reward) => ({
    ...{ reward, perObjective: { reward }, uncertainty: null, calibrated: null, tokens: 3, truncated: false },
  }));
  const timing = { cached: false, queueMilliseconds: 1, milliseconds: 2, batchSize: 1 };
  const answer = {
    ...{ version, mode: 'thorough', ...(error ? { error } : { scores, ...timing }) },
    ...(verdicts && { verdicts }),
  };
  return {
    ...{ deployment: 'live', revision: 1, arm, bundle, items: [answer], milliseconds: 5 },
    ...{ project: store.project.id, request, mode: 'thorough', asked: [item], keepsBack },
    ...(productionRewards && { productionRewards }),
  } as unknown as ScoredEvent;
};

describe('the observer', () => {
  it('writes each response once, the shadow beside what production said, and failures without a reward', async () => {
    const store = await fresh();
    const problems: unknown[] = [];
    const told: EvaluationEvent[] = [];
    const registry = new Registry();
    const observer = observerOf({
      ...{ storeOf: async () => store, now: () => now, failed: (_, error) => problems.push(error) },
      metrics: rewardMetrics(registry),
      events: { emit: (event) => told.push(event), close: async () => undefined, dropped: () => 0 },
    });
    observer.observe(
      eventOf(store, { request: 1, texts: ['yes it is', 'I cannot help with that.'], rewards: [3, -1] }),
    );
    observer.observe(
      eventOf(store, {
        request: 1,
        arm: 'shadow',
        texts: ['yes it is', 'I cannot help with that.'],
        rewards: [30, -10],
      }),
    );
    observer.observe(
      eventOf(store, {
        request: 2,
        error: plauditError('serving.worker_lost', { model: 'm', problem: 'x' }),
      }),
    );
    observer.observe(
      eventOf(store, { request: 3, error: plauditError('request.invalid', { problem: 'x' }) }),
    );
    await observer.close();
    expect(problems).toEqual([]);
    const [production, shadow] = await store.observations.totals(span);
    expect(production).toMatchObject({
      arm: 'production',
      responses: 4,
      units: 3,
      failures: 1,
      refusals: 1,
      reward: { n: 1, mean: 1 },
    });
    expect(shadow).toMatchObject({ arm: 'shadow', responses: 2 });
    const rows = await store.observations.sample({ ...span, arm: 'shadow' });
    expect(rows.map(({ reward, productionReward, z }) => [productionReward, reward, z]).sort()).toEqual(
      [
        [-1, -10, -5.5],
        [3, 30, 14.5],
      ].sort(),
    );
    expect(told.map(({ value, error }) => value ?? error)).toEqual([
      3,
      -1,
      30,
      -10,
      'serving.worker_lost',
      'request.invalid',
    ]);
    expect(await registry.metrics()).toMatch(
      /rm_items_total\{project="[0-9a-f-]+",deployment="live",status="ok"\} 4/,
    );
  });

  it('compares a canary that has another reward model on the scale of production', async () => {
    const store = await fresh();
    const observer = observerOf({
      ...{ storeOf: async () => store, now: () => now },
      failed: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
    observer.observe(
      eventOf(store, {
        request: 1,
        arm: 'canary',
        texts: ['a', 'b'],
        rewards: [50, 70],
        productionRewards: [[1, 3]],
      }),
    );
    await observer.close();
    const [canary] = await store.observations.totals(span);
    expect(canary).toMatchObject({
      arm: 'canary',
      reward: { mean: 60 },
      productionReward: { n: 1, mean: 2 },
    });
  });

  it('draws a sample where there is more than it keeps, and goes on where the store is away', async () => {
    const store = await fresh();
    const problems: string[] = [];
    let away = true;
    const observer = observerOf(
      {
        storeOf: async () => {
          if (away) throw new Error('away');
          return store;
        },
        ...{ now: () => now, failed: (what) => problems.push(what) },
      },
      { most: 20 },
    );
    observer.observe(eventOf(store, { request: 1 }));
    await observer.flush();
    expect(problems).toEqual(['observations']);
    away = false;
    for (let request = 0; request < 200; request++) observer.observe(eventOf(store, { request }));
    await observer.close();
    expect((await store.observations.totals(span))[0]).toMatchObject({ responses: 20 });
  });

  it('counts what guardrails block as an incident and lets people see what they hold', async () => {
    const store = await fresh();
    const model = await store.models.register({ name: 'm', role: 'reward', card: {} });
    const { id: bundle } = await store.bundles.create({
      name: 'b',
      rewardModel: model.id,
      createdBy: 'e',
    });
    await store.deployments.change('live', { after: 0, bundle, actor: 'e', reason: 'r' });
    const metrics = rewardMetrics(new Registry());
    const observer = observerOf({
      ...{ storeOf: async () => store, now: () => now, metrics },
      failed: (what, error) => {
        throw new Error(what, { cause: error });
      },
    });
    const verdictOf = (action: 'review' | 'block', reason: string): GuardVerdict => ({
      ...{ action, reasons: [{ reason, action }] },
    });
    const verdicts = [
      verdictOf('block', 'rule card'),
      verdictOf('review', 'rule dose'),
      { action: 'allow', reasons: [] } as const,
    ];
    const texts = ['4111111111111111', 'take 400 milligrams', 'fine'];
    observer.observe(eventOf(store, { request: 1, bundle, texts, verdicts }));
    // Who keeps responses back has let people see them already.
    observer.observe(eventOf(store, { request: 2, bundle, texts, verdicts, keepsBack: true }));
    await observer.close();
    expect((await metrics.incidents.get()).values.map(({ value }) => value)).toEqual([2, 2]);
    expect(await store.reviews.list()).toHaveLength(1);
    expect((await store.observations.totals(span))[0]).toMatchObject({ incidents: 2, responses: 6 });
    expect((await store.reviews.list())[0]).toMatchObject({
      reasons: ['rule dose'],
      state: 'open',
      deployment: 'live',
    });
    await updateGauges(metrics, store, now);
    const [info] = (await metrics.info.get()).values;
    expect(info).toMatchObject({
      value: 1,
      labels: { deployment: 'live', arm: 'production', version: 'b@1' },
    });
  });
});

describe('a refusal', () => {
  it('shows in how a response begins, in four languages', () => {
    for (const text of [
      "I'm sorry, but no.",
      'I cannot help with that.',
      'Es tut mir leid.',
      'Je ne peux pas le faire.',
      'Lo siento, no.',
    ])
      expect(looksLikeRefusal(text), text).toBe(true);
    for (const text of ['Sure.', 'You cannot miss it.', `${'Yes. '.repeat(60)}I cannot help with that.`])
      expect(looksLikeRefusal(text), text).toBe(false);
  });
});
