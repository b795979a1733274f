/** @file Tests: monitoring over HTTP: what was served, rules and their trials, incidents; each only for whom it is for. */
import { Random } from '@plaudit/contract';
import { openStore, type Store } from '@plaudit/store';
import { describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import type { AlertMessage } from './alerts.ts';
import { callableAddress } from './delivery/public-address.ts';
import { monitoringRoutes } from './routes.ts';

const minute = 60_000;
let now = new Date('2026-03-01T00:00:00Z');
const later = (minutes: number): void => {
  now = new Date(now.getTime() + minutes * minute);
};
const posted: AlertMessage[] = [];
const { database, request } = testApp(() =>
  monitoringRoutes({
    now: () => now,
    post: async (_store, _url, message) => void posted.push(message),
    signingKey: (project) => `key of ${project}`,
    checkAddress: async (url) => void (await callableAddress(url, { resolve: async () => ['8.8.8.8'] })),
  }),
);

const serve = async (store: Store, incidents: number, rows = 400): Promise<void> => {
  const random = new Random(7, 'traffic');
  await store.observations.log(
    Array.from({ length: rows }, (_, i) => ({
      ...{
        deployment: 'live',
        arm: 'production' as const,
        unit: `u${i}`,
        length: 200,
        reward: random.normal(),
      },
      ...{ prompt: String(Math.floor(i / 4)).padStart(64, '0'), milliseconds: 30, incident: i < incidents },
    })),
  );
};

describe('over HTTP', () => {
  it('shows what was served, keeps rules, and lets incidents be acknowledged and resolved', async () => {
    const store = await openStore(database(), { project: 'test', now: () => now });
    await serve(store, 2);
    later(5);
    const base = '/v1/projects/test/deployments/live';
    const span = `from=${new Date(now.getTime() - 30 * minute).toISOString()}&to=${now.toISOString()}`;
    const spans = `${span}&referenceFrom=${new Date(0).toISOString()}&referenceTo=${now.toISOString()}`;
    const rewards = await request('viewer', 'GET', `${base}/rewards?${span}&seconds=60`);
    expect(rewards.body.buckets[0]).toMatchObject({ arm: 'production', responses: 400, incidents: 2 });
    expect((await request('viewer', 'GET', `${base}/drift?${spans}`)).body.reward).toMatchObject({
      enough: true,
    });
    const { rows, distributions } = (await request('viewer', 'GET', `${base}/drift?${spans}`)).body;
    expect(distributions.reward.current.reduce((sum: number, n: number) => sum + n, 0)).toBe(rows.current);
    expect((await request('viewer', 'GET', `${base}/hacking?${spans}`)).body.refusals).toMatchObject({
      share: 0,
    });
    expect((await request('viewer', 'GET', `${base}/safety?${span}`)).body.arms[0].rate).toMatchObject({
      rate: 0.005,
    });
    expect((await request('viewer', 'GET', `${base}/burn?objective=0.99&bad=incidents`)).body).toMatchObject({
      urgency: 'none',
    });
    expect((await request('viewer', 'GET', `${base}/human-agreement?${span}&dataset=none`)).status).toBe(404);

    const url = '/v1/projects/test/alert-rules';
    const rule = { deployment: 'live', measure: { of: 'incident rate' }, above: 0.1 };
    const inward = { ...rule, channels: [{ to: 'webhook', url: 'https://169.254.169.254/' }] };
    expect((await request('engineer', 'POST', url, { name: 'a', rule: inward })).body.error.code).toBe(
      'monitoring.webhook_refused',
    );
    expect((await request('reviewer', 'POST', url, { name: 'a', rule })).status).toBe(403);
    const created = await request('engineer', 'POST', url, { name: 'a', rule });
    expect(created.body).toMatchObject({ name: 'a', state: { condition: 'ok' } });
    const one = `${url}/${created.body.id}`;
    expect((await request('engineer', 'PUT', one, { ...rule, above: 0.2 })).body.rule.above).toBe(0.2);
    expect(
      (await request('reviewer', 'PUT', `${one}/silence`, { until: '2030-01-01T00:00:00Z' })).body
        .silencedUntil,
    ).toContain('2030');
    expect((await request('viewer', 'GET', url)).body.rules).toHaveLength(1);
    const secret = { ...rule, channels: [{ to: 'webhook', url: 'https://hooks.example/secret' }] };
    expect((await request('engineer', 'PUT', one, secret)).body.rule.channels[0].url).toContain('secret');
    expect((await request('viewer', 'GET', url)).text).not.toContain('secret');
    const mail = { ...secret, channels: [...secret.channels, { to: 'email', address: 'on@call.example' }] };
    await request('engineer', 'PUT', one, mail);
    expect((await request('reviewer', 'POST', `${one}/trial`)).status).toBe(403);
    expect((await request('engineer', 'POST', `${one}/trial`)).body.channels).toEqual([
      { to: 'webhook', problem: null },
      { to: 'email', problem: 'monitoring.no_mail' },
    ]);
    expect(posted).toMatchObject([{ name: 'Trial of a', incident: null, measure: 'incident rate' }]);
    expect((await request('engineer', 'DELETE', one)).status).toBe(204);
    expect((await request('engineer', 'DELETE', one)).status).toBe(404);
    expect((await request('viewer', 'GET', '/v1/projects/test/webhook-key')).status).toBe(403);

    const { id } = await store.incidents.open({ kind: 'k', severity: 1, title: 't' });
    const incident = `/v1/projects/test/incidents/${id}`;
    expect((await request('reviewer', 'POST', `${incident}/acknowledge`)).body.state).toBe('acknowledged');
    expect(
      (await request('reviewer', 'POST', `${incident}/resolve`, { resolution: 'mended' })).body.resolution,
    ).toBe('mended');
    expect((await request('reviewer', 'POST', `${incident}/resolve`, { resolution: 'mended' })).status).toBe(
      409,
    );
    expect((await request('viewer', 'GET', '/v1/projects/test/incidents?state=open')).body.incidents).toEqual(
      [],
    );
  });
});
