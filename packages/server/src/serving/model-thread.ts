/** @file The thread of a reward model from outside: started, asked for batches, ended. */
import type { LoadOptions, ModelCard } from '@plaudit/reward';
import type { BatchRun } from './batcher.ts';
import type { FromThread, Outcome, ThreadData, ToThread, WorkItem } from './protocol.ts';
import { endThread, type StartedThread, startThread } from './start-thread.ts';

/** A saved reward model that is to serve. */
export interface ServedModel {
  /** As answers name it, such as `support@3`; unique among all that one service serves in a project. */
  readonly version: string;
  /** Folder of the saved model. */
  readonly directory: string;
  readonly load?: LoadOptions;
}

interface Waiting {
  resolve(scored: BatchRun<Outcome>): void;
  reject(error: unknown): void;
}
type Ready = Extract<FromThread, { type: 'ready' }>;
type Scored = Extract<FromThread, { type: 'scored' }>;

export class ModelThread {
  readonly card: ModelCard;
  /** Tokens that the model reads; null where it does not count in tokens. */
  readonly maxLength: number | null;
  /** Resolves when the thread has ended, whyever. */
  readonly ended: Promise<void>;
  private readonly thread: StartedThread<Ready>;
  private readonly waiting: Map<number, Waiting>;
  private next = 0;

  private constructor(thread: StartedThread<Ready>, waiting: Map<number, Waiting>) {
    this.thread = thread;
    this.waiting = waiting;
    this.card = thread.ready.card;
    this.maxLength = thread.ready.maxLength;
    this.ended = thread.ended;
  }

  /** @throws PlauditError of loading the model: reward.*, model.*, engine.*; serving.worker_lost */
  static async start({ version, directory, load = {} }: ServedModel): Promise<ModelThread> {
    const waiting = new Map<number, Waiting>();
    const thread = await startThread<Ready, Waiting, Scored>({
      file: 'model-thread-main',
      version,
      data: { version, directory, load } satisfies ThreadData,
      waiting,
      onMessage: (scored) => {
        waiting.get(scored.batch)?.resolve(scored);
        waiting.delete(scored.batch);
      },
    });
    return new ModelThread(thread, waiting);
  }

  /**
   * The outcomes of a batch, in its order; none where the signal aborted it.
   *
   * @throws PlauditError serving.worker_lost
   */
  score(items: readonly WorkItem[], signal: AbortSignal): Promise<BatchRun<Outcome>> {
    const batch = this.next++;
    const cancel = (): void => this.say({ type: 'cancel', batch });
    return new Promise<BatchRun<Outcome>>((resolve, reject) => {
      this.waiting.set(batch, { resolve, reject });
      this.say({ type: 'score', batch, items });
      signal.addEventListener('abort', cancel, { once: true });
    }).finally(() => signal.removeEventListener('abort', cancel));
  }

  /** Frees the model. */
  close(): Promise<void> {
    return endThread(this.thread);
  }

  /** Ends it at once, whatever it does. */
  async terminate(): Promise<void> {
    await this.thread.worker.terminate();
  }

  private say(message: ToThread): void {
    this.thread.worker.postMessage(message);
  }
}
