import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Random } from '@plaudit/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSnapshot } from './read-folder.ts';

/** Processes that are killed; `PLAUDIT_KILLS=20 vitest run packages/feedback/src/snapshot/killed.test.ts` is the full run. */
const kills = Number(process.env.PLAUDIT_KILLS ?? 3);
const rows = 4000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-killed-'));
});
afterAll(() => rm(folder, { recursive: true }));

const writer = `
  const { writeSnapshot } = await import(${JSON.stringify(fileURLToPath(new URL('write-folder.ts', import.meta.url)))});
  const judgements = Array.from({ length: ${rows} }, (_, i) => ({
    kind: 'label', prompt: [{ role: 'user', content: 'p' + i }], response: 'x', desirable: true,
    provenance: { source: 's', row: i + 1 },
  }));
  console.log('ready');
  await writeSnapshot(process.argv[1], judgements, { shardCharacters: 20_000, heldCharacters: 50_000 });
  console.log('written');
`;

/** Writes the snapshot in a process of its own, killed after so many milliseconds. Whether it said that it was written, and when. */
const write = async (path: string, killAfter?: number): Promise<{ written: boolean; took: number }> => {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--no-warnings', '--input-type=module', '-e', writer, path],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'close');
  while (!said.includes('ready') && child.exitCode === null) await wait(1);
  const started = performance.now();
  if (killAfter !== undefined) await Promise.race([wait(killAfter), ended]);
  if (killAfter !== undefined) child.kill('SIGKILL');
  await ended;
  return { written: said.includes('written'), took: performance.now() - started };
};

describe('a snapshot folder whose writer is killed', () => {
  it('is there whole or not at all, and is whole once it was acknowledged', async () => {
    const random = new Random(1);
    const path = join(folder, 'data.snapshot');
    const seen = { whole: 0, absent: 0 };
    const { written, took } = await write(path);
    expect(written).toBe(true);
    await rm(path, { recursive: true });
    // About the moment at which it ends, where it could be half there: later after one that was absent, earlier after a whole one.
    let moment = took;
    for (let i = 0; i < kills; i++) {
      const killed = await write(path, moment * (0.8 + 0.4 * random.uniform()));
      const there = (await readdir(folder)).includes('data.snapshot');
      expect(there || !killed.written).toBe(true);
      if (there) {
        let count = 0;
        for await (const _ of readSnapshot(path)) count++;
        expect(count).toBe(rows);
        await rm(path, { recursive: true });
      }
      seen[there ? 'whole' : 'absent']++;
      moment *= there ? 0.85 : 1.2;
    }
    if (kills >= 20) console.log(JSON.stringify(seen));
    expect((await write(path)).written).toBe(true);
    expect(await readdir(folder)).toEqual(['data.snapshot']);
  }, 300_000);
});
