/** @file The whole product for tests that kill parts of it: its server's process, those of its runs, and its PostgreSQL. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const processFile = fileURLToPath(new URL('../studio/server-process.ts', import.meta.url));

export type Part = 'server' | 'run' | 'database';

export interface Product {
  readonly address: string;
  /** The first owner's link, of the first start. */
  readonly link: string;
  /** Kills a part with SIGKILL, if it is there at the moment. The server comes back only by `start`. */
  kill(part: Part): Promise<boolean>;
  start(): Promise<void>;
  /** Whether the server's process lives. */
  isThere(): boolean;
  close(): Promise<void>;
}

/** Processes that a process has started, of which the command line holds a word. */
const childrenOf = (parent: number, word: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const [, , , itsParent] =
          /^(\d+) \((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return Number(itsParent) === parent && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word);
      } catch {
        // It ended meanwhile.
        return false;
      }
    })
    .map(Number);

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

export const openProduct = async (): Promise<Product> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-faults-'));
  const port = await freePort();
  let child: ChildProcess;
  let link = '';
  const start = async (): Promise<void> => {
    child = spawn(
      process.execPath,
      ['--conditions=source', processFile, join(folder, 'store'), String(port), ''],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, DATABASE_URL: '' },
      },
    );
    const first = await createInterface({ input: child.stdout! })[Symbol.asyncIterator]().next();
    if (first.done) throw new Error('the server did not start');
    link = (JSON.parse(first.value) as { link: string | null }).link ?? link;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const numberOf = (part: Part): number | undefined => {
    if (part === 'server') return child.pid;
    if (part === 'run') return childrenOf(child.pid!, 'run-process-main')[0];
    const note = join(folder, 'store', 'postgres', 'data', 'postmaster.pid');
    return Number(readFileSync(note, 'utf8').split('\n')[0]);
  };
  await start();
  return {
    address: `http://127.0.0.1:${port}`,
    link,
    async kill(part) {
      if (part === 'server') {
        await end('SIGKILL');
        return true;
      }
      try {
        const found = numberOf(part);
        if (found === undefined) return false;
        process.kill(found, 'SIGKILL');
        return true;
      } catch (error) {
        // It has not come back yet, or ended by itself meanwhile.
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
        throw error;
      }
    },
    start,
    isThere: () => child.exitCode === null && child.signalCode === null,
    async close() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
};
