/** @file Tests: runs, their curves and files, models and the audit log over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Artifacts, openArtifacts } from '@plaudit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditRoutes } from '../audit/audit-routes.ts';
import { testApp } from '../testing.ts';
import { modelRoutes } from './model-routes.ts';
import { runRoutes } from './run-routes.ts';
import { thinned } from './series.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-runs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const artifacts: Artifacts = await openArtifacts(folder);
const { request, store } = testApp(() => [
  ...runRoutes({ artifacts }),
  ...modelRoutes({ artifacts, folder }),
  ...auditRoutes(),
]);
const at = (path: string): string => `/v1/projects/test/${path}`;
const get = async (path: string) => (await request('viewer', 'GET', at(path))).body;

let ids: string[];
let model: string;
beforeAll(async () => {
  ids = [];
  for (const epochs of [1, 2]) {
    const config = { settings: { epochs, l2: [0.1] }, seed: 1 };
    const { id } = await store().runs.create({ name: `run ${epochs}`, kind: 'reward.train', config });
    await store().runs.start(id);
    const losses = Array.from({ length: 50 }, (_, step) => ({
      name: 'train/loss',
      step,
      value: epochs / (step + 1),
    }));
    await store().metrics.log(id, [
      ...losses,
      { name: 'test/accuracy', step: 50, value: epochs === 1 ? 0.7 : Number.NaN },
    ]);
    await store().steps.begin(id, 'train', 0);
    ids.push(id);
  }
  const content = Buffer.from('<script>alert(1)</script>');
  const { digest, bytes } = await artifacts.put(content);
  await store().files.attach(ids[0]!, [{ path: 'out/report.html', digest, bytes, mediaType: 'text/html' }]);
  await store().runs.end(ids[0]!, { state: 'finished' });
  model = (
    await store().models.register({ name: 'm', role: 'reward', run: ids[0]!, card: { kind: 'linear' } })
  ).id;
});

describe('runs over HTTP', () => {
  it('are listed by page, by state and by kind', async () => {
    const first = await get('runs?limit=1');
    expect(first.runs).toMatchObject([{ id: ids[1], state: 'running' }]);
    const second = await get(`runs?limit=1&before=${first.next}`);
    expect(second.runs).toMatchObject([{ id: ids[0], state: 'finished' }]);
    expect((await get('runs?state=finished')).runs).toHaveLength(1);
    expect((await get('runs?kind=other')).runs).toEqual([]);
  });

  it('show steps, last values, what they read and made; NaN is said and not lost', async () => {
    expect(await get(`runs/${ids[1]}`)).toMatchObject({
      metrics: { 'test/accuracy': { step: 50, value: 'NaN' }, 'train/loss': { step: 49 } },
      steps: [{ name: 'train', state: 'running', attempts: 1 }],
    });
    expect((await get(`runs/${ids[0]}`)).models).toEqual([model]);
    expect((await request('viewer', 'GET', at('runs/nonsense'))).status).toBe(404);
  });

  it('give curves that are thinned, and go on after a step', async () => {
    const { series } = await get(`runs/${ids[0]}/series?name=train/loss&points=5`);
    expect(series['train/loss'].map(({ step }: { step: number }) => step)).toEqual([0, 12, 25, 37, 49]);
    const more = await get(`runs/${ids[0]}/series?name=train/loss&name=none&afterStep=47`);
    expect(more.series['train/loss']).toHaveLength(2);
    expect(more.series.none).toEqual([]);
    expect(thinned([1, 2, 3], 2)).toEqual([1, 3]);
  });

  it('are compared by what differs', async () => {
    const found = await get(`run-comparison?run=${ids[0]}&run=${ids[1]}`);
    expect(found.settings).toEqual({ 'settings.epochs': [1, 2] });
    expect(found.metrics['test/accuracy']).toEqual([0.7, 'NaN']);
  });

  it('can be tagged, hidden and shown again by engineers', async () => {
    expect((await request('engineer', 'PUT', at(`runs/${ids[0]}/tags`), { note: 'good' })).status).toBe(204);
    expect((await get(`runs/${ids[0]}`)).tags).toEqual({ note: 'good' });
    expect((await request('engineer', 'DELETE', at(`runs/${ids[0]}`))).status).toBe(204);
    expect((await get('runs')).runs).toHaveLength(1);
    expect((await request('engineer', 'POST', at(`runs/${ids[0]}/restoration`))).status).toBe(204);
    expect((await get('runs')).runs).toHaveLength(2);
  });

  it('give their files as downloads that no browser runs', async () => {
    expect((await get(`runs/${ids[0]}/artifacts`)).files).toMatchObject([
      { path: 'out/report.html', bytes: 25 },
    ]);
    const { status, text, headers } = await request(
      'viewer',
      'GET',
      at(`runs/${ids[0]}/artifacts/out/report.html`),
    );
    expect({ status, text }).toEqual({ status: 200, text: '<script>alert(1)</script>' });
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment; filename="report.html"',
    });
    expect(headers['content-security-policy']).toContain('sandbox');
    for (const path of ['../../master.key', '..%2f..%2fmaster.key', 'none'])
      expect((await request('viewer', 'GET', at(`runs/${ids[0]}/artifacts/${path}`))).status, path).toBe(404);
  });
});

describe('models over HTTP', () => {
  it('are listed by role and shown with what they were made from', async () => {
    expect((await get('models?role=reward')).models).toMatchObject([{ id: model, version: 1 }]);
    expect((await get('models?role=policy')).models).toEqual([]);
    expect(await get(`models/${model}`)).toMatchObject({
      card: { kind: 'linear' },
      runs: [ids[0]],
      files: [],
    });
  });
});

describe('the audit log over HTTP', () => {
  it('is read from its end, page by page, and verified', async () => {
    for (let i = 1; i <= 5; i++)
      await store().audit.append({ actor: 'user:x', action: `a${i}`, resource: 'r' });
    const read = async (path: string) => (await request('reviewer', 'GET', at(path))).body;
    const first = await read('audit?limit=3');
    expect(first.entries.map(({ seq }: { seq: number }) => seq)).toEqual([5, 4, 3]);
    expect((await read(`audit?limit=3&before=${first.next}`)).next).toBeNull();
    expect(await read('audit/verification')).toMatchObject({ intact: true, entries: 5 });
    expect((await request('viewer', 'GET', at('audit'))).status).toBe(403);
  });
});
