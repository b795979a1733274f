/**
 * @file Serving: POST /v1/score on loopback against the same model in process, in the same run; overload; a swap under load;
 * a model so quick that HTTP is all there is; and how long the thread of HTTP is ever held up.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { simulate, writeJudgements } from '@plaudit/feedback';
import { loadRewardModel, type ScoreItem, trainRewardModel } from '@plaudit/reward';
import { openDatabase, openStore } from '@plaudit/store';
import { createApp } from '../packages/server/src/app.ts';
import { eventLoopDelay } from '../packages/server/src/http/event-loop.ts';
import type { Identities } from '../packages/server/src/http/identities.ts';
import { type Observer, observerOf } from '../packages/server/src/monitoring/observer.ts';
import { PolicyService, ScoringService, servingRoutes } from '../packages/server/src/serving/index.ts';
import type { Figure } from './main.ts';
import type { Load, LoadResult, Sent } from './serve-load.ts';

/** Prompts of a request, each with two responses: what a trainer's worker sends. */
const itemsPerRequest = 8;
/** One core computes, the other one is HTTP's and the load's. */
const threads = 1;

/** Everyone may read the one project. */
const identities: Identities = {
  bySession: async () => null,
  byKey: async () => ({
    actor: { id: 'key:bench', userId: null, person: 'user:bench', name: 'bench', administrator: false },
    session: null,
    key: { project: 'bench', role: 'viewer' },
  }),
  roleOf: async () => null,
};

const send = (load: Load): Promise<LoadResult> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./serve-load.ts', import.meta.url), { workerData: load });
    worker.once('message', resolve).once('error', reject);
  });

const quantile = (sent: readonly Sent[], share: number): number => {
  const sorted = sent.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

/** Prompts a second with nothing in between, in calls of the size that the server may batch. */
const inProcess = async (
  directory: string,
  items: readonly ScoreItem[],
  seconds: number,
): Promise<number> => {
  const model = await loadRewardModel(directory, { threads });
  try {
    await model.score(items.slice(0, 32));
    const began = performance.now();
    let [scored, from] = [0, 0];
    while (performance.now() - began < 1000 * seconds) {
      const batch = items.slice(from, from + 32);
      scored += (await model.score(batch)).length;
      from = from + 32 < items.length ? from + 32 : 0;
    }
    return (1000 * scored) / (performance.now() - began);
  } finally {
    await model.close();
  }
};

/** A server of one model, trained for the purpose and deployed as `m`. */
interface Serving {
  readonly directory: string;
  readonly items: readonly ScoreItem[];
  /** Requests with so many of the items each. */
  readonly bodiesOf: (itemsEach: number) => readonly string[];
  /** Deploys a copy of the model. */
  readonly serve: (name: 'model' | 'next') => Promise<void>;
  /** Where the load goes. */
  readonly listen: () => Promise<{ readonly port: number; readonly path: string }>;
}

const withServing = async <T>(
  kind: 'linear' | 'transformer',
  measure: (serving: Serving) => Promise<T>,
): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  const database = await openDatabase({ folder: join(folder, 'store'), environment: {} });
  const scoring = new ScoringService({ cacheSize: 0, limits: { maxQueue: 256 } });
  const policies = new PolicyService();
  let observer: Observer | undefined;
  const app = await createApp({
    database,
    identities,
    perMinute: Number.POSITIVE_INFINITY,
    routes: servingRoutes({ scoring, policies }),
  });
  try {
    const { comparisons } = simulate({
      prompts: 400,
      responsesPerPrompt: 4,
      comparisons: 1024,
      annotators: { count: 12 },
      seed: 1,
    });
    const file = join(folder, 'preferences.jsonl');
    await writeJudgements(file, comparisons);
    const directory = join(folder, 'model');
    await trainRewardModel({
      ...{ data: [file], kind, out: directory, seed: 1 },
      ...(kind === 'transformer' && { settings: { base: 'new', epochs: 0.1, maxLength: 256, threads } }),
    });
    await cp(directory, join(folder, 'next'), { recursive: true });
    const items = comparisons.map(({ prompt, responses }) => ({ prompt, responses: [...responses] }));
    const store = await openStore(database, { project: 'bench' });
    const { project } = store;
    // As in the server: what is answered is written down beside it.
    observer = observerOf({
      ...{ storeOf: async () => store, now: () => new Date() },
      failed: (_, error) => {
        throw error;
      },
    });
    scoring.watch(observer.observe);
    return await measure({
      directory,
      items,
      bodiesOf: (itemsEach) =>
        Array.from({ length: Math.floor(items.length / itemsEach) }, (_, i) =>
          JSON.stringify({ model: 'm', items: items.slice(i * itemsEach, (i + 1) * itemsEach) }),
        ),
      serve: (name) =>
        scoring.serve(project.id, 'm', {
          production: { model: { version: name, directory: join(folder, name), load: { threads } } },
        }),
      async listen() {
        await app.listen({ port: 0, host: '127.0.0.1' });
        const { port } = app.server.address() as { readonly port: number };
        return { port, path: '/v1/score' };
      },
    });
  } finally {
    await app.close();
    await scoring.close();
    await observer?.close();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** What the thread of HTTP was held up by, while it did nothing but serve. */
const heldUp = (delay: { readonly at: (quantile: number) => number }): readonly Figure[] => [
  { what: 'the thread of HTTP came too late under this load, p99', value: delay.at(0.99), unit: 'ms' },
  { what: 'the same, the longest', value: delay.at(1), unit: 'ms', goal: { most: 50 } },
];

const answered = ({ sent }: LoadResult): readonly Sent[] => sent.filter(({ status }) => status === 200);

const benchTransformer = async ({
  directory,
  items,
  bodiesOf,
  serve,
  listen,
}: Serving): Promise<readonly Figure[]> => {
  const before = await inProcess(directory, items, 4);
  await serve('model');
  const at = { ...(await listen()), bodies: bodiesOf(itemsPerRequest) };
  await send({ ...at, atOnce: 4, seconds: 1 });
  const delay = eventLoopDelay();
  const full = await send({ ...at, atOnce: 16, seconds: 6 });
  delay.close();
  const served = full.sent.reduce((sum, { scored }) => sum + scored, 0) / full.seconds;
  const limit = (before + (await inProcess(directory, items, 4))) / 2;

  const calm = await send({ ...at, rate: (0.5 * limit) / itemsPerRequest, seconds: 5 });
  const flooded = eventLoopDelay();
  const flood = await send({ ...at, rate: Math.max(50, (4 * limit) / itemsPerRequest), seconds: 4 });
  flooded.close();
  const refused = flood.sent.filter(({ status }) => status === 429);
  const after = await send({ ...at, rate: (0.2 * limit) / itemsPerRequest, seconds: 2 });

  const swapping = send({ ...at, rate: (0.4 * limit) / itemsPerRequest, seconds: 8 });
  await serve('next');
  await serve('model');
  const swapped = await swapping;
  const dropped = swapped.sent.filter(
    ({ status, scored }) => status !== 200 || scored !== itemsPerRequest,
  ).length;
  return [
    { what: 'prompts with two responses a second, in process', value: limit, unit: '' },
    { what: 'the same through HTTP and batching', value: served, unit: '' },
    { what: 'of that in process', value: (100 * served) / limit, unit: '%', goal: { least: 85 } },
    {
      what: 'POST /v1/score with 8 prompts at half of the limit, p50',
      value: quantile(calm.sent, 0.5),
      unit: 'ms',
    },
    { what: 'the same, p99', value: quantile(calm.sent, 0.99), unit: 'ms' },
    {
      what: 'at four times the limit and more, requests refused',
      value: (100 * refused.length) / flood.sent.length,
      unit: '%',
    },
    { what: 'time to a refusal, p50', value: quantile(refused, 0.5), unit: 'ms', goal: { most: 50 } },
    { what: 'the same, p99', value: quantile(refused, 0.99), unit: 'ms' },
    {
      what: 'answers right after the overload that are no refusals',
      value: (100 * after.sent.filter(({ status }) => status === 200).length) / after.sent.length,
      unit: '%',
      goal: { least: 100 },
    },
    {
      what: 'requests dropped while versions were swapped twice under load',
      value: dropped,
      unit: `of ${swapped.sent.length}`,
      goal: { most: 0 },
    },
    ...heldUp({ at: (quantile) => Math.max(delay.at(quantile), flooded.at(quantile)) }),
  ];
};

/** A linear model takes microseconds: what a request costs is HTTP, parsing, batching and the way to the thread and back. */
const benchLinear = async ({ bodiesOf, serve, listen }: Serving): Promise<readonly Figure[]> => {
  await serve('model');
  const at = { ...(await listen()), bodies: bodiesOf(1) };
  await send({ ...at, atOnce: 8, seconds: 1 });
  const delay = eventLoopDelay();
  const full = await send({ ...at, atOnce: 32, seconds: 5 });
  const most = answered(full).length / full.seconds;
  const calm = await send({ ...at, rate: 0.5 * most, seconds: 5 });
  delay.close();
  return [
    { what: 'linear model: requests with one prompt and two responses a second', value: most, unit: '' },
    { what: 'the same at half of that, p50', value: quantile(calm.sent, 0.5), unit: 'ms' },
    { what: 'the same, p99', value: quantile(calm.sent, 0.99), unit: 'ms' },
    {
      what: 'answered at half of that',
      value: (100 * answered(calm).length) / calm.sent.length,
      unit: '%',
      goal: { least: 100 },
    },
    ...heldUp(delay),
  ];
};

export const benchServe = async (): Promise<readonly Figure[]> => [
  ...(await withServing('transformer', benchTransformer)),
  ...(await withServing('linear', benchLinear)),
];
