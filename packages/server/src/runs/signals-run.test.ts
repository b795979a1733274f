/** @file Tests: judgements that a run makes of what users did, each of them once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toPrompt } from '@plaudit/feedback';
import { openArtifacts } from '@plaudit/store';
import { afterAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { jobRoutes } from './job-routes.ts';
import { performRun } from './perform-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const artifacts = await openArtifacts(join(folder, 'artifacts'));
const { request, store } = testApp(() => [...jobRoutes({ jobs: { enqueue: async () => true } })]);
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

describe('judgements from signals', () => {
  const shown = async (prompt: string, response: string, more: object = {}) => {
    const id = await store().prompts.add(toPrompt(prompt));
    return store().impressions.log({
      ...{ prompt: id, response: await store().prompts.addResponse(id, response), position: 0 },
      ...{ surface: 'chat', couldAnswer: true, subject: 'USER_1', ...more },
    });
  };
  const plan = { kind: 'feedback.judgements', name: 'signals', settledMinutes: 0 };
  const made = async () => {
    const found = [];
    for await (const judgement of store().judgements.rows('signals')) found.push(judgement);
    return found;
  };

  it('are made by the rules that do not count what was said on purpose twice, each once', async () => {
    const first = await shown('My watch stopped.', 'Too bad.', { probability: 0.25 });
    const second = await shown('My watch stopped.', 'Try another battery.');
    await store().impressions.signal(first, 'regenerate', { next: second });
    await store().impressions.signal(second, 'dwell', { seconds: 9 });
    await store().impressions.signal(second, 'thumb', { up: true });
    const third = await shown('My clock is late.', 'Wind it up.');
    await store().impressions.signal(third, 'task', { completed: true });
    await store().impressions.signal(third, 'regenerate', {});
    const run = await performed(plan);
    expect(run).toMatchObject({ state: 'finished', error: null });
    const judgements = await made();
    expect(judgements).toHaveLength(2);
    expect(judgements).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ kind: 'comparison', responses: ['Too bad.', 'Try another battery.'], outcome: 'b' },
          provenance: expect.objectContaining({
            ...{ annotatorKind: 'implicit', annotator: 'USER_1', selectionProbability: 0.25 },
          }),
        }),
        expect.objectContaining({ kind: 'label', response: 'Wind it up.', desirable: true }),
      ]),
    );
    expect(await metricsOf(run.id)).toMatchObject({
      ...{ 'signals/impressions': 3, 'judgements/made': 2, 'judgements/added': 2 },
      ...{ 'rules/task-completed/judgements': 1, 'judgements/mean_weight': expect.any(Number) },
    });
    expect(await store().files.of(run.id)).toMatchObject([{ path: 'signals.json' }]);
  });

  it('give no second judgement of the same signals, also when rates have changed', async () => {
    const fourth = await shown('My clock is early.', 'Wind it down.');
    await store().impressions.signal(fourth, 'complaint', {});
    for (let i = 0; i < 5; i++) await shown(`Question ${i}`, 'Answer.');
    const run = await performed(plan);
    expect(await metricsOf(run.id)).toMatchObject({ 'judgements/added': 1, 'judgements/known': 2 });
    expect(await made()).toHaveLength(3);
    expect((await performed({ ...plan, settledMinutes: 60 })).state).toBe('finished');
    expect(await made()).toHaveLength(3);
  });

  it('refuse rules for thumbs, and a data set to calibrate with that is not there', async () => {
    const rule = { name: 'up', signal: 'thumb', gives: 'label', weight: 1, weightSource: 'stated' };
    const rules = {
      ...{ schema: 1, rules: [rule], propensity: { by: [], clip: 0.1, prior: 1 } },
      ...{ perUserAndDay: 1, fewestPairs: 1, requireConsent: false },
    };
    expect((await request('engineer', 'POST', at('runs'), { ...plan, rules })).status).toBe(400);
    const none = await request('engineer', 'POST', at('runs'), { ...plan, calibrateWith: 'none' });
    expect(none.status).toBe(404);
  });
});
