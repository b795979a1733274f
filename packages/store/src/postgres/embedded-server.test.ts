/** @file Tests: the embedded server starts anywhere, has one owner, ends with it, and loses nothing that was stored. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { debianBinaries, startProcess, type TestProcess, withoutDebian } from '../testing.ts';
import { type Database, type OpenDatabaseOptions, openDatabase } from './open-database.ts';

const owner = new URL('owner.test-process.ts', import.meta.url);
const asRoot = process.getuid?.() === 0;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const emptyFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-server-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** A folder with a database, closed; making one takes most of the time of these tests. */
let made = '';
beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'plaudit-made-'));
  await (await openDatabase({ folder: made, environment: {}, settings: { fsync: 'off' } })).close();
});
afterAll(() => rm(made, { recursive: true, force: true }));

const newFolder = async (): Promise<string> => {
  const folder = await emptyFolder();
  spawnSync('cp', ['-a', `${made}/.`, folder]);
  return folder;
};

const open = async (folder: string, options: OpenDatabaseOptions = {}): Promise<Database> => {
  const database = await openDatabase({ folder, environment: {}, ...options });
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await database.close();
    closed = true;
  };
  cleanups.push(close);
  return { ...database, close };
};

const isRunning = (process: number): boolean => {
  try {
    globalThis.process.kill(process, 0);
    return true;
  } catch {
    return false;
  }
};

const gone = async (process: number): Promise<void> => {
  for (let waited = 0; isRunning(process); waited += 20) {
    if (waited > 20_000) throw new Error(`process ${process} still runs`);
    await wait(20);
  }
};

/** A process that has opened the folder and has stored some numbers; the last is what it has said it stored. */
const startOwner = async (folder: string, numbers = 3) => {
  const child = startProcess(owner, [folder]);
  cleanups.push(async () => child.kill('SIGKILL'));
  const server = Number(/^open (\d+)$/.exec((await child.lines.next()).value)?.[1]);
  let stored = 0;
  for (let i = 0; i < numbers; i++) stored = numberOf((await child.lines.next()).value);
  return { child, server, stored };
};
const numberOf = (line: string): number => Number(/^stored (\d+)$/.exec(line)?.[1]);

/** Everything that it has said until it was gone. */
const lastOf = async (child: TestProcess, stored: number): Promise<number> => {
  let last = stored;
  for (let line = await child.lines.next(); !line.done; line = await child.lines.next())
    last = numberOf(line.value);
  return last;
};

const numbersIn = async ({ pool }: Database): Promise<number[]> =>
  (await pool.query<{ number: number }>('select number from numbers order by number')).rows.map(
    ({ number }) => number,
  );

const oneTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** The shell that waits for the end of a server's owner. */
const watchdogOf = async (server: number): Promise<number> => {
  for (const name of await readdir('/proc')) {
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`plaudit-watchdog\0${server}\0`)) return Number(name);
  }
  throw new Error('no watchdog');
};

describe('the embedded server', () => {
  it('starts in a folder that is not there yet, with fsync on, and keeps what is stored', async () => {
    const folder = join(await emptyFolder(), 'deep', 'postgres');
    const first = await open(folder);
    await first.pool.query('create table numbers (number bigint); insert into numbers values (1), (2)');
    const { rows } = await first.pool.query('show fsync');
    expect(rows).toEqual([{ fsync: 'on' }]);
    expect(new URL(first.url).hostname).toBe('127.0.0.1');
    await first.close();
    const again = await open(folder);
    expect(await numbersIn(again)).toEqual([1, 2]);
  });

  it.skipIf(!asRoot)('runs as nobody under root, in a folder that nobody cannot even enter', async () => {
    const folder = await newFolder();
    await open(folder);
    const server = Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    expect(/^Uid:\t(\d+)/m.exec(await readFile(`/proc/${server}/status`, 'utf8'))?.[1]).not.toBe('0');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'password'))).mode & 0o077).toBe(0);
  });

  it.skipIf(!asRoot)('runs as the user that starts it where that is not root', async () => {
    const folder = await newFolder();
    const { uid, gid } = { uid: 65_534, gid: 65_534 };
    spawnSync('chown', ['-R', `${uid}:${gid}`, folder]);
    const child = startProcess(owner, [folder], { uid, gid });
    cleanups.push(async () => child.kill('SIGKILL'));
    const server = Number(/^open (\d+)$/.exec((await child.lines.next()).value)?.[1]);
    child.kill('SIGKILL');
    await gone(server);
  });

  it('does not let a password of someone else in', async () => {
    const database = await open(await newFolder());
    const url = new URL(database.url);
    url.password = 'another';
    await expect(openDatabase({ url: url.href })).rejects.toMatchObject({ code: 'store.unreachable' });
  });

  it('refuses a second owner and says which process has the folder, in this process and in another', async () => {
    const folder = await newFolder();
    await open(folder);
    const busy = { code: 'store.folder_busy', parameters: { process: process.pid, folder } };
    await expect(openDatabase({ folder, environment: {} })).rejects.toMatchObject(busy);
    const other = startProcess(owner, [folder]);
    expect((await other.lines.next()).value).toBe('refused store.folder_busy');
  });

  it('ends when its owner is ended or killed, and has everything that was stored when it is opened again', async () => {
    const folder = await newFolder();
    let before = 0;
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const { child, server, stored } = await startOwner(folder);
      child.kill(signal);
      const last = await lastOf(child, stored);
      expect(last).toBeGreaterThan(before);
      before = last;
      await gone(server);
    }
    const numbers = await numbersIn(await open(folder));
    expect(numbers.slice(0, before)).toEqual(oneTo(before));
    // One more may have been stored that nobody was told of.
    expect(numbers.length).toBeLessThanOrEqual(before + 1);
  });

  it.skipIf(process.platform !== 'linux')(
    'stops the server of a killed owner where the watchdog was killed too',
    async () => {
      const folder = await newFolder();
      const { child, server, stored } = await startOwner(folder);
      process.kill(await watchdogOf(server), 'SIGKILL');
      child.kill('SIGKILL');
      const last = await lastOf(child, stored);
      expect(isRunning(server)).toBe(true);
      const database = await open(folder);
      expect(isRunning(server)).toBe(false);
      expect((await numbersIn(database)).slice(0, last)).toEqual(oneTo(last));
    },
  );

  it('recovers when server and owner are killed at once', async () => {
    const folder = await newFolder();
    const { child, server, stored } = await startOwner(folder);
    process.kill(server, 'SIGKILL');
    child.kill('SIGKILL');
    const last = await lastOf(child, stored);
    const database = await open(folder);
    expect((await numbersIn(database)).slice(0, last)).toEqual(oneTo(last));
  });

  it('comes back at the same address when the server alone is killed', async () => {
    const folder = await newFolder();
    const database = await open(folder);
    await database.pool.query('create table numbers (number bigint); insert into numbers values (1)');
    for (let kill = 0; kill < 2; kill++) {
      const server = Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
      process.kill(server, 'SIGKILL');
      await gone(server);
      for (let attempt = 0; ; attempt++) {
        const numbers = await numbersIn(database).catch(() => undefined);
        if (numbers) {
          expect(numbers).toEqual([1]);
          break;
        }
        if (attempt === 200) throw new Error('the server did not come back');
        await wait(50);
      }
    }
  });

  it('comes back however often it is killed while it recovers, and takes a session in a transaction with it and nothing else', async () => {
    const folder = await newFolder();
    const database = await open(folder);
    await database.pool.query('create table numbers (number bigint); insert into numbers values (1)');
    const note = join(folder, 'data', 'postmaster.pid');
    const inTransaction = await database.pool.connect();
    await inTransaction.query('begin');
    await inTransaction.query('insert into numbers values (2)');
    let last = 0;
    for (let kill = 0; kill < 6; kill++)
      for (;;) {
        const server = Number((await readFile(note, 'utf8').catch(() => '')).split('\n')[0]);
        if (server > 0 && server !== last && isRunning(server)) {
          process.kill(server, 'SIGKILL');
          last = server;
          break;
        }
        await wait(5);
      }
    await expect(inTransaction.query('commit')).rejects.toThrow();
    inTransaction.release(true);
    await expect
      .poll(() => numbersIn(database).catch(() => undefined), { timeout: 30_000, interval: 50 })
      .toEqual([1]);
  });

  it('throws away a half-made cluster, and a note of a server whose number another process has now', async () => {
    const folder = await newFolder();
    await rename(join(folder, 'data'), join(folder, 'data.new'));
    await (await open(folder, { settings: { fsync: 'off' } })).close();
    expect(await readdir(folder)).not.toContain('data.new');
    const note = join(folder, 'data', 'postmaster.pid');
    await writeFile(note, `${process.pid}\n/elsewhere\n`);
    await open(folder);
    expect(await readFile(note, 'utf8')).not.toMatch(new RegExp(`^${process.pid}\n`));
  });

  it('says why a server does not start', async () => {
    const folder = await newFolder();
    await expect(
      openDatabase({ folder, environment: {}, settings: { shared_buffers: 'many' } }),
    ).rejects.toMatchObject({
      code: 'store.server_failed',
      message: expect.stringContaining('shared_buffers'),
    });
    await writeFile(join(folder, 'password'), 'another\n');
    await expect(openDatabase({ folder, environment: {} })).rejects.toMatchObject({
      code: 'store.server_failed',
    });
    await expect(
      openDatabase({ folder: join(folder, 'password', 'below'), environment: {} }),
    ).rejects.toMatchObject({ code: 'store.folder_unusable' });
    const binaries = { initdb: '/nowhere/initdb', postgres: '/nowhere/postgres', libraries: [] };
    await expect(openDatabase({ folder, environment: {}, binaries })).rejects.toMatchObject({
      code: 'store.server_failed',
      message: expect.stringContaining('cannot be run'),
    });
  });

  it.skipIf(withoutDebian)('does not start on data of another major version', async () => {
    const folder = await emptyFolder();
    await (await open(folder, { binaries: debianBinaries, settings: { fsync: 'off' } })).close();
    await expect(openDatabase({ folder, environment: {} })).rejects.toMatchObject({
      code: 'store.other_major',
      parameters: { found: '15' },
    });
  });
});

describe('an address', () => {
  it('is used in place of the embedded server, from the option or from DATABASE_URL', async () => {
    const database = await open(await newFolder());
    const other = await openDatabase({ environment: { DATABASE_URL: database.url } });
    expect((await other.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await other.close();
  });

  it.each([
    ['not an address', 'store.bad_url'],
    ['mysql://localhost/x', 'store.bad_url'],
    ['postgres://user:secret@127.0.0.1:1/x', 'store.unreachable'],
    ['postgres://user:secret@host.invalid/x', 'store.unreachable'],
  ])('is refused without being repeated: %s', async (url, code) => {
    const error = await openDatabase({ url }).catch((cause: Error) => cause);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});
