/** @file Tests: a canary in the store is given its shares, promoted or taken away, each time in one change that is on record. */
import { Random } from '@plaudit/contract';
import { openStore, type Store } from '@plaudit/store';
import { describe, expect, it } from 'vitest';
import { promote, rollBack } from '../registry/promotion.ts';
import { evaluatedBundle, registryServices } from '../registry/testing.ts';
import { testApp } from '../testing.ts';
import { courseOf } from './course.ts';
import { rollOutPlan } from './plan.ts';
import { lookAtRollOut, lookAtRollOuts, previewOf, type RollOutServices, startRollOut } from './roll-out.ts';
import { rollOutRoutes } from './routes.ts';
import { compareShadow } from './shadow-comparison.ts';

let now = new Date('2026-01-01T00:00:00Z');
const services: RollOutServices = { ...registryServices(), now: () => now };
const { database, store: sharedStore, request } = testApp(() => rollOutRoutes(services));

let made = 0;
/** A project whose clock is the test's. */
const fresh = (): Promise<Store> => openStore(database(), { project: `roll-outs ${++made}`, now: () => now });
const later = (minutes: number): void => {
  now = new Date(now.getTime() + minutes * 60_000);
};

const plan = rollOutPlan.parse({
  ...{ steps: [0.5, 1], minutes: 5, units: 60, patience: 60 },
  guardrails: [{ metric: 'reward' }, { metric: 'incidents' }],
});
const by = { actor: 'user:bob', reason: 'try it' };

const begin = async (store: Store) => {
  const production = await evaluatedBundle(store, 'old');
  const canary = await store.bundles.create({
    name: 'new',
    rewardModel: production.rewardModel,
    createdBy: 'user:ada',
  });
  const [golden] = await store.bundleRecords.of(production.id, 'golden');
  await store.bundleRecords.add(canary.id, { kind: 'golden', actor: 'e', document: golden!.document });
  await store.bundleRecords.add(canary.id, { kind: 'evaluation', actor: 'e', document: {} });
  await store.bundles.move(canary.id, 'draft', 'evaluated');
  await promote(services, store, production.id, { deployment: 'live', after: 0, ...by });
  const rollOut = await startRollOut(services, store, {
    deployment: 'live',
    canary: canary.id,
    plan,
    after: 1,
    ...by,
  });
  later(1);
  return { production, canary, rollOut };
};

const serve = async (
  store: Store,
  bundles: { production: { id: string }; canary: { id: string } },
  units: number,
  rewardOfCanary: number,
): Promise<void> => {
  const random = new Random(units, 'served');
  await store.observations.log(
    Array.from({ length: 2 * units }, (_, i) => {
      const arm = i % 2 === 0 ? ('production' as const) : ('canary' as const);
      return {
        ...{ deployment: 'live', arm, bundle: bundles[arm].id, unit: `${now.getTime()} ${i}` },
        reward: random.normal() + (arm === 'canary' ? rewardOfCanary : 0),
      };
    }),
  );
};

describe('a roll-out', () => {
  it('promotes the canary once its steps have held, and retires what was before it', async () => {
    const store = await fresh();
    const { production, canary, rollOut } = await begin(store);
    expect(await store.deployments.current('live')).toMatchObject({
      bundle: production.id,
      canary: canary.id,
      canaryShare: 0.5,
    });
    await serve(store, { production, canary }, 80, 0);
    later(1);
    expect((await lookAtRollOut(services, store, rollOut.id))!.decision.kind).toBe('hold');
    later(10);
    expect((await lookAtRollOut(services, store, rollOut.id))!.decision.kind).toBe('promote');
    expect(await store.deployments.current('live')).toMatchObject({
      bundle: canary.id,
      canary: null,
      canaryShare: 0,
    });
    expect((await store.bundles.get(production.id)).state).toBe('retired');
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('promoted');
    expect(await lookAtRollOut(services, store, rollOut.id)).toBeNull();
    expect((await rollBack(services, store, { deployment: 'live', after: 3, ...by })).bundle).toBe(
      production.id,
    );
    expect(await store.audit.verify()).toMatchObject({ intact: true });
  });

  it('takes a bad canary away by itself, with the evidence, an incident and an audit entry', async () => {
    const store = await fresh();
    const { production, canary, rollOut } = await begin(store);
    await serve(store, { production, canary }, 150, -1);
    later(1);
    expect(await lookAtRollOuts(services, store)).toEqual(new Map());
    const current = await store.deployments.current('live');
    expect(current).toMatchObject({ bundle: production.id, canary: null, actor: 'plaudit:roll-out' });
    expect(current.evidence).toHaveProperty('guardrails');
    expect((await store.bundles.get(canary.id)).state).toBe('rolled_back');
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('rolled_back');
    expect((await store.incidents.list())[0]).toMatchObject({ kind: 'roll-out rolled back', severity: 2 });
    const last = (await courseOf(store, await store.rollOuts.get(rollOut.id), now)).at(-1)!;
    expect(last).toMatchObject({ share: 0.5, units: 150 });
    const [reward, incidents] = last.guardrails;
    expect(reward!.difference).toBeCloseTo(-1, 0);
    expect(reward!.interval![1]).toBeLessThan(0);
    expect(reward!.evidence!).toBeGreaterThan(reward!.needed);
    expect(incidents).toMatchObject({ metric: 'incidents', interval: null });
    expect((await store.audit.entries(0, 100)).at(-1)).toMatchObject({ action: 'roll_out.roll_back' });
  });

  it('pauses where nothing comes, goes on when asked to, and ends with the deployment when that is rolled back', async () => {
    const store = await fresh();
    const { rollOut, canary } = await begin(store);
    later(61);
    expect((await lookAtRollOut(services, store, rollOut.id))!.decision.kind).toBe('pause');
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('paused');
    await expect(
      startRollOut(services, store, { deployment: 'live', canary: canary.id, plan, after: 2, ...by }),
    ).rejects.toMatchObject({ code: 'registry.bad_transition' });
    await rollBack(services, store, { deployment: 'live', after: 2, ...by });
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('rolled_back');
    expect((await store.bundles.get(canary.id)).state).toBe('rolled_back');
  });

  it('ends where somebody promotes another bundle in its midst', async () => {
    const store = await fresh();
    const { rollOut, canary } = await begin(store);
    const third = await evaluatedBundle(store, 'third');
    await promote(services, store, third.id, { deployment: 'live', after: 2, ...by });
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('cancelled');
    expect((await store.bundles.get(canary.id)).state).toBe('evaluated');
    expect(await store.deployments.current('live')).toMatchObject({ bundle: third.id, canary: null });
  });

  it('is looked at by two servers and moved by one', async () => {
    const store = await fresh();
    const { production, canary, rollOut } = await begin(store);
    await serve(store, { production, canary }, 80, 0);
    later(10);
    const done = await Promise.all([lookAtRollOuts(services, store), lookAtRollOuts(services, store)]);
    expect(done.map(({ size }) => size)).toEqual([0, 0]);
    expect(await store.deployments.history('live')).toHaveLength(3);
    expect((await store.rollOuts.get(rollOut.id)).status).toBe('promoted');
  });

  it('needs something to compare with', async () => {
    const store = await fresh();
    const canary = await evaluatedBundle(store, 'alone');
    await expect(
      startRollOut(services, store, { deployment: 'none', canary: canary.id, plan, after: 0, ...by }),
    ).rejects.toMatchObject({ code: 'rollout.no_production' });
  });
});

describe('what was answered before every server knew of the change', () => {
  it('does not count', async () => {
    const store = await fresh();
    const { production, canary, rollOut } = await begin(store);
    const { seen } = await previewOf(store, rollOut, now);
    expect(seen.canary.units).toBe(0);
    await serve(store, { production, canary }, 10, 0);
    later(1);
    expect((await previewOf(store, rollOut, now)).seen.canary.units).toBe(10);
    now = new Date(now.getTime() - 110_000);
    await serve(store, { production, canary }, 10, 0);
    later(2);
    expect((await previewOf(store, rollOut, now)).seen.canary.units).toBe(10);
  });
});

describe('a shadow', () => {
  it('is compared by order, shape and segment, whatever its scale', async () => {
    const store = await fresh();
    const random = new Random(9, 'shadow');
    await store.observations.log(
      Array.from({ length: 300 }, (_, i) => {
        const production = random.normal();
        return {
          ...{ deployment: 'live', arm: 'shadow' as const, prompt: String(i >> 1).padStart(64, '0') },
          ...{ productionReward: production, reward: 10 * production + 3 + (i % 3 === 0 ? 5 : 0) },
          segments: { language: i % 3 === 0 ? 'de' : 'en' },
        };
      }),
    );
    const span = { deployment: 'live', from: new Date(0), to: new Date(now.getTime() + 1) };
    const found = await compareShadow(store, span, [0]);
    if (!found.comparison.enough || !found.thresholds[0]!.to.enough) throw new Error('there is enough');
    expect(found.comparison.spearman).toBeGreaterThan(0.9);
    expect(found.comparison.flips).toMatchObject({ enough: true, n: 150 });
    expect(found.segments[0]).toMatchObject({ value: 'de', n: 100 });
    expect(found.thresholds[0]!.to.threshold).toBeGreaterThan(2);
    expect(await compareShadow(store, { ...span, deployment: 'other' })).toMatchObject({
      comparison: { enough: false },
    });
  });
});

describe('over HTTP', () => {
  it('starts, shows, pauses and resumes a roll-out', async () => {
    const store = sharedStore();
    const production = await evaluatedBundle(store, 'http old');
    const canary = await evaluatedBundle(store, 'http new');
    await promote(services, store, production.id, { deployment: 'http', after: 0, ...by });
    const url = '/v1/projects/test/roll-outs';
    const body = {
      deployment: 'http',
      canary: canary.id,
      after: 1,
      reason: 'try',
      plan: { steps: [0.1, 1] },
    };
    expect((await request('viewer', 'POST', url, body)).status).toBe(403);
    const bad = await request('engineer', 'POST', url, { ...body, plan: { steps: [0.5, 0.1, 1] } });
    expect(bad.body.error.code).toBe('rollout.bad_plan');
    const started = await request('engineer', 'POST', url, body);
    expect(started.status).toBe(201);
    const one = `${url}/${started.body.id}`;
    expect((await request('viewer', 'GET', one)).body.look.decision.kind).toBe('hold');
    expect((await request('engineer', 'POST', `${one}/pause`)).status).toBe(204);
    expect((await request('engineer', 'POST', `${one}/pause`)).body.error.code).toBe('rollout.not_running');
    expect((await request('engineer', 'POST', `${one}/resume`)).status).toBe(204);
    expect((await request('viewer', 'GET', `${url}?underWay=true`)).body.rollOuts).toHaveLength(1);
    const shadow = await request(
      'viewer',
      'GET',
      '/v1/projects/test/deployments/http/shadow?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&thresholds=0,1',
    );
    expect(shadow.body.thresholds).toHaveLength(2);
  });
});
