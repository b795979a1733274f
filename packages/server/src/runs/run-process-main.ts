/** @file The process of one run: apart from the server, so that nothing it does can hold requests up. */
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { openArtifacts, openDatabase, openStore } from '@plaudit/store';
import { performRun, stopped } from './perform-run.ts';

export interface RunTask {
  readonly url: string;
  readonly project: string;
  readonly run: string;
  readonly folder: string;
  /** Of the artifacts; null for those in the folder. */
  readonly artifacts: string | null;
  readonly resume: boolean;
}

/** What the server's log is told of a fault: where it happened, and not its message, which may hold what a row says. */
export interface RunFault {
  readonly fault: string;
  readonly at: readonly string[];
}

const faultOf = ({ name, stack = '' }: Error): RunFault => ({
  fault: name,
  at: stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim()),
});

/** How often it looks whether somebody stopped the run. */
const lookEvery = 1000;

// What is served goes first: a run takes the processors that nobody else wants.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const task = JSON.parse(process.argv[2]!) as Omit<RunTask, 'url'>;
const abort = new AbortController();
const shutDown = (): void => abort.abort(new Error('the server is closing'));
process.on('SIGTERM', shutDown);
// The terminal sends it to the server too, which says what becomes of this process.
process.on('SIGINT', () => {});
// The server is gone: another one will take the run up.
process.on('disconnect', shutDown);

const database = await openDatabase({ url: process.env.DATABASE_URL!, migrate: false, sessions: 3 });
const store = await openStore(database, { project: task.project, create: false });
let looking: NodeJS.Timeout | undefined;
const look = async (): Promise<void> => {
  const run = await store.runs.get(task.run).catch(() => null);
  if (run?.state === 'stopped') abort.abort(stopped);
};
try {
  await performRun({
    store,
    artifacts: await openArtifacts(task.artifacts ?? join(task.folder, 'artifacts')),
    folder: task.folder,
    run: task.run,
    resume: task.resume,
    signal: abort.signal,
    onStarted: () => {
      looking = setInterval(look, lookEvery);
    },
    onFault: (fault) => process.send?.(faultOf(fault)),
  });
} finally {
  clearInterval(looking);
  await database.close();
}
process.exit(0);
