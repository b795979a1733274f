/** @file The embedded PostgreSQL: one server in one folder, which starts, restarts and ends with this process. */
import { mkdir, readFile, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { PlauditError, plauditError } from '@plaudit/contract';
import { Client } from 'pg';
import { type Binaries, packagedServer, runnableBinaries } from './binaries.ts';
import { type Cluster, clusterDatabase, clusterUser, openCluster, spawnProblem } from './cluster.ts';
import { lockFolder } from './folder-lock.ts';
import { stopOrphan } from './orphan.ts';
import {
  handsOver,
  logSince,
  reasonIn,
  runOnData,
  type ServerProcess,
  type ServerUser,
  serverUser,
  versionOf,
} from './server-process.ts';
import { type Watchdog, watch } from './watchdog.ts';

export interface EmbeddedOptions {
  /** Settings of PostgreSQL beyond ours, by their names there. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Other programs than those of the npm package. */
  readonly binaries?: Binaries;
}

export interface EmbeddedServer {
  /** With its password. Other processes of ours may open it as long as this one runs. */
  readonly url: string;
  readonly folder: string;
  /** Ends open sessions, writes a checkpoint, and gives the folder up. */
  readonly stop: () => Promise<void>;
}

/**
 * Why loopback and a password rather than a socket in a private folder: a socket's path may have 107 bytes, which
 * a project's folder often exceeds, temporary folders are swept, and Windows has none. The password is 256 random bits
 * in a file of this user.
 */
const host = '127.0.0.1';

/** What differs from PostgreSQL's defaults; durability does not. */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: host,
  unix_socket_directories: '',
  // One server, no replicas: the least that crash recovery needs.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Ids are hashes: every page of an index is touched, and each checkpoint writes it whole once more.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  // The same pages again and again while rows are imported. Only what is used of it is taken from the system.
  shared_buffers: `${Math.round(Math.min(1024, Math.max(128, totalmem() / 2 ** 23)))}MB`,
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Details and statements of errors hold rows, which no log may.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
};

/** Milliseconds between two attempts to bring a server back. */
const longestPause = 5000;

/** Bytes from which the log starts anew when the server does. */
const logLimit = 10_000_000;

/**
 * Starts the server of a folder, which is made where it lacks.
 *
 * @throws PlauditError store.* for a folder in use, a missing package, a server that does not start
 */
export const startEmbeddedServer = async (
  path: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> => {
  const folder = resolve(path);
  const user = await serverUser();
  try {
    await mkdir(folder, { recursive: true, mode: user && !handsOver(user) ? 0o711 : 0o700 });
  } catch (cause) {
    const problem = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw plauditError('store.folder_unusable', { folder, problem }, cause);
  }
  const binaries = options.binaries ?? (await ourBinaries(folder, user));
  const lock = await lockFolder(folder);
  try {
    const log = join(folder, 'server.log');
    if (((await stat(log).catch(() => undefined))?.size ?? 0) > logLimit) await truncate(log);
    await stopOrphan(folder, join(folder, 'data'));
    const sync = options.settings?.fsync !== 'off';
    const cluster = await openCluster(folder, binaries, user, log, sync);
    const server = new RunningServer({
      folder,
      cluster,
      log,
      user,
      binaries,
      settings: { ...settings, ...options.settings },
    });
    await server.start();
    return {
      url: server.url,
      folder,
      async stop() {
        await server.stop();
        await lock.release();
      },
    };
  } catch (cause) {
    await lock.release();
    if (cause instanceof PlauditError) throw cause;
    const problem = (cause as NodeJS.ErrnoException).code;
    if (problem === undefined) throw cause;
    throw plauditError('store.folder_unusable', { folder, problem }, cause);
  }
};

const ourBinaries = async (folder: string, user: ServerUser | undefined): Promise<Binaries> => {
  const native = await packagedServer();
  return runnableBinaries(native, { own: folder, ...(user && { shared: '/var/cache/plaudit' }) });
};

interface ServerSetup {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly log: string;
  readonly user: ServerUser | undefined;
  readonly binaries: Binaries;
  readonly settings: Readonly<Record<string, string>>;
}

/** One server from its start to its stop, through crashes of its own in between. */
class RunningServer {
  private readonly setup: ServerSetup;
  private port = 0;
  private process: ServerProcess | undefined;
  private watchdog: Watchdog | undefined;
  private stopping = false;
  private recovering: Promise<void> = Promise.resolve();

  constructor(setup: ServerSetup) {
    this.setup = setup;
  }

  get url(): string {
    return `postgres://${clusterUser}:${this.setup.cluster.password}@${host}:${this.port}/${clusterDatabase}`;
  }

  /** @throws PlauditError store.server_failed, store.other_major */
  async start(): Promise<void> {
    const { folder, log } = this.setup;
    for (let attempt = 1; ; attempt++) {
      this.port ||= await freePort();
      const problem = await this.launch();
      if (problem === undefined) return;
      if (/files are incompatible with server/.test(problem)) throw await this.otherMajor();
      // The port went to someone else after we looked, or backends of a killed server are still on their way out.
      const passing = /Address already in use|could not bind|could not create any TCP|still in use/i.test(
        problem,
      );
      if (!passing || attempt === 40 || this.stopping)
        throw plauditError('store.server_failed', { folder, problem: reasonIn(problem), log });
      if (!/still in use/.test(problem) && !this.process) this.port = 0;
      await wait(250);
    }
  }

  private async otherMajor(): Promise<Error> {
    const { folder, cluster, binaries } = this.setup;
    const found = (await readFile(join(cluster.data, 'PG_VERSION'), 'utf8')).trim();
    return plauditError('store.other_major', { folder, found, needed: await versionOf(binaries) });
  }

  /** Undefined once the server takes connections, else what it said before it ended. */
  private async launch(): Promise<string | undefined> {
    const { cluster, folder, log } = this.setup;
    const from = (await stat(log).catch(() => undefined))?.size ?? 0;
    const args = Object.entries({ ...this.setup.settings, port: String(this.port) }).flatMap(
      ([name, value]) => ['-c', `${name}=${value}`],
    );
    const started = await runOnData({ ...this.setup, data: cluster.data }, 'postgres', args);
    const { child, ended } = started;
    let over = false;
    ended
      .catch(() => undefined)
      .then(() => {
        over = true;
      });
    while (!over) {
      const answer = await askServer(this.url);
      if (answer === 'ready') {
        this.guard(started);
        return undefined;
      }
      if (answer === 'refused') {
        child.kill('SIGINT');
        await ended;
        return 'FATAL: it does not take the password kept beside it';
      }
      await wait(10);
    }
    if (child.pid === undefined)
      await ended.catch((cause: unknown) => {
        throw plauditError('store.server_failed', { folder, problem: spawnProblem(cause), log }, cause);
      });
    return logSince(log, from);
  }

  private guard(started: ServerProcess): void {
    const { cluster } = this.setup;
    this.process = started;
    started.child.unref();
    this.watchdog = watch(started.child.pid!, join(cluster.data, 'postmaster.pid'));
    started.ended.then(() => {
      this.watchdog?.dismiss();
      // Killed from outside: it comes back at the same address and recovers; what was in flight has failed.
      if (!this.stopping) this.recovering = this.recover();
    });
  }

  /** Until it is there: it may be killed again while it recovers, or lack memory or disk for a while. */
  private async recover(): Promise<void> {
    for (let pause = 100; !this.stopping; pause = Math.min(2 * pause, longestPause)) {
      try {
        return await this.start();
      } catch {
        await wait(pause);
      }
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.recovering;
    const running = this.process;
    if (!running) return;
    running.child.ref();
    running.child.kill('SIGINT');
    const late = setTimeout(() => running.child.kill('SIGQUIT'), 30_000);
    await running.ended;
    clearTimeout(late);
    this.watchdog?.dismiss();
  }
}

/** A port that nobody has at the moment. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

/** Whether a server takes sessions with our password; that it listens is not enough while it recovers. */
const askServer = async (url: string): Promise<'ready' | 'not yet' | 'refused'> => {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return 'ready';
  } catch (error) {
    // Class 28: invalid authorization.
    return String((error as { code?: string }).code).startsWith('28') ? 'refused' : 'not yet';
  }
};
