/** @file Tests: drift and hacking show in what was served, rules fire once and end, and no data is never taken for good. */
import { Random } from '@plaudit/contract';
import { openStore, promptId, type Store } from '@plaudit/store';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registryServices } from '../registry/testing.ts';
import { testApp } from '../testing.ts';
import { type AlertMessage, evaluateRule } from './alerts.ts';
import { humanAgreement } from './human-checks.ts';
import { rewardMetrics } from './metrics.ts';
import { type MonitorServices, watch } from './monitor.ts';
import { readMeasure } from './readings.ts';
import { type AlertRule, alertRule, firstState, nextState, type Reading } from './rule.ts';
import { answered, driftBetween, hackingSigns } from './window.ts';

const minute = 60_000;
let now = new Date('2026-03-01T00:00:00Z');
const later = (minutes: number): void => {
  now = new Date(now.getTime() + minutes * minute);
};
const { database } = testApp(() => []);
let made = 0;
const fresh = (): Promise<Store> =>
  openStore(database(), { project: `monitoring ${++made}`, now: () => now });

const ruleOf = (more: object): AlertRule =>
  alertRule.parse({ deployment: 'live', measure: { of: 'mean reward' }, below: 0, ...more });
const reading = (value: number, half = 0): Reading => ({
  ...{ enough: true, n: 100, value, interval: [value - half, value + half] },
});
const none: Reading = { enough: false, n: 3, needed: 50 };

describe('the state of a rule', () => {
  const run = (rule: AlertRule, readings: readonly Reading[], step = 10) => {
    let state = firstState(0);
    return readings.map((one, i) => {
      const found = nextState(rule, state, one, (i + 1) * step * minute);
      state = found.state;
      return `${state.condition}${found.notice ? ` ${found.notice}` : ''}`;
    });
  };

  it('opens once, is told again while nobody has acknowledged it, and ends with a good reading only', () => {
    const rule = ruleOf({ repeat: 20 });
    expect(
      run(rule, [reading(1), reading(-1), reading(-1), reading(-1), none, reading(-1), reading(1)]),
    ).toEqual([
      ...['ok', 'firing open', 'firing', 'firing repeat', 'no data open', 'firing open', 'ok resolve'],
    ]);
    const state = { ...firstState(0), condition: 'firing' as const, told: 0 };
    expect(nextState(rule, state, reading(-1), 60 * minute, true).notice).toBeNull();
    expect(nextState(rule, state, reading(-1), 60 * minute).notice).toBe('repeat');
  });

  it('waits as long as the rule says, and begins anew when it was good in between', () => {
    const rule = ruleOf({ for: 20 });
    expect(run(rule, [reading(-1), reading(-1), reading(1), reading(-1), reading(-1), reading(-1)])).toEqual([
      ...['pending', 'pending', 'ok', 'pending', 'pending', 'firing open'],
    ]);
  });

  it('takes no data for what the rule says: an alert of its own, the last state, or good', () => {
    expect(run(ruleOf({}), [none, none])).toEqual(['no data open', 'no data']);
    expect(run(ruleOf({ noData: 'keep' }), [none, reading(-1), none])).toEqual([
      'ok',
      'firing open',
      'firing',
    ]);
    expect(run(ruleOf({ noData: 'ok' }), [reading(-1), none])).toEqual(['firing open', 'ok resolve']);
  });

  it('fires only where the whole interval is beyond the bound, unless told otherwise', () => {
    expect(run(ruleOf({}), [reading(-0.1, 0.2)])).toEqual(['ok']);
    expect(run(ruleOf({ sure: false }), [reading(-0.1, 0.2)])).toEqual(['firing open']);
    expect(() => ruleOf({ below: undefined })).toThrow(/needs above or below/);
  });
});

interface Traffic {
  readonly reward?: number;
  readonly pay?: number;
  readonly language?: string;
  readonly incidents?: number;
}

const serve = async (store: Store, seed: number, traffic: Traffic = {}, rows = 400): Promise<void> => {
  const random = new Random(seed, 'traffic');
  const { reward = 0, pay = 0, language = 'en', incidents = 0 } = traffic;
  await store.observations.log(
    Array.from({ length: rows }, (_, i) => {
      const length = Math.round(200 + 60 * random.normal());
      const z = reward + random.normal() + (pay * (length - 200)) / 60;
      return {
        ...{
          deployment: 'live',
          arm: 'production' as const,
          unit: `u${seed} ${i}`,
          length,
          reward: 3 * z,
          z,
        },
        ...{ prompt: String(Math.floor(i / 4)).padStart(64, '0'), repetition: 0.05, milliseconds: 30 },
        ...{ incident: i < incidents, segments: { language: i % 5 === 0 ? language : 'en' } },
      };
    }),
  );
};

const windowsOf = () => ({
  reference: {
    deployment: 'live',
    from: new Date(now.getTime() - 90 * minute),
    to: new Date(now.getTime() - 45 * minute),
  },
  current: { deployment: 'live', from: new Date(now.getTime() - 45 * minute), to: now },
});

/** A reference an hour ago, and what is served now. */
const twoWindows = async (traffic: Traffic): Promise<Store> => {
  const store = await fresh();
  await serve(store, 1);
  later(60);
  await serve(store, 2, traffic);
  later(1);
  return store;
};

describe('drift', () => {
  it('shows in rewards, lengths and segments where they moved, and nowhere where they did not', async () => {
    const same = await twoWindows({});
    const still = await driftBetween(same, windowsOf().reference, windowsOf().current);
    if (!still.reward.enough || !still.length.enough) throw new Error('there is enough');
    expect(still.reward.psi).toBeLessThan(0.1);
    expect(still.length.wasserstein).toBeLessThan(0.2);
    expect(still.sameBundles).toBe(true);
    expect(still.prompts).toMatchObject({ enough: false });
    const moved = await twoWindows({ reward: -0.8, language: 'de' });
    const found = await driftBetween(moved, windowsOf().reference, windowsOf().current);
    if (!found.reward.enough) throw new Error('there is enough');
    expect(found.reward.psi).toBeGreaterThan(0.25);
    expect(found.reward.shift).toBeCloseTo(-0.8, 0);
    const { language } = found.segments;
    if (!language?.enough) throw new Error('there is enough');
    expect(Math.abs(language.furthest.change)).toBeCloseTo(0.2, 5);
    expect(await driftBetween(await fresh(), windowsOf().reference, windowsOf().current)).toMatchObject({
      reward: { enough: false, n: 0 },
      segments: {},
    });
  });
});

describe('signs of hacking', () => {
  it('are a reward that pays for length and scores at the top of the reference', async () => {
    const store = await twoWindows({ reward: 1.5, pay: 1.5 });
    const { reference, current } = windowsOf();
    const found = hackingSigns(await answered(store, reference), await answered(store, current));
    if (!found.lengthPay.enough || !found.saturation.enough) throw new Error('there is enough');
    expect(found.lengthPay.interval![0]).toBeGreaterThan(0.5);
    expect(found.saturation.share).toBeGreaterThan(0.1);
    expect(hackingSigns([], [])).toMatchObject({
      lengthPay: { enough: false },
      saturation: { enough: false },
    });
  });
});

describe('people beside the model', () => {
  it('agree with it as often as the rewards of what they compared say', async () => {
    const store = await fresh();
    for (let i = 0; i < 40; i++) {
      const prompt = [{ role: 'user' as const, content: `question ${i}` }];
      const id = await store.prompts.add(prompt);
      const texts: [string, string] = [`good ${i}`, `bad ${i}`];
      for (const [at, text] of texts.entries())
        await store.observations.log([
          {
            ...{ deployment: 'live', arm: 'production', prompt: promptId(prompt) },
            ...{ response: await store.prompts.addResponse(id, text), reward: at === 0 ? 1 : i < 30 ? 0 : 2 },
          },
        ]);
      await store.judgements.add('audit', {
        ...{ kind: 'comparison', prompt, responses: texts, outcome: 'a' },
        provenance: { source: 'audit', annotator: 'ada', annotatorKind: i < 35 ? 'human' : 'model' },
      });
    }
    later(1);
    const window = { deployment: 'live', from: new Date(now.getTime() - 10 * minute), to: now };
    const found = await humanAgreement(store, 'audit', window);
    expect(found).toMatchObject({ enough: true, n: 35, share: expect.closeTo(30 / 35, 10) });
    expect(await humanAgreement(store, 'audit', { ...window, deployment: 'x' })).toMatchObject({
      enough: false,
      n: 0,
    });
  });
});

const servicesOf = (told: AlertMessage[], down = 0): MonitorServices & { readonly problems: string[] } => {
  let failures = down;
  const problems: string[] = [];
  return {
    ...registryServices(),
    now: () => now,
    wait: async () => undefined,
    async post(_, __, message) {
      if (failures-- > 0) throw Object.assign(await undelivered());
      told.push(message);
    },
    failed: (what) => problems.push(what),
    problems,
  };
};
const undelivered = async () =>
  (await import('@plaudit/contract')).plauditError('monitoring.undelivered', {
    channel: 'webhook',
    problem: 'x',
  });

describe('alerts', () => {
  const hook = { to: 'webhook', url: 'https://ok.example/' } as const;

  it('open an incident, tell who asked, and resolve it when the measure is back', async () => {
    const store = await twoWindows({ reward: -0.8 });
    const told: AlertMessage[] = [];
    const services = servicesOf(told);
    const rule = await store.alertRules.create('floor', ruleOf({ channels: [hook], window: 45 }), 'e');
    expect(await evaluateRule(services, store, rule)).toMatchObject({ notice: 'open' });
    expect(told[0]).toMatchObject({ condition: 'firing', n: 400, repeated: false });
    const [incident] = await store.incidents.list();
    expect(incident).toMatchObject({ state: 'open', kind: 'mean reward', deployment: 'live' });
    expect(await evaluateRule(services, store, await store.alertRules.get(rule.id))).toMatchObject({
      notice: null,
    });
    later(50);
    await serve(store, 3, { reward: 1 });
    later(1);
    expect(await evaluateRule(services, store, await store.alertRules.get(rule.id))).toMatchObject({
      notice: 'resolve',
    });
    expect(told).toHaveLength(2);
    expect(await store.incidents.get(incident!.id)).toMatchObject({ state: 'resolved' });
  });

  it('tell nobody while they are silenced, and open the incident all the same', async () => {
    const store = await fresh();
    const told: AlertMessage[] = [];
    const { id } = await store.alertRules.create('quiet', ruleOf({ channels: [hook] }), 'e');
    const silenced = await store.alertRules.silence(id, new Date(now.getTime() + 60 * minute));
    expect(await evaluateRule(servicesOf(told), store, silenced)).toMatchObject({
      state: { condition: 'no data' },
    });
    expect(told).toEqual([]);
    expect(await store.incidents.list()).toHaveLength(1);
  });

  it('are tried three times, and what could not be delivered is in the audit log', async () => {
    const store = await fresh();
    const told: AlertMessage[] = [];
    const rule = await store.alertRules.create('retried', ruleOf({ channels: [hook] }), 'e');
    expect((await evaluateRule(servicesOf(told, 2), store, rule)).undelivered).toEqual([]);
    expect(told).toHaveLength(1);
    const mailed = ruleOf({ channels: [hook, { to: 'email', address: 'a@b.org' }] });
    const other = await store.alertRules.create('lost', mailed, 'e');
    expect((await evaluateRule(servicesOf(told, 3), store, other)).undelivered).toEqual([
      ...['monitoring.undelivered', 'monitoring.no_mail'],
    ]);
    expect((await store.audit.entries()).at(-1)).toMatchObject({ action: 'alert.undelivered' });
  });

  it('read every measure, or say that there is too little', async () => {
    const store = await twoWindows({ reward: -0.8, incidents: 40 });
    await store.datasets.ensure('audit');
    const read = (measure: object, of = store) =>
      readMeasure(
        of,
        ruleOf({ measure, below: undefined, above: 0, window: 45, reference: { minutes: 45 } }),
        now,
      );
    const budget = { of: 'error budget', objective: 0.99, bad: 'incidents' };
    const measures = [
      ...[
        'mean reward',
        'reward psi',
        'reward wasserstein',
        'length wasserstein',
        'incident rate',
        'incident excess',
        'failure rate',
      ],
      ...['refusal rate', 'truncation rate', 'saturation', 'length correlation', 'repetition'],
    ].map((of): object => ({ of }));
    for (const measure of [...measures, { of: 'segment distance', segment: 'language' }])
      expect(await read(measure), JSON.stringify(measure)).toMatchObject({ enough: true });
    expect(
      await readMeasure(store, alertRule.parse({ deployment: 'live', measure: budget }), now),
    ).toMatchObject({
      firing: true,
    });
    const slow = { of: 'error budget', objective: 0.9, bad: 'slow', bound: 100 };
    expect(
      await readMeasure(store, alertRule.parse({ deployment: 'live', measure: slow }), now),
    ).toMatchObject({
      firing: false,
    });
    const empty = await fresh();
    await empty.datasets.ensure('audit');
    for (const measure of [
      ...measures,
      { of: 'prompt auc' },
      { of: 'shadow flip rate' },
      { of: 'segment distance', segment: 'x' },
      { of: 'human agreement', dataset: 'audit' },
      { of: 'annotators with concerns', dataset: 'audit' },
    ])
      expect(await read(measure, empty), JSON.stringify(measure)).toMatchObject({ enough: false });
  });

  it('are read by one of several servers, in every project, and one broken rule stops no other', async () => {
    const store = await fresh();
    await store.alertRules.create('broken', { nonsense: true }, 'e');
    await store.alertRules.create('sound', ruleOf({}), 'e');
    const services = servicesOf([]);
    const session = await database().pool.connect();
    await session.query('select pg_advisory_lock(7528304)');
    expect(await watch(services, database())).toBe(false);
    await session.query('select pg_advisory_unlock(7528304)');
    session.release();
    expect(await watch(services, database())).toBe(true);
    expect(services.problems.filter((what) => what.startsWith('alert rule'))).toHaveLength(1);
    const states = (await store.alertRules.list()).map(({ state }) => state.condition);
    expect(states).toEqual([undefined, 'no data']);
  });
});

describe('metrics', () => {
  it('have the names that the dashboard asks for', async () => {
    const registry = new Registry();
    rewardMetrics(registry);
    const known = new Set((await registry.getMetricsAsJSON()).map(({ name }) => name));
    const { readFile } = await import('node:fs/promises');
    const path = new URL('../../../../docs/grafana-dashboard.json', import.meta.url);
    const asked =
      JSON.stringify(JSON.parse(await readFile(path, 'utf8'))).match(/\b(rm|policy|safety)_[a-z_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(10);
    for (const name of asked) expect(known, name).toContain(name.replace(/_(bucket|count|sum)$/, ''));
  });
});
