/** @file Databases for tests: each server is started once a test file, each test has a schema of its own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Binaries } from './postgres/binaries.ts';
import {
  type EmbeddedOptions,
  type EmbeddedServer,
  startEmbeddedServer,
} from './postgres/embedded-server.ts';
import { type Database, openDatabase } from './postgres/open-database.ts';
import { type OpenStoreOptions, openStore, type Store } from './store.ts';

/** The oldest version that is supported, as Debian installs it. */
export const debianBinaries: Binaries = {
  initdb: '/usr/lib/postgresql/15/bin/initdb',
  postgres: '/usr/lib/postgresql/15/bin/postgres',
  libraries: [],
};
export const withoutDebian = !existsSync(debianBinaries.postgres);
if (withoutDebian) console.warn(`PostgreSQL 15 is not at ${debianBinaries.postgres}: its tests are skipped`);

export interface TestServer {
  /** A store of a new project in a database that the tests of a file share. */
  readonly newStore: (options?: OpenStoreOptions) => Promise<Store>;
  /** That database. */
  readonly shared: () => Promise<Database>;
  /** The address of an empty schema, which goes after the tests. */
  readonly emptySchema: () => Promise<string>;
}

/** Settings that make tests quick; what they test does not depend on them. Those that kill a server do not use them. */
const quick = { fsync: 'off', shared_buffers: '32MB' };

/** Runs the same tests on the embedded server, on PostgreSQL 15 and on the server that TEST_DATABASE_URL names. */
export const onEveryDatabase = (suite: (server: TestServer) => void): void => {
  onEmbeddedServer(suite);
  describe.skipIf(withoutDebian)('on PostgreSQL 15', () =>
    suite(testServer(() => startServer({ settings: quick, binaries: debianBinaries }))),
  );
  const url = process.env.TEST_DATABASE_URL ?? '';
  describe.skipIf(url === '')('on the server of TEST_DATABASE_URL', () =>
    suite(testServer(async () => ({ url, stop: async () => undefined }))),
  );
};

/** Runs tests where the version of the server makes no difference. */
export const onEmbeddedServer = (suite: (server: TestServer) => void): void => {
  describe('on the embedded server', () => suite(testServer(() => startServer({ settings: quick }))));
};

/** An embedded server in a temporary folder that goes with it. */
const startServer = async (options: EmbeddedOptions): Promise<Running> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-store-'));
  const { url, stop } = await startEmbeddedServer(folder, options);
  return {
    url,
    async stop() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

type Running = Pick<EmbeddedServer, 'url' | 'stop'>;

const testServer = (start: () => Promise<Running>): TestServer => {
  let server: Running | undefined;
  let opening: Promise<Database> | undefined;
  const schemas: string[] = [];
  let projects = 0;
  beforeAll(async () => {
    server = await start();
  }, 180_000);
  afterAll(async () => {
    await (await opening)?.close();
    if (server)
      await withClient(server.url, async (client) => {
        for (const schema of schemas) await client.query(`drop schema if exists ${schema} cascade`);
      });
    await server?.stop();
  });
  const emptySchema = async (): Promise<string> => {
    const schema = `test_${process.pid}_${Date.now()}_${schemas.length}`;
    schemas.push(schema);
    await withClient(server!.url, (client) => client.query(`create schema ${schema}`));
    const url = new URL(server!.url);
    url.searchParams.set('options', `-c search_path=${schema}`);
    return url.href;
  };
  const shared = (): Promise<Database> => {
    opening ??= emptySchema().then((url) => openDatabase({ url }));
    return opening;
  };
  return {
    emptySchema,
    shared,
    newStore: async (options) => openStore(await shared(), { project: `project ${++projects}`, ...options }),
  };
};

/** Runs statements in a session of their own. */
const withClient = async <T>(url: string, work: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

export interface TestProcess {
  readonly pid: number;
  /** What it prints, line by line. */
  readonly lines: AsyncIterator<string>;
  readonly say: (line: string) => void;
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<unknown>;
}

/** Starts another process of Node on one of the files `*.test-process.ts`. */
export const startProcess = (
  file: URL,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number } = {},
): TestProcess => {
  const child = spawn(process.execPath, ['--conditions=source', file.pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, DATABASE_URL: '' },
    ...options,
  });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid!,
    lines,
    say: (line) => child.stdin.write(`${line}\n`),
    kill: (signal) => child.kill(signal),
    ended: new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal))),
  };
};
