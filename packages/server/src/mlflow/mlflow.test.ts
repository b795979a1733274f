/** @file Tests: the real Python client of MLflow against the server, and what it never sends. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openArtifacts } from '@plaudit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { mlflowRoutes } from './routes.ts';
import { parseFilter, parseOrder } from './search.ts';

/** A Python that has the package `mlflow-skinny`. */
const python = process.env.PLAUDIT_MLFLOW_PYTHON ?? '';
const withoutClient = !existsSync(python);
if (withoutClient)
  console.warn('skipped: the real MLflow client, because PLAUDIT_MLFLOW_PYTHON names no Python that has it');

const folder = mkdtempSync(join(tmpdir(), 'plaudit-mlflow-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const artifacts = await openArtifacts(folder);
const { request, app } = testApp(() => mlflowRoutes({ artifacts }));

describe.skipIf(withoutClient)('the Python client', () => {
  let out: Record<string, unknown>;
  beforeAll(async () => {
    const address = await app().listen({ port: 0 });
    const client = fileURLToPath(new URL('client.py', import.meta.url));
    const { stdout } = await promisify(execFile)(python, [client, address], {
      cwd: folder,
      env: {
        ...process.env,
        MLFLOW_TRACKING_TOKEN: 'engineer',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        HOME: folder,
      },
    });
    out = JSON.parse(stdout.trim().split('\n').at(-1)!);
  }, 180_000);

  it('logs runs and reads back what it logged', () => {
    expect(out).toMatchObject({
      experiment: ['sweep', 'active'],
      run: ['rate 0.01', 'FINISHED', { rate: '0.01', model: 'linear' }, 'support'],
      metrics: [0.01, 0.99, 'nan'],
      default: 'Default',
      experiments: ['Default', 'sweep'],
      'by name': null,
      failed: 'FAILED',
    });
    expect((out.history as number[][]).map(([step]) => step)).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps files and gets them back', () => {
    expect(out).toMatchObject({
      artifacts: [
        ['docs', true, null],
        ['docs/notes.txt', false, 9],
      ],
      downloaded: 'rate 0.01',
    });
  });

  it('searches and orders runs', () => {
    expect(out.found).toEqual([
      ['rate 0.01'],
      ['rate 0.1'],
      ['rate 0.1', 'rate 0.01'],
      ['rate 0.01', 'rate 0.1'],
    ]);
  });

  it('gets errors in its own words, hides and restores', () => {
    expect(out).toMatchObject({
      refused: [
        'INVALID_PARAMETER_VALUE',
        'RESOURCE_DOES_NOT_EXIST',
        'RESOURCE_ALREADY_EXISTS',
        'INVALID_PARAMETER_VALUE',
      ],
      untagged: null,
      active: ['rate 0.1'],
      restored: 2,
    });
  });
});

describe('the MLflow API', () => {
  const create = async () =>
    (await request('engineer', 'POST', '/api/2.0/mlflow/runs/create', { experiment_id: '0' })).body.run.info;

  it('refuses paths of artifacts that lead out of the run', async () => {
    const { run_id } = await create();
    const put = async (path: string) =>
      (await request('engineer', 'PUT', `/api/2.0/mlflow-artifacts/artifacts/${path}`, Buffer.from('x')))
        .status;
    expect(await put(`0/${run_id}/artifacts/a.txt`)).toBe(200);
    for (const path of [
      `0/${run_id}/artifacts/..%2f..%2fx`,
      `0/${run_id}/artifacts/`,
      'x',
      `0/${run_id}/other/x`,
    ])
      expect(await put(path), path).toBe(400);
  });

  it('takes away a file or a folder of a run, and its content where nobody else has it', async () => {
    const { run_id } = await create();
    const at = (path: string) => `/api/2.0/mlflow-artifacts/artifacts/0/${run_id}/artifacts/${path}`;
    for (const [path, text] of [
      ['a.txt', 'the same'],
      ['docs/a.txt', 'the same'],
      ['docs/deep/b.txt', 'another'],
      ['docsx.txt', 'a third'],
    ] as const)
      await request('engineer', 'PUT', at(path), Buffer.from(text));
    expect((await request('viewer', 'DELETE', at('docs'))).status).toBe(403);
    expect((await request('engineer', 'DELETE', at('docs'))).status).toBe(200);
    expect((await request('viewer', 'GET', at('docs/a.txt'))).status).toBe(404);
    expect((await request('viewer', 'GET', at('a.txt'))).text).toBe('the same');
    expect((await request('viewer', 'GET', at('docsx.txt'))).text).toBe('a third');
  });

  it('takes a batch up to its limits, whole or not', async () => {
    const { run_id } = await create();
    const batch = (body: object) =>
      request('engineer', 'POST', '/api/2.0/mlflow/runs/log-batch', { run_id, ...body });
    const metrics = (n: number) =>
      Array.from({ length: n }, (_, step) => ({ key: 'a', value: 1, timestamp: 1, step }));
    expect((await batch({ metrics: metrics(1000) })).status).toBe(200);
    expect((await batch({ metrics: metrics(1001) })).status).toBe(400);
    expect((await batch({ metrics: [{ key: 'bad;key', value: 1 }] })).status).toBe(400);
    expect((await batch({ params: [{ key: '__proto__', value: 'x' }] })).status).toBeLessThan(500);
    const viewer = await request('viewer', 'POST', '/api/2.0/mlflow/runs/log-batch', { run_id });
    expect(viewer).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
  });

  it('reads its search grammar', () => {
    const fields: Record<string, string | number> = {
      'metrics a b': 2,
      'params x': "it's",
      'attributes status': 'FINISHED',
    };
    const finds = (filter: string) => parseFilter(filter)((kind, name) => fields[`${kind} ${name}`]);
    expect(finds('metrics.`a b` >= 2 AND status = "FINISHED"')).toBe(true);
    expect(finds('metric."a b" > 2e0')).toBe(false);
    expect(finds(`params.x = "it's"`)).toBe(true);
    expect(finds("attributes.status IN ('RUNNING', 'FINISHED')")).toBe(true);
    expect(finds("attributes.status NOT IN ('FINISHED')")).toBe(false);
    expect(finds("params.x LIKE '%t_s'")).toBe(true);
    expect(finds("params.x ILIKE 'IT%'")).toBe(true);
    expect(finds('metrics.none = 1')).toBe(false);
    for (const wrong of [
      'a',
      'a =',
      'a = 1 b = 2',
      'other.x = 1',
      'a in (1',
      "a = 'x",
      'a = 1 or b = 2',
      '; drop',
    ])
      expect(() => finds(wrong), wrong).toThrow(expect.objectContaining({ code: 'request.invalid' }));
    expect(() => parseOrder(['x sideways'])).toThrow();
    // A pattern that a naive matcher would need ages for.
    const long = `${'%a'.repeat(200)}%b`;
    const text = 'a'.repeat(5000);
    const began = performance.now();
    expect(parseFilter(`params.y LIKE '${long}'`)(() => text)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
  });
});
