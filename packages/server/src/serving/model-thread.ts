/** @file The thread of a reward model from outside: started, asked for batches, ended. */
import type { LoadOptions, ModelCard } from '@plaudit/reward';
import type { BatchRun } from './batcher.ts';
import {
  errorOf,
  type FromThread,
  type Outcome,
  type ThreadData,
  type ToThread,
  type WorkItem,
} from './protocol.ts';
import { endThread, type StartedThread, startThread } from './start-thread.ts';

/** A saved reward model that is to serve. */
export interface ServedModel {
  /** As answers name it, such as `support@3`; unique among all that one service serves in a project. */
  readonly version: string;
  /** Folder of the saved model. */
  readonly directory: string;
  readonly load?: LoadOptions;
}

type Ready = Extract<FromThread, { type: 'ready' }>;
type Answer = Extract<FromThread, { readonly batch: number }>;
type Scored = Extract<Answer, { type: 'scored' }>;
type Decoded = Extract<Answer, { type: 'decoded' }>;
interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

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
    const thread = await startThread<Ready, Waiting, Answer>({
      file: new URL('./model-thread-main', import.meta.url),
      version,
      data: { version, directory, load } satisfies ThreadData,
      waiting,
      onMessage: (answer) => {
        const one = waiting.get(answer.batch);
        waiting.delete(answer.batch);
        if (answer.type === 'undecoded') one?.reject(errorOf(answer.error));
        else one?.resolve(answer);
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
    signal.addEventListener('abort', cancel, { once: true });
    return this.ask<Scored>({ type: 'score', batch, items }).finally(() =>
      signal.removeEventListener('abort', cancel),
    );
  }

  /**
   * The texts of token ids, special tokens included.
   *
   * @throws PlauditError serving.unsupported for a model that reads no tokens; request.invalid for ids that it does not have
   */
  async decode(ids: readonly (readonly number[])[]): Promise<readonly string[]> {
    return (await this.ask<Decoded>({ type: 'decode', batch: this.next++, ids })).texts;
  }

  /** Frees the model. */
  close(): Promise<void> {
    return endThread(this.thread);
  }

  /** Ends it at once, whatever it does. */
  async terminate(): Promise<void> {
    await this.thread.worker.terminate();
  }

  private ask<Got extends Answer>(message: Extract<ToThread, { readonly batch: number }>): Promise<Got> {
    return new Promise((resolve, reject) => {
      this.waiting.set(message.batch, { resolve: (answer) => resolve(answer as Got), reject });
      this.say(message);
    });
  }

  private say(message: ToThread): void {
    this.thread.worker.postMessage(message);
  }
}
