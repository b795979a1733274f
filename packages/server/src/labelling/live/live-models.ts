/** @file The live models of tasks, seen from the requests: a thread learns, and what it knew last is told without waiting. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { plauditError } from '@plaudit/contract';
import type { Database, Store } from '@plaudit/store';
import type { LiveState } from './task-model.ts';

export interface LiveRequest {
  /** Name. */
  readonly project: string;
  readonly task: string;
}

export type LiveAnswer =
  | { readonly task: string; readonly state: LiveState }
  | { readonly task: string; readonly fault: string };

export interface LiveModels {
  /** Says that an answer has come or was taken back: the model learns. */
  changed(store: Store, task: string): void;
  /** What the model knew last, without waiting; null where nobody has asked for it yet. */
  known(task: string): LiveState | null;
  /**
   * The same as it is now, or null where that takes longer than so many milliseconds: it goes on, and is known later.
   *
   * @throws PlauditError labelling.model_failed
   */
  state(store: Store, task: string, patience: number): Promise<LiveState | null>;
  /** @throws PlauditError labelling.bad_setting for a checkpoint that is not there */
  requireEncoder(name: string): void;
  close(): Promise<void>;
}

export interface LiveThreadData {
  /** Of the database. */
  readonly url: string;
  /** Of the store: encoders are below it. */
  readonly folder: string;
}

export interface LiveModelOptions {
  readonly database: Database;
  readonly folder: string;
  /** Called where a model could not learn, with the kind of the fault; it is tried again at the next answer. */
  readonly onFault?: (task: string, fault: string) => void;
  readonly now?: () => Date;
}

/** Answers may have come to another server of the same database, so that what is older than this is asked for again. */
const fresh = 5000;
/** States that are remembered. */
const mostStates = 200;

interface Entry {
  state: LiveState | null;
  /** Why it could not learn the last time: a code of the error table, or `unknown`. */
  fault: string | null;
  /** When it was asked for; milliseconds since 1970. */
  at: number;
  /** Whether something has changed since. */
  isOld: boolean;
  /** While the thread works on it. */
  working: Promise<void> | null;
  done: () => void;
}

export const liveModels = ({
  database,
  folder,
  onFault,
  now = () => new Date(),
}: LiveModelOptions): LiveModels => {
  const entries = new Map<string, Entry>();
  let worker: Worker | undefined;
  let isClosed = false;

  const entryOf = (task: string): Entry => {
    const found = entries.get(task) ?? {
      state: null,
      fault: null,
      at: 0,
      isOld: true,
      working: null,
      done: () => {},
    };
    entries.delete(task);
    entries.set(task, found);
    if (entries.size > mostStates) entries.delete(entries.keys().next().value!);
    return found;
  };

  const finish = (task: string, state: LiveState | null, fault: string | null): void => {
    const entry = entries.get(task);
    if (!entry) return;
    if (state) entry.state = state;
    entry.fault = fault;
    entry.working = null;
    entry.done();
  };

  const thread = (): Worker => {
    if (worker) return worker;
    const fromSource = import.meta.url.endsWith('.ts');
    const made = new Worker(new URL(fromSource ? './thread-main.ts' : './thread-main.js', import.meta.url), {
      name: 'plaudit-live',
      workerData: { url: database.url, folder } satisfies LiveThreadData,
      ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
    });
    made.unref();
    made.on('message', (answer: LiveAnswer) => {
      if ('fault' in answer) onFault?.(answer.task, answer.fault);
      finish(answer.task, 'state' in answer ? answer.state : null, 'fault' in answer ? answer.fault : null);
    });
    made.on('error', ({ name }) => onFault?.('all', name));
    made.on('exit', () => {
      if (worker === made) worker = undefined;
      for (const [task, { working }] of entries) if (working) finish(task, null, 'unknown');
    });
    worker = made;
    return made;
  };

  /** Asks the thread, once for all that has changed until it comes to it. */
  const refresh = (project: string, task: string): Promise<void> => {
    const entry = entryOf(task);
    if (isClosed) return Promise.resolve();
    if (entry.working) return entry.working;
    entry.isOld = false;
    entry.at = now().getTime();
    entry.working = new Promise((resolve) => {
      entry.done = () => {
        resolve();
        if (entry.isOld) void refresh(project, task);
      };
    });
    thread().postMessage({ project, task } satisfies LiveRequest);
    return entry.working;
  };

  return {
    changed({ project }, task) {
      entryOf(task).isOld = true;
      void refresh(project.name, task);
    },
    known: (task) => entries.get(task)?.state ?? null,
    async state({ project }, task, patience) {
      const entry = entryOf(task);
      const isFresh = entry.state && !entry.isOld && now().getTime() - entry.at < fresh;
      if (isFresh && !entry.working) return entry.state;
      const working = refresh(project.name, task);
      // What was known is near enough for a page that asks again soon.
      if (entry.state) return entry.state;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patience);
      });
      await Promise.race([working, late]);
      clearTimeout(timer);
      if (entry.fault !== null && !entry.working)
        throw plauditError('labelling.model_failed', { problem: entry.fault });
      return entry.state;
    },
    requireEncoder(name) {
      if (!existsSync(join(folder, name, 'config.json')))
        throw plauditError('labelling.bad_setting', { problem: `there is no checkpoint ${name}` });
    },
    async close() {
      isClosed = true;
      const open = worker;
      if (!open) return;
      const ended = new Promise<void>((resolve) => open.once('exit', () => resolve()));
      open.postMessage('close');
      const late = setTimeout(() => void open.terminate(), 5000);
      await ended;
      clearTimeout(late);
    },
  };
};
