/** @file The thread of a policy from outside: started, asked to write, ended. */
import type { FromPolicy, GenerationJob, PolicyThreadData, ToPolicy, Written } from './policy-protocol.ts';
import { errorOf } from './protocol.ts';
import { endThread, type StartedThread, startThread } from './start-thread.ts';

/** A policy that is to serve. */
export interface ServedPolicy {
  /** As answers name it, such as `support-policy@3`. */
  readonly version: string;
  /** A saved policy, a checkpoint's folder or a .gguf file. */
  readonly reference: string;
  /** Tokens of prompt and response together; what the policy was trained with by default. */
  readonly maxLength?: number;
  readonly provider?: string;
  readonly threads?: number;
  readonly int8?: boolean;
}

/** Called with text of a sample as soon as it is certain. */
export type OnText = (sample: number, text: string) => void;

interface Waiting {
  readonly onText: OnText | undefined;
  resolve(written: Written): void;
  reject(error: unknown): void;
}
type Ready = Extract<FromPolicy, { type: 'ready' }>;
type OfJob = Extract<FromPolicy, { readonly job: number }>;

export class PolicyThread {
  readonly about: Ready;
  /** Resolves when the thread has ended, whyever. */
  readonly ended: Promise<void>;
  private readonly thread: StartedThread<Ready>;
  private readonly waiting: Map<number, Waiting>;
  private next = 0;

  private constructor(thread: StartedThread<Ready>, waiting: Map<number, Waiting>) {
    this.thread = thread;
    this.waiting = waiting;
    this.about = thread.ready;
    this.ended = thread.ended;
  }

  /** @throws PlauditError of loading the policy: policy.*, model.*, engine.*; serving.worker_lost */
  static async start(served: ServedPolicy): Promise<PolicyThread> {
    const { version, reference, maxLength, provider = 'cpu', threads, int8 = false } = served;
    const waiting = new Map<number, Waiting>();
    const thread = await startThread<Ready, Waiting, OfJob>({
      file: new URL('./policy-thread-main', import.meta.url),
      version,
      data: { version, reference, maxLength, provider, threads, int8 } satisfies PolicyThreadData,
      waiting,
      onMessage: (message) => {
        const one = waiting.get(message.job);
        if (message.type === 'text') return one?.onText?.(message.sample, message.text);
        waiting.delete(message.job);
        if (message.type === 'written') one?.resolve(message.written);
        else one?.reject(errorOf(message.error));
      },
    });
    return new PolicyThread(thread, waiting);
  }

  /** @throws PlauditError of writing; engine.cancelled where the signal aborted it */
  write(asked: GenerationJob, signal: AbortSignal, onText?: OnText): Promise<Written> {
    const job = this.next++;
    const cancel = (): void => this.say({ type: 'cancel', job });
    return new Promise<Written>((resolve, reject) => {
      this.waiting.set(job, { resolve, reject, onText });
      this.say({ type: 'generate', job, asked, stream: onText !== undefined });
      signal.addEventListener('abort', cancel, { once: true });
    }).finally(() => signal.removeEventListener('abort', cancel));
  }

  /** Frees the policy. */
  close(): Promise<void> {
    return endThread(this.thread);
  }

  private say(message: ToPolicy): void {
    this.thread.worker.postMessage(message);
  }
}
