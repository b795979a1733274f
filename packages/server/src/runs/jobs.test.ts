/** @file Tests: trainings in processes of their own, started, stopped, killed and taken up again. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '@plaudit/feedback';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { jobRoutes } from './job-routes.ts';
import { type Jobs, startJobs } from './jobs.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-jobs-'));
let jobs: Jobs;
/** What a process that has begun is met with. */
let onProcess: (run: string, process: number) => void = () => {};
const { request, store, database } = testApp(() =>
  jobRoutes({ jobs: { enqueue: (...given) => jobs.enqueue(...given) } }),
);
const start = async () => {
  jobs = await startJobs({ database: database(), folder, onProcess: (...given) => onProcess(...given) });
};
const simulated = () =>
  simulate({
    ...{ seed: 1, prompts: 100, responsesPerPrompt: 3, comparisons: 400 },
    annotators: { count: 4, noise: 0.3 },
  }).comparisons;
beforeAll(async () => {
  await start();
  const judgements = simulated();
  await store().judgements.import([{ judgements }], { dataset: 'votes', source: 'simulated' });
  const { id } = await store().snapshots.create({ datasets: ['votes'] });
  await store().tags.set('v1', id);
}, 120_000);
afterAll(async () => {
  await jobs?.close();
  rmSync(folder, { recursive: true, force: true });
});

const plan = { kind: 'reward.train', name: 'proxy', snapshot: 'v1', despiteGates: true };
const begin = async (more = {}) => {
  const answer = await request('engineer', 'POST', '/v1/projects/test/runs', { ...plan, ...more });
  expect(answer.status, answer.text).toBe(202);
  return answer.body.id as string;
};
const stateOf = async (run: string) => (await store().runs.get(run)).state;
const reaches = (run: string, state: string) =>
  expect.poll(() => stateOf(run), { timeout: 90_000, interval: 200 }).toBe(state);

it('trains apart from the server: metrics, steps, the model with its files and where it came from are on record', async () => {
  const run = await begin();
  await reaches(run, 'finished');
  const metrics = await store().metrics.latest(run);
  expect(metrics.get('test/accuracy')!.value).toBeGreaterThan(0.5);
  const steps = await store().steps.list(run);
  expect(steps.length).toBeGreaterThan(1);
  expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(['finished']));
  const [model] = await store().models.list();
  expect(model).toMatchObject({ name: 'proxy', version: 1, run, card: { kind: 'linear' } });
  const files = (await store().files.of(model!.id)).map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(['plaudit.json', 'report.html']));
  expect(existsSync(join(String(model!.card.folder), 'plaudit.json'))).toBe(true);
  const { snapshots } = await store().lineage.upstream({ model: model!.id });
  expect(snapshots).toEqual([(await store().snapshots.find('v1')).id]);
  // The rows do not stay behind.
  expect(readdirSync(join(folder, 'running'))).toEqual([]);
}, 120_000);

it('goes on after its process was killed, and after the server ended in the middle of it', async () => {
  let killed = 0;
  onProcess = (_, process_) => {
    if (killed++ === 0) process.kill(process_, 'SIGKILL');
  };
  const run = await begin({ name: 'killed' });
  await reaches(run, 'finished');
  expect(killed).toBe(2);

  const began = new Promise<void>((resolve) => {
    onProcess = () => resolve();
  });
  const second = await begin({ name: 'restarted' });
  await began;
  await jobs.close();
  expect(['waiting', 'running']).toContain(await stateOf(second));
  onProcess = () => {};
  await start();
  await reaches(second, 'finished');
  expect((await store().models.list()).map(({ name }) => name).sort()).toEqual([
    'killed',
    'proxy',
    'restarted',
  ]);
}, 240_000);

it('is stopped on request, stays stopped, and is taken up again on request', async () => {
  const run = await begin({ name: 'stopped' });
  const cancelled = await request('engineer', 'POST', `/v1/projects/test/runs/${run}/cancellation`);
  expect(cancelled.body.state).toBe('stopped');
  const after = await begin({ name: 'after' });
  await reaches(after, 'finished');
  expect(await stateOf(run)).toBe('stopped');
  expect((await request('engineer', 'POST', `/v1/projects/test/runs/${run}/resumption`)).status).toBe(202);
  await reaches(run, 'finished');
}, 240_000);

it('says why it failed, and refuses what leads out of the store', async () => {
  const judgements = simulated().slice(0, 3);
  await store().judgements.import([{ judgements }], { dataset: 'few', source: 'simulated' });
  const { id } = await store().snapshots.create({ datasets: ['few'] });
  const run = await begin({ name: 'few', snapshot: id });
  await reaches(run, 'failed');
  expect((await store().runs.get(run)).error).toMatch(/\w/);
  for (const settings of [
    { base: '/etc' },
    { base: 'models/../../x' },
    { objective: './plan.json' },
    { provider: 'x' },
  ]) {
    const { status } = await request('engineer', 'POST', '/v1/projects/test/runs', { ...plan, settings });
    expect(status, JSON.stringify(settings)).toBe(400);
  }
  const none = await request('engineer', 'POST', '/v1/projects/test/runs', { ...plan, snapshot: 'none' });
  expect(none.status).toBe(404);
}, 120_000);
