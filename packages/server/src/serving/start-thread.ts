/** @file Starting a thread of serving, and telling those who wait for it when it is lost. */
import { basename } from 'node:path/posix';
import { Worker } from 'node:worker_threads';
import { plauditError } from '@plaudit/contract';
import { errorOf, type Failure } from './protocol.ts';

/** Somebody who waits for an answer of the thread. */
interface WaitsForThread {
  reject(error: unknown): void;
}

export interface StartedThread<Ready> {
  readonly worker: Worker;
  /** What the thread says of itself once it can work. */
  readonly ready: Ready;
  /** Resolves when the thread has ended, whyever. */
  readonly ended: Promise<void>;
}

interface ThreadPlan<Waiting extends WaitsForThread, Message> {
  /** The thread's file without its ending, as `new URL('./model-thread-main', import.meta.url)`. */
  readonly file: URL;
  /** As messages name the model. */
  readonly version: string;
  readonly data: unknown;
  /** By the number of what they asked. */
  readonly waiting: Map<number, Waiting>;
  readonly onMessage: (message: Message) => void;
}

/** @throws PlauditError with which the thread refuses to start; serving.worker_lost */
export const startThread = <
  Ready extends { readonly type: 'ready' },
  Waiting extends WaitsForThread,
  Message extends { readonly type: string },
>({
  file,
  version,
  data,
  waiting,
  onMessage,
}: ThreadPlan<Waiting, Message>): Promise<StartedThread<Ready>> => {
  const fromSource = import.meta.url.endsWith('.ts');
  const worker = new Worker(new URL(`${file.href}.${fromSource ? 'ts' : 'js'}`), {
    name: `plaudit-${basename(file.pathname)}`,
    workerData: data,
  });
  return new Promise((resolve, reject) => {
    let fault: Error | undefined;
    worker.on('error', (error) => {
      fault = error;
    });
    // What waits is told at the very end: whoever tries again at once must not find the thread that is dying.
    const ended = new Promise<void>((done) => {
      worker.on('exit', (code) => {
        const problem = problemOf(fault, code);
        const error = plauditError('serving.worker_lost', { model: version, problem }, fault);
        reject(error);
        for (const one of waiting.values()) one.reject(error);
        waiting.clear();
        done();
      });
    });
    worker.on(
      'message',
      (message: Ready | { readonly type: 'refused'; readonly error: Failure } | Message) => {
        if (message.type === 'ready') resolve({ worker, ready: message as Ready, ended });
        else if (message.type === 'refused') {
          reject(errorOf((message as { readonly error: Failure }).error));
          void worker.terminate();
        } else onMessage(message as Message);
      },
    );
  });
};

const problemOf = (fault: NodeJS.ErrnoException | undefined, code: number): string =>
  fault === undefined
    ? `it ended with status ${code}`
    : fault.code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? 'it ran out of memory'
      : 'it failed';

/** Asks a thread to end, and ends one that does not in time. */
export const endThread = async (
  { worker, ended }: Pick<StartedThread<unknown>, 'worker' | 'ended'>,
  graceMilliseconds = 5000,
): Promise<void> => {
  worker.postMessage({ type: 'close' });
  const late = setTimeout(() => void worker.terminate(), graceMilliseconds);
  await ended;
  clearTimeout(late);
};
