/** @file Tests: a server over a real socket, from the first start to the second. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer } from './server.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-start-'));
  await mkdir(join(folder, 'studio', 'assets'), { recursive: true });
  await writeFile(join(folder, 'studio', 'index.html'), '<!doctype html><title>Plaudit</title>');
  await writeFile(join(folder, 'studio', 'assets', 'a-1.js'), '1;');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('starts, serves the studio, makes the first account by its link, and has it after the next start', async () => {
  const options = { folder: join(folder, 'store'), databaseUrl: '', port: 0, studio: join(folder, 'studio') };
  const first = await startServer(options);
  expect(first.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(first.firstStartLink).toContain(`${first.address}/join#`);
  const get = (path: string, headers = {}) => fetch(`${first.address}${path}`, { headers });
  expect((await get('/readyz')).status).toBe(200);
  const page = { accept: 'text/html' };
  expect(await (await get('/runs/17', page)).text()).toContain('<title>Plaudit</title>');
  expect((await get('/', page)).headers.get('cache-control')).toBe('no-cache');
  expect((await get('/assets/a-1.js')).headers.get('cache-control')).toContain('immutable');
  for (const path of ['/v1/nothing', '/assets/none.js'])
    expect((await get(path, page)).status, path).toBe(404);
  for (const path of ['/..%2fstore/master.key', '/assets/..%2f..%2fstore%2fmaster.key', '/%2e%2e%5cstore'])
    expect((await get(path)).status, path).toBe(404);
  const account = { email: 'ada@example.org', name: 'Ada', password: 'correct horse battery' };
  const accepted = await fetch(`${first.address}/v1/link/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: first.firstStartLink!.split('#')[1], account }),
  });
  expect(accepted.status).toBe(200);
  const port = Number(new URL(first.address).port);
  await expect(startServer({ ...options, folder: join(folder, 'second'), port })).rejects.toMatchObject({
    code: 'server.address_unusable',
  });
  await first.close();
  await expect(fetch(`${first.address}/healthz`)).rejects.toThrow();

  const second = await startServer(options);
  expect(second.firstStartLink).toBeNull();
  const cookie = accepted.headers.get('set-cookie')!.split(';')[0]!;
  const me = await fetch(`${second.address}/v1/me`, { headers: { cookie } });
  expect(await me.json()).toMatchObject({ name: 'Ada', administrator: true });
  await second.close();
}, 120_000);
