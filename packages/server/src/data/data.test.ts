/** @file Tests: a file brought in, fixed, checked, compared, exported and erased, all over HTTP. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMasterKey } from '@plaudit/feedback';
import { afterAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { dataThreads } from './data-thread.ts';
import { datasetRoutes } from './dataset-routes.ts';
import { erasureRoutes } from './erasure-routes.ts';
import { snapshotRoutes } from './snapshot-routes.ts';
import { safeFileName } from './uploaded-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'plaudit-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const key = createMasterKey();
const { request } = testApp(({ database }) => {
  const services = { folder, threads: dataThreads(database, () => key), masterKey: () => key };
  return [...datasetRoutes(services), ...snapshotRoutes(services), ...erasureRoutes(services)];
});

const at = (path: string): string => `/v1/projects/test/${path}`;
const lines = (rows: readonly unknown[]): Buffer =>
  Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
const pair = (i: number, extra = {}) => ({
  prompt: `question ${i}`,
  chosen: `good ${i}`,
  rejected: `bad ${i}`,
  ...extra,
});
const importFile = (dataset: string, rows: readonly unknown[], query = '') =>
  request('engineer', 'POST', at(`datasets/${dataset}/imports?name=votes.jsonl${query}`), lines(rows), {
    'content-type': 'application/octet-stream',
  });

describe('data over HTTP', () => {
  it('takes a file in, says what was set aside with its line and reason, and nothing is dropped silently', async () => {
    const rows = [...Array.from({ length: 30 }, (_, i) => pair(i)), { prompt: 'no answers' }];
    const { status, body } = await importFile('votes', rows, '&format=trl');
    expect(status).toBe(201);
    expect(body).toMatchObject({ rows: 31, rejected: 1, added: 30, known: 0 });
    expect(body.rejects).toMatchObject([{ row: 31 }]);
    expect(JSON.stringify(body)).not.toContain('question');
    expect((await importFile('votes', rows, '&format=trl')).body).toMatchObject({ added: 0, known: 30 });
    expect((await request('viewer', 'GET', at('datasets'))).body.datasets).toMatchObject([
      { name: 'votes', rows: 30 },
    ]);
    const { body: imports } = await request('viewer', 'GET', at('datasets/votes/imports'));
    expect(imports.imports[0]).toMatchObject({ source: 'votes.jsonl', rejected: 1, state: 'finished' });
    // What was uploaded does not stay.
    expect(readdirSync(join(folder, 'uploads'))).toEqual([]);
  });

  it('takes out what is personal unless it is told to keep it', async () => {
    const secret = pair(1, { prompt: 'I am alice@example.org, help' });
    const { body } = await importFile('scrubbed', [secret]);
    expect(body.scrubbed).toMatchObject({ rows: 1, found: { EMAIL: 1 } });
    const rows = await request('viewer', 'GET', at('datasets/scrubbed/rows'));
    expect(rows.text).toContain('help');
    expect(rows.text).not.toContain('alice@example.org');
    await importFile('kept', [secret], '&personalData=keep');
    expect((await request('viewer', 'GET', at('datasets/kept/rows'))).text).toContain('alice@example.org');
    const erased = await request('owner', 'POST', at('erasures'), { subject: 'alice@example.org' });
    expect(erased).toMatchObject({ status: 201, body: { judgements: 1, actor: 'user:owner' } });
    expect((await request('viewer', 'GET', at('datasets/scrubbed/rows'))).body.rows).toEqual([]);
  });

  it('refuses a file that is no data, and a name that leads elsewhere stays a name', async () => {
    const broken = await request(
      'engineer',
      'POST',
      at('datasets/x/imports?name=a.parquet'),
      Buffer.from('PAR0'),
    );
    expect(broken.status).toBeGreaterThanOrEqual(400);
    expect(broken.status).toBeLessThan(500);
    expect(safeFileName('../../etc/passwd')).toBe('passwd');
    expect(safeFileName('..\\..\\a b.jsonl.gz')).toBe('a_b.jsonl.gz');
    expect(safeFileName('...')).toBe('upload.jsonl');
    expect(safeFileName('')).toBe('upload.jsonl');
  });

  it('pages through rows with a cursor', async () => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&after=${next}`;
      const { body } = await request('viewer', 'GET', at(`datasets/votes/rows?limit=7${cursor}`));
      seen.push(...body.rows.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect(new Set(seen).size).toBe(30);
    expect(seen).toEqual([...seen].sort());
  });

  it('fixes a snapshot, checks its gates once, and says what changed to the next', async () => {
    const first = await request('engineer', 'POST', at('snapshots'), { datasets: ['votes'], tag: 'october' });
    expect(first).toMatchObject({ status: 201, body: { rows: 30, tags: ['october'], blocking: null } });
    const gates = await request('viewer', 'GET', at('snapshots/october/gates'));
    expect(gates.body).toMatchObject({ judgements: 30 });
    expect((await request('viewer', 'GET', at('snapshots/october'))).body.blocking).toEqual(
      gates.body.blocking,
    );
    const [{ id }] = (await request('viewer', 'GET', at('datasets/votes/rows?limit=1'))).body.rows;
    const retracted = await request('reviewer', 'POST', at(`judgements/${id}/retraction`), {
      reason: 'slipped',
    });
    expect(retracted.status).toBe(204);
    expect((await request('viewer', 'GET', at(`judgements/${id}`))).body.retracted).toBe(true);
    await importFile('votes', [pair(100)]);
    const body = { datasets: ['votes'], parent: 'october', tag: 'november' };
    expect((await request('engineer', 'POST', at('snapshots'), body)).body).toMatchObject({ rows: 30 });
    const newest = await request('viewer', 'GET', at('snapshots?limit=1'));
    expect(newest.body).toMatchObject({
      snapshots: [{ tags: ['november'] }],
      next: newest.body.snapshots[0].id,
    });
    const older = await request('viewer', 'GET', at(`snapshots?limit=2&before=${newest.body.next}`));
    expect(older.body).toMatchObject({ snapshots: [{ tags: ['october'] }], next: null });
    expect((await request('viewer', 'GET', at('snapshots?before=nonsense'))).status).toBe(404);
    const diff = await request('viewer', 'GET', at('snapshots/october/diff/november'));
    expect(diff.body).toMatchObject({
      unchanged: 29,
      counts: { added: 1, removed: 1, relabelled: 0, restated: 0 },
      removed: [id],
    });
    const rows = await request('viewer', 'GET', at('snapshots/november/rows?limit=1000'));
    expect(rows.body.rows).toHaveLength(30);
    expect(rows.body.next).toBeNull();
    const lineage = await request('viewer', 'GET', at('lineage?snapshot=october'));
    expect(lineage.body).toMatchObject({ downstream: { snapshots: [first.body.id], runs: [] } });
    expect((await request('viewer', 'GET', at('lineage'))).status).toBe(400);
  });

  it('exports a snapshot as a file in another format', async () => {
    const { status, headers, text } = await request(
      'engineer',
      'GET',
      at('snapshots/october/export?format=trl-preference'),
    );
    expect(status).toBe(200);
    expect(headers['content-disposition']).toContain('october.jsonl');
    expect(JSON.parse(String(headers['plaudit-export'])).written).toBe(30);
    expect(text.trim().split('\n')).toHaveLength(30);
    expect(JSON.parse(text.split('\n')[0]!)).toHaveProperty('chosen');
    await expect.poll(() => readdirSync(join(folder, 'uploads'))).toEqual([]);
  });

  it('moves and removes tags', async () => {
    const set = await request('engineer', 'PUT', at('tags/live'), { snapshot: 'november' });
    expect(set.status).toBe(204);
    expect((await request('viewer', 'GET', at('tags'))).body.tags).toHaveLength(3);
    expect((await request('engineer', 'DELETE', at('tags/live'))).status).toBe(204);
    expect((await request('engineer', 'DELETE', at('tags/live'))).status).toBe(404);
  });
});
