/** @file Tests: policies trained as jobs, from supervised fine-tuning to a run against a reward model with gold watched. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '@plaudit/feedback';
import { openArtifacts } from '@plaudit/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { jobRoutes } from './job-routes.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { modelRoutes } from './model-routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-policy-jobs-'));
const artifacts = await openArtifacts(join(folder, 'artifacts'));
let jobs: Jobs;
/** What a process that has begun is met with. */
let onProcess: (run: string, process: number) => void = () => {};
const { request, store, database } = testApp(() => [
  ...jobRoutes({ jobs: { enqueue: (...given) => jobs.enqueue(...given) } }),
  ...modelRoutes({ artifacts, folder }),
]);
beforeAll(async () => {
  jobs = await startJobs({ database: database(), folder, onProcess: (...given) => onProcess(...given) });
  const { comparisons: judgements } = simulate({
    ...{ seed: 1, prompts: 60, responsesPerPrompt: 3, comparisons: 200 },
    annotators: { count: 4, noise: 0.3 },
  });
  await store().judgements.import([{ judgements }], { dataset: 'votes', source: 'simulated' });
  await store().tags.set('v1', (await store().snapshots.create({ datasets: ['votes'] })).id);
}, 120_000);
afterAll(async () => {
  await jobs?.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = (body: object) =>
  request('engineer', 'POST', '/v1/projects/test/runs', { snapshot: 'v1', despiteGates: true, ...body });
/** @returns The model that the run made */
const finish = async (body: object) => {
  const { status, text, body: run } = await begin(body);
  expect(status, text).toBe(202);
  await expect
    .poll(
      async () => {
        const { state, error } = await store().runs.get(run.id);
        return error ?? state;
      },
      { timeout: 200_000, interval: 300 },
    )
    .toBe('finished');
  return { run: run.id as string, model: (await store().models.list({ run: run.id }))[0]! };
};
const get = async (path: string) => (await request('engineer', 'GET', `/v1/projects/test/${path}`)).body;

const small = { maxLength: 160, epochs: 1, batchSize: 8, evaluateEvery: 4 };

it('trains a policy against a registered reward model, from one that a job has tuned', async () => {
  const reward = await finish({ kind: 'reward.train', name: 'proxy' });
  const sft = await finish({
    kind: 'policy.train',
    name: 'sft',
    method: 'sft',
    policy: 'new',
    settings: small,
  });
  expect(sft.model).toMatchObject({ role: 'policy', card: { method: 'sft', policy: 'new', reward: null } });
  expect((await get(`models/${sft.model.id}/samples`)).samples[0]).toMatchObject({
    before: null,
    after: { text: expect.any(String), reward: null },
  });

  const settings = {
    steps: 3,
    promptsPerStep: 4,
    samples: 2,
    maxNewTokens: 12,
    evaluateEvery: 1,
    heldOut: 4,
  };
  const ppo = await finish({
    ...{ kind: 'policy.train', name: 'ppo', method: 'ppo', policy: sft.model.id, settings },
    ...{ reward: reward.model.id, gold: 'gold' },
  });
  const { card } = ppo.model;
  expect(card).toMatchObject({
    ...{ method: 'ppo', policy: sft.model.id, reward: reward.model.id, gold: 'gold', updates: 3 },
    start: { reward: expect.any(Number), gold: expect.any(Number), kl: expect.any(Number) },
    kept: { prompts: 4 },
  });
  const { steps: _, ...names } = Object.fromEntries(await store().metrics.latest(ppo.run));
  expect(Object.keys(names)).toEqual(
    expect.arrayContaining([
      ...[
        'rollout/kl',
        'rollout/reward',
        'rollout/gold',
        'rollout/length',
        'rollout/entropy',
        'rollout/clipped',
      ],
      ...['heldOut/kl', 'heldOut/reward', 'heldOut/gold', 'heldOut/goldError', 'train/loss'],
    ]),
  );
  const held = await store().metrics.history(ppo.run, 'heldOut/gold');
  expect(held.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
  expect((await store().metrics.history(ppo.run, 'rollout/kl')).map(({ step }) => step)).toEqual([1, 2, 3]);

  const { samples } = await get(`models/${ppo.model.id}/samples`);
  expect(samples).toHaveLength(4);
  for (const { prompt, before, after } of samples) {
    expect(prompt[0]).toMatchObject({ role: 'user' });
    for (const one of [before, after])
      expect(one).toEqual({ text: expect.any(String), reward: expect.any(Number), gold: expect.any(Number) });
  }
  const files = (await store().files.of(ppo.model.id)).map(({ path }) => path);
  expect(files).toEqual(expect.arrayContaining(['plaudit.json', 'report.html', 'samples.jsonl']));
  expect((await store().files.of(ppo.run)).map(({ path }) => path)).toContain('report.html');
  // What it started from and what it was trained against are known as its origins.
  const { models } = await store().lineage.upstream({ model: ppo.model.id });
  expect(models).toEqual(expect.arrayContaining([sft.model.id, reward.model.id]));
}, 400_000);

it('goes on where its process was killed: every update is on record once, and the end is the same', async () => {
  const { id: policy } = await store().models.find('sft');
  const settings = {
    steps: 5,
    promptsPerStep: 4,
    samples: 2,
    maxNewTokens: 12,
    evaluateEvery: 1,
    heldOut: 4,
  };
  const plan = { kind: 'policy.train', method: 'rloo', policy, reward: 'gold', settings };
  const whole = await finish({ ...plan, name: 'whole' });
  let attempts = 0;
  onProcess = (run, killed) => {
    if (attempts++ > 0) return;
    const watch = setInterval(async () => {
      if (((await store().metrics.latest(run)).get('train/loss')?.step ?? 0) < 2) return;
      clearInterval(watch);
      process.kill(killed, 'SIGKILL');
    }, 50);
  };
  const killed = await finish({ ...plan, name: 'killed' });
  expect(attempts).toBe(2);
  const lossesOf = async (run: string) =>
    (await store().metrics.history(run, 'train/loss')).map(({ step, value }) => [step, value]);
  const losses = await lossesOf(killed.run);
  expect(losses.map(([step]) => step)).toEqual([1, 2, 3, 4, 5]);
  expect(losses).toEqual(await lossesOf(whole.run));
  expect(killed.model.card.kept).toEqual(whole.model.card.kept);
}, 400_000);

it('refuses what cannot be a run before it begins', async () => {
  const policy = { kind: 'policy.train', name: 'x', policy: 'new' };
  for (const [body, status] of [
    [{ ...policy, method: 'ppo' }, 400],
    [{ ...policy, method: 'sft', reward: 'gold' }, 400],
    [{ ...policy, method: 'sft', policy: '/etc' }, 400],
    [{ ...policy, method: 'ppo', reward: 'models/../x' }, 400],
    [{ ...policy, method: 'ppo', reward: 'http://127.0.0.1/' }, 400],
    [{ ...policy, method: 'sft', settings: { cost: './a.ts' } }, 400],
    [{ ...policy, method: 'ppo', reward: '01890000-0000-7000-8000-00000000dead' }, 404],
    [{ kind: 'other.kind', name: 'x' }, 400],
  ] as const)
    expect((await begin(body)).status, JSON.stringify(body)).toBe(status);
});
