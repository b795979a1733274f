/** @file Runs as jobs: queued in the database, each in a process of its own, taken up again after any end. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Database, listProjects, openStore } from '@plaudit/store';
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import type { RunFault, RunTask } from './run-process-main.ts';
import { jobKinds, jobTag } from './training-plan.ts';

const queue = 'runs';
/** A job whose server has not been heard of for so long is another server's. */
const heartbeatSeconds = 30;
/** After so long a job is taken up anew, from its checkpoint. */
const longestSeconds = 24 * 3600;
/** Milliseconds between two looks for runs that nobody works on. */
const lookEvery = 15_000;
/** Deaths of its process after which a run has failed. */
const mostRetries = 3;

interface JobData {
  readonly project: string;
  readonly run: string;
  /** A person asked for it: also one that was stopped or failed begins again. */
  readonly resume: boolean;
}

export interface JobsOptions {
  readonly database: Database;
  /** Of the store. */
  readonly folder: string;
  /** Where the artifacts are, where not in the folder. */
  readonly artifacts?: string;
  /** Runs at a time on this machine. Default 1. */
  readonly atOnce?: number;
  readonly logger?: Logger;
  /** Told of each process that begins: its run and its id. */
  readonly onProcess?: (run: string, process: number) => void;
}

export interface Jobs {
  /**
   * Queues a run that is on record as waiting, or one to begin again.
   *
   * @returns false where it is queued already, or its process has not ended yet
   */
  enqueue(project: string, run: string, resume?: boolean): Promise<boolean>;
  /** Ends the processes; their runs go on with the next start. */
  close(): Promise<void>;
}

export const startJobs = async (options: JobsOptions): Promise<Jobs> => {
  const { database, logger, atOnce = 1 } = options;
  const boss = new PgBoss({
    connectionString: database.url,
    schema: 'plaudit_jobs',
    max: 3,
    monitorIntervalSeconds: 10,
    superviseIntervalSeconds: 10,
  });
  boss.on('error', (error: Error) => logger?.error({ fault: error.name }, 'jobs'));
  await boss.start();
  await boss.createQueue(queue, {
    policy: 'exclusive',
    heartbeatSeconds,
    expireInSeconds: longestSeconds,
    retryLimit: mostRetries,
    retryDelay: 1,
  });
  const closing = new AbortController();
  const enqueue = async (project: string, run: string, resume = false): Promise<boolean> =>
    (await boss.send(queue, { project, run, resume } satisfies JobData, { singletonKey: run })) !== null;

  /**
   * Queues the runs that no queue knows of: a server ended between the record and the queue, or so many servers ended while it
   * ran that its retries are used up.
   */
  const takeUp = async (): Promise<void> => {
    for (const { name } of await listProjects(database)) {
      const store = await openStore(database, { project: name, create: false });
      for (const kind of jobKinds)
        for (const state of ['waiting', 'running'] as const)
          for (const { id, tags } of await store.runs.list({ state, kind, limit: 1000 }))
            if (tags[jobTag] === 'yes') await enqueue(name, id);
    }
  };
  await takeUp();
  const looking = setInterval(() => {
    // The database may be away for a while.
    void takeUp().catch((error: Error) => logger?.warn({ fault: error.name }, 'jobs'));
  }, lookEvery);

  await boss.work<JobData>(
    queue,
    { includeMetadata: true, pollingIntervalSeconds: 1, localConcurrency: atOnce },
    async ([job]) => {
      const { project, run, resume } = job!.data;
      const signal = AbortSignal.any([job!.signal, closing.signal]);
      const task: RunTask = {
        ...{ url: database.url, project, run, folder: options.folder, artifacts: options.artifacts ?? null },
        // A second attempt goes on with what is on record: somebody may have stopped it meanwhile.
        resume: resume && job!.retryCount === 0,
      };
      const code = await inProcess(task, signal, {
        onStart: (process) => options.onProcess?.(run, process),
        onFault: (fault) => logger?.error({ run, ...fault }, 'a run failed by a fault'),
      });
      if (code === 0) return;
      if (!signal.aborted && job!.retryCount >= mostRetries) {
        const store = await openStore(database, { project, create: false });
        const error = `The process of the run ended with ${code}, ${mostRetries + 1} times.`;
        await store.runs.end(run, { state: 'failed', error });
        return;
      }
      logger?.warn({ run, code }, 'the process of a run ended early');
      throw new Error('the run is to be taken up again');
    },
  );

  return {
    enqueue,
    async close() {
      clearInterval(looking);
      closing.abort();
      await boss.stop({ graceful: true, timeout: 30_000, close: true });
    },
  };
};

const forcedAfter = 20_000;

/** @returns The exit code, or the signal that ended it */
const inProcess = (
  { url, ...task }: RunTask,
  signal: AbortSignal,
  told: {
    readonly onStart: (process: number) => void;
    readonly onFault: (fault: RunFault) => void;
  },
): Promise<number | string> => {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = new URL(fromSource ? './run-process-main.ts' : './run-process-main.js', import.meta.url);
  const child = fork(fileURLToPath(file), [JSON.stringify(task)], {
    // The address holds a password: it is not among the arguments, which every user of the machine can read.
    env: { ...process.env, DATABASE_URL: url },
    execArgv: fromSource ? ['--conditions=source', '--disable-warning=ExperimentalWarning'] : [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  if (child.pid !== undefined) told.onStart(child.pid);
  child.on('message', (fault) => told.onFault(fault as RunFault));
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), forcedAfter).unref();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve) => {
    const ended = (how: number | string): void => {
      signal.removeEventListener('abort', stop);
      resolve(how);
    };
    child.once('error', (error) => ended(error.name));
    child.once('exit', (code, killedBy) => ended(code ?? killedBy ?? 'nothing'));
  });
};
