/** @file Test: the clock takes a canary away that guardrails block, tells a signed webhook, and all of it is over HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registryRoutes } from '../registry/index.ts';
import { evaluatedBundle, registryServices } from '../registry/testing.ts';
import { rollOutRoutes } from '../roll-out/index.ts';
import type { ScoredEvent } from '../serving/index.ts';
import { testApp } from '../testing.ts';
import { postWebhook, signatureOf } from './delivery/webhook.ts';
import { rewardMetrics } from './metrics.ts';
import { type Monitor, startMonitor } from './monitor.ts';
import { type Observer, observerOf } from './observer.ts';
import { monitoringRoutes } from './routes.ts';

let observer: Observer;
let monitor: Monitor;
const problems: string[] = [];
const registry = new Registry();
const { request, store } = testApp(({ database, store: opened }) => {
  const now = () => new Date();
  const failed = (what: string): void => void problems.push(what);
  const metrics = rewardMetrics(registry);
  const rollOut = { ...registryServices(), now };
  const signingKey = (project: string): string => `key of ${project}`;
  observer = observerOf({ storeOf: async () => opened, now, metrics, failed });
  monitor = startMonitor(
    {
      ...{ ...rollOut, failed, metrics, wait: async () => undefined },
      post: (of, url, message) =>
        postWebhook(url, message, { key: signingKey(of.project.name), now, allowedHosts: ['127.0.0.1'] }),
    },
    database,
    0.2,
  );
  return [
    ...registryRoutes(rollOut),
    ...rollOutRoutes(rollOut),
    ...monitoringRoutes({
      now,
      signingKey,
      post: async () => undefined,
      checkAddress: async () => undefined,
    }),
  ];
});

const until = async (there: () => Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 200 && !(await there()); i++) await setTimeout(50);
};

it('takes a failing canary away, says so, and shows it', async () => {
  const received: { body: string; signature: string }[] = [];
  const server = createServer((asked, reply) => {
    let body = '';
    asked.on('data', (chunk) => (body += chunk));
    asked.on('end', () => {
      received.push({ body, signature: String(asked.headers['plaudit-signature']) });
      reply.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const [old, fresh] = [await evaluatedBundle(store(), 'old'), await evaluatedBundle(store(), 'fresh')];
    const base = '/v1/projects/test';
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await request('engineer', 'POST', `${base}/deployments/live/promote`, {
      bundle: old.id,
      after: 0,
      reason: 'r',
    });
    const started = await request('engineer', 'POST', `${base}/roll-outs`, {
      ...{ deployment: 'live', canary: fresh.id, after: 1, reason: 'try' },
      plan: { settle: 0, guardrails: [{ metric: 'failures', atMost: 0 }] },
    });
    expect(started.status).toBe(201);
    const rule = {
      deployment: 'live',
      measure: { of: 'failure rate' },
      below: 0.5,
      noData: 'alert',
      channels: [{ to: 'webhook', url }],
    };
    expect((await request('engineer', 'POST', `${base}/alert-rules`, { name: 'silence', rule })).status).toBe(
      201,
    );
    const version = { served: { version: 'rm@1' }, card: { normaliser: { mean: 0, std: 1 } } };
    observer.observe({
      ...{ project: store().project.id, deployment: 'live', revision: 2, arm: 'canary', bundle: fresh.id },
      ...{ request: 1, mode: 'thorough', milliseconds: 3 },
      items: [{ version, mode: 'thorough', error: { status: 503, code: 'serving.worker_lost' } }],
      asked: [{ prompt: [{ role: 'user', content: 'q' }], responses: ['a'], truncation: 'error' }],
    } as unknown as ScoredEvent);
    await until(
      async () => (await store().deployments.current('live')).canary === null && received.length > 0,
    );
    expect((await store().bundles.get(fresh.id)).state).toBe('rolled_back');
    expect((await store().deployments.current('live')).bundle).toBe(old.id);
    const { key } = (await request('engineer', 'GET', `${base}/webhook-key`)).body;
    const [{ body, signature }] = received as [(typeof received)[number]];
    expect(JSON.parse(body)).toMatchObject({ type: 'alert', condition: 'no data', project: 'test' });
    expect(signature).toBe(signatureOf(body, key, Number(/t=(\d+)/.exec(signature)![1])));
    expect(problems).toEqual([]);
    expect(await store().audit.verify()).toMatchObject({ intact: true });
    await until(async () => (await registry.metrics()).includes('rm_model_info{'));
    expect(await registry.metrics()).toMatch(
      /rm_items_total\{project="[0-9a-f-]+",deployment="live",status="serving\.worker_lost"\} 1/,
    );
  } finally {
    server.closeAllConnections();
    server.close();
    await monitor.stop();
    await observer.close();
  }
});
