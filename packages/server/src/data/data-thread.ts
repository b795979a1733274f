/** @file Starting a thread for a piece of work on data, so that requests are answered meanwhile. */
import { Worker } from 'node:worker_threads';
import { type ErrorCode, type ErrorParameters, plauditError } from '@plaudit/contract';
import type { MasterKey } from '@plaudit/feedback';
import type { Database } from '@plaudit/store';
import type { DataWork, DataWorkKind } from './data-work.ts';

export interface ThreadTask {
  readonly url: string;
  readonly project: string;
  readonly kind: DataWorkKind;
  readonly takes: unknown;
  readonly masterKey: MasterKey | null;
}

export type ThreadAnswer =
  | { readonly gives: unknown }
  | { readonly error: { readonly code: string; readonly parameters: ErrorParameters } };

/** Threads at a time; further work waits. */
const atOnce = 2;

export interface DataThreads {
  /** @throws what the work throws, and the reason of the signal, which ends the thread */
  run<Kind extends DataWorkKind>(
    kind: Kind,
    project: string,
    takes: DataWork[Kind]['takes'],
    signal: AbortSignal,
  ): Promise<DataWork[Kind]['gives']>;
}

export const dataThreads = (database: Database, masterKey: () => MasterKey): DataThreads => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(kind, project, takes, signal) {
      if (running >= atOnce) await new Promise<void>((go) => waiting.push(go));
      else running++;
      try {
        signal.throwIfAborted();
        const key = kind === 'import' ? masterKey() : null;
        const task: ThreadTask = { url: database.url, project, kind, takes, masterKey: key };
        return (await inThread(task, signal)) as never;
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
};

const inThread = (task: ThreadTask, signal: AbortSignal): Promise<unknown> => {
  const fromSource = import.meta.url.endsWith('.ts');
  const file = fromSource ? './data-thread-main.ts' : './data-thread-main.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    name: `plaudit-data-${task.kind}`,
    workerData: task,
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason);
      void worker.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    worker.once('message', (answer: ThreadAnswer) => {
      if ('gives' in answer) resolve(answer.gives);
      else reject(plauditError(answer.error.code as ErrorCode, answer.error.parameters));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop);
      reject(new Error(`a thread of data work ended with ${code}`));
    });
  });
};
