/** @file A thread that answers one task after the other: started at the first one, and again where it ended. */
import { parentPort } from 'node:worker_threads';
import { plauditError } from '@plaudit/contract';
import { endThread, type StartedThread, startThread } from './start-thread.ts';

type ToThread<Task> =
  | { readonly type: 'ask'; readonly job: number; readonly task: Task }
  | { readonly type: 'close' };
type Ready = { readonly type: 'ready' };
type Answer<Result> =
  | { readonly type: 'answer'; readonly job: number; readonly result: Result }
  | { readonly type: 'failed'; readonly job: number };

export interface AskedThread<Task, Result> {
  /** @throws PlauditError serving.worker_lost, serving.failed */
  ask(task: Task): Promise<Result>;
  close(): Promise<void>;
}

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * @param file The thread's, without its ending; it calls `answerTasks`
 * @param version As messages name what it does
 */
export const askedThread = <Task, Result>(file: URL, version: string): AskedThread<Task, Result> => {
  const waiting = new Map<number, Waiting<Result>>();
  let thread: Promise<StartedThread<Ready>> | undefined;
  let next = 0;

  const start = (): Promise<StartedThread<Ready>> => {
    const started = startThread<Ready, Waiting<Result>, Answer<Result>>({
      ...{ file, version, data: null, waiting },
      onMessage: (answer) => {
        const one = waiting.get(answer.job);
        waiting.delete(answer.job);
        if (answer.type === 'answer') one?.resolve(answer.result);
        else
          one?.reject(
            plauditError('serving.failed', { model: version, problem: 'it could not read a text' }),
          );
      },
    });
    const forget = (): void => {
      if (thread === started) thread = undefined;
    };
    started.then(({ ended }) => ended.then(forget), forget);
    return started;
  };

  return {
    async ask(task) {
      thread ??= start();
      const { worker } = await thread;
      const job = next++;
      return new Promise((resolve, reject) => {
        waiting.set(job, { resolve, reject });
        worker.postMessage({ type: 'ask', job, task } satisfies ToThread<Task>);
      });
    },
    async close() {
      const started = await thread?.catch(() => undefined);
      if (started) await endThread(started);
    },
  };
};

/** The other side, in the thread: answers every task. What a failure says could hold a text, and stays here. */
export const answerTasks = <Task, Result>(answer: (task: Task) => Result | Promise<Result>): void => {
  const port = parentPort!;
  const say = (message: Ready | Answer<Result>): void => port.postMessage(message);
  port.on('message', async (message: ToThread<Task>) => {
    if (message.type === 'close') return port.close();
    const { job, task } = message;
    try {
      say({ type: 'answer', job, result: await answer(task) });
    } catch {
      say({ type: 'failed', job });
    }
  });
  say({ type: 'ready' });
};
