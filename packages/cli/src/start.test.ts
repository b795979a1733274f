/** @file Tests: `plaudit start` as a process, from its first line to its end. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-start-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the server, does something with its first document, then sends a signal. */
const started = async (
  signal: NodeJS.Signals,
  work: (document: { address: string; firstStartLink: string }) => Promise<void>,
) => {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=source', main, 'start', '--json', '--port', '0'],
      // No pages: what is tested here does not wait for them to be built.
      ...['--store', join(folder, '.plaudit'), '--studio', join(folder, 'none')],
    ],
    { env: { ...process.env, DATABASE_URL: '' } },
  );
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, killedBy) => resolve(code ?? killedBy)),
  );
  let out = '';
  let err = '';
  child.stderr.on('data', (piece) => {
    err += piece;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (piece) => {
      out += piece;
      if (out.includes('\n')) resolve();
    });
    child.once('exit', () => reject(new Error(`it ended: ${err}`)));
  });
  try {
    await work(JSON.parse(out));
  } finally {
    child.kill(signal);
  }
  return { code: await ended, out, err };
};

it('prints its address and the one-time link as JSON, answers, and ends cleanly on a signal', async () => {
  const first = await started('SIGTERM', async ({ address, firstStartLink }) => {
    expect(firstStartLink.startsWith(`${address}/join#`)).toBe(true);
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    expect((await fetch(`${address}/v1/me`)).status).toBe(401);
  });
  expect(first).toMatchObject({ code: 0, err: '' });
  // Nobody has used the link: the next start shows another.
  const second = await started('SIGINT', async ({ firstStartLink }) => {
    expect(firstStartLink).not.toBe(JSON.parse(first.out).firstStartLink);
  });
  expect(second).toMatchObject({ code: 0, err: '' });
}, 120_000);
