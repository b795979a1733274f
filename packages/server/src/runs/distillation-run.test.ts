/** @file Tests: a thorough model distilled into a quick one by runs on the store, what models show, and deleting them. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '@plaudit/feedback';
import { openArtifacts } from '@plaudit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { jobRoutes } from './job-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { performRun } from './perform-run.ts';
import { proxyOf } from './proxy-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const artifacts = await openArtifacts(join(folder, 'artifacts'));
const { request, store } = testApp(() => [
  ...jobRoutes({ jobs: { enqueue: async () => true } }),
  ...modelRoutes({ artifacts, folder }),
]);
const at = (path: string): string => `/v1/projects/test/${path}`;

/** Asks for a run and does it here. */
const performed = async (plan: object) => {
  const { status, text, body } = await request('engineer', 'POST', at('runs'), plan);
  expect(status, text).toBe(202);
  await performRun({
    ...{ store: store(), artifacts, folder, run: body.id, resume: false },
    signal: new AbortController().signal,
  });
  const { state, error } = await store().runs.get(body.id);
  return { id: body.id as string, state, error };
};
const metricsOf = async (run: string) =>
  Object.fromEntries([...(await store().metrics.latest(run))].map(([name, { value }]) => [name, value]));

describe('a distillation', () => {
  const onSnapshot = { snapshot: 'v1', despiteGates: true };
  let teacher: string;
  beforeAll(async () => {
    const { comparisons: judgements, gold } = simulate({
      ...{ seed: 1, prompts: 150, responsesPerPrompt: 3, comparisons: 400 },
      annotators: { count: 4, noise: 0.3 },
    });
    await store().judgements.import([{ judgements }], { dataset: 'votes', source: 'simulated' });
    await store().tags.set('v1', (await store().snapshots.create({ datasets: ['votes'] })).id);
    // A response that was served and that nobody judged.
    const prompt = await store().prompts.add(gold[0]!.prompt);
    await store().prompts.addResponse(prompt, 'Have you tried to turn it off and on again?');
    const run = await performed({ kind: 'reward.train', name: 'thorough', members: 2, ...onSnapshot });
    expect(run).toMatchObject({ state: 'finished', error: null });
    teacher = (await store().models.list({ run: run.id }))[0]!.id;
  });

  it('starts from an ensemble that a run has trained', async () => {
    const { card } = await store().models.get(teacher);
    expect(card).toMatchObject({ kind: 'ensemble', members: 2, test: { accuracy: expect.any(Number) } });
  });

  it('makes a proxy that says how faithful it is, and is found as its teacher’s', async () => {
    const run = await performed({ kind: 'reward.distil', name: 'quick', teacher, ...onSnapshot });
    expect(run).toMatchObject({ state: 'finished', error: null });
    expect((await metricsOf(run.id))['teacher/agreement']).toBeGreaterThan(0.8);
    const model = (await store().models.list({ run: run.id }))[0]!;
    expect(model).toMatchObject({
      ...{ name: 'quick', role: 'reward' },
      card: { kind: 'linear', distilledFrom: teacher, fidelity: { prompts: expect.any(Number) } },
    });
    expect(await store().models.distilledFrom(teacher)).toMatchObject({ id: model.id });
    const { models } = await store().lineage.upstream({ model: model.id });
    expect(models).toContain(teacher);
    const again = await performed({ kind: 'reward.distil', name: 'quick', teacher, ...onSnapshot, seed: 2 });
    expect(await store().models.distilledFrom(teacher)).toMatchObject({
      id: (await store().models.list({ run: again.id }))[0]!.id,
    });
  });

  it('is the proxy of bundles with its teacher where it was shown to be faithful', async () => {
    const bundle = await store().bundles.create({ name: 'b', rewardModel: teacher, createdBy: 'user:ada' });
    expect(await proxyOf(store(), bundle.id)).toBe((await store().models.distilledFrom(teacher))!.id);
    const card = { distilledFrom: teacher, fidelity: { agreementInterval: [0.48, 0.7] } };
    await store().models.register({ name: 'coin', role: 'reward', card });
    expect(await proxyOf(store(), bundle.id)).toBeNull();
  });

  it('takes every response that is stored of a prompt', async () => {
    const { id } = await store().snapshots.find('v1');
    const found = [];
    for await (const one of store().prompts.ofSnapshot(id, 7)) found.push(one);
    expect(found.flatMap(({ responses }) => responses)).toContain(
      'Have you tried to turn it off and on again?',
    );
    expect(new Set(found.map(({ prompt }) => JSON.stringify(prompt))).size).toBe(found.length);
  });

  it('shows the worst mistakes with their texts to whoever may read judgements, and not to annotators', async () => {
    const path = at(`models/${teacher}/mistakes`);
    const { body } = await request('engineer', 'GET', path);
    expect(body.mistakes.length).toBeGreaterThan(0);
    for (const { prompt, chosen, rejected, difference } of body.mistakes) {
      expect(prompt[0].content).toMatch(/\w/);
      expect(chosen.text).not.toBe(rejected.text);
      expect(chosen.reward - rejected.reward).toBeCloseTo(difference, 6);
      expect(difference).toBeLessThan(0);
    }
    expect((await request('annotator', 'GET', path)).status).toBe(403);
    expect((await request('engineer', 'GET', at(`models/${teacher}/samples`))).status).toBe(404);
  });

  it('can be deleted where nobody needs it: its record stays, files that others have too', async () => {
    const { id } = await store().models.register({
      ...{ name: 'extra', role: 'reward', card: { kind: 'linear' } },
    });
    const own = await artifacts.put(Buffer.from('of its own'));
    const shared = (await store().files.of(teacher)).find(({ path }) => path === 'plaudit.json')!;
    await store().files.attach(id, [
      { path: 'own.txt', ...own, mediaType: 'text/plain' },
      { ...shared, path: 'shared.json' },
    ]);
    const erase = (as: 'engineer' | 'reviewer', of: string) => request(as, 'DELETE', at(`models/${of}`));
    expect((await erase('reviewer', id)).status).toBe(403);
    expect((await erase('engineer', id)).status).toBe(204);
    expect((await erase('engineer', id)).status).toBe(404);
    expect([await artifacts.has(own.digest), await artifacts.has(shared.digest)]).toEqual([false, true]);
    expect((await request('viewer', 'GET', at(`models/${id}`))).body).toMatchObject({
      ...{ name: 'extra', files: [] },
      deletedAt: expect.any(String),
    });
    expect(await store().audit.newest(1)).toMatchObject([
      { action: 'model.delete', details: { name: 'extra' } },
    ]);
    // It is in a bundle, and so it stays; its proxy is in none, and goes with its folder.
    expect((await erase('engineer', teacher)).status).toBe(409);
    const proxy = await store().models.find('quick');
    const made = String(proxy.card.folder);
    expect(existsSync(made)).toBe(true);
    expect((await erase('engineer', proxy.id)).status).toBe(204);
    expect(existsSync(made)).toBe(false);
  });
});
