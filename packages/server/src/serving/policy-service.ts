/** @file The policies that serve: each writes in a thread of its own, a few requests at once, the rest in a bounded queue. */
import { PlauditError, plauditError } from '@plaudit/contract';
import { Batcher } from './batcher.ts';
import { KeptThread } from './kept-thread.ts';
import type { GenerationJob, Written } from './policy-protocol.ts';
import { type OnText, PolicyThread, type ServedPolicy } from './policy-thread.ts';

export interface PolicyServiceOptions {
  /** Requests of one policy that are written at once. Default 4: their steps take turns, and each keeps a cache of its own. */
  readonly atOnce?: number;
  /** Responses that wait or are written; more are refused. Default 64. */
  readonly maxQueue?: number;
}

interface Job extends GenerationJob {
  readonly onText: OnText | undefined;
}

/** A policy that serves under a name. */
export interface ServingPolicy {
  readonly name: string;
  readonly served: ServedPolicy;
  readonly since: Date;
  /** SHA-256 of all that decides what it writes. */
  readonly digest: string;
  readonly formattingDigest: string;
  readonly maxLength: number;
}

interface Open extends ServingPolicy {
  readonly batcher: Batcher<Job, Written>;
  readonly thread: KeptThread<PolicyThread>;
}

interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Called with text as soon as it is certain. */
  readonly onText?: OnText;
}

export class PolicyService {
  private readonly options: PolicyServiceOptions;
  private readonly now: () => Date;
  private readonly policies = new Map<string, Open>();
  private readonly retiring = new Set<Promise<unknown>>();
  private closed = false;

  constructor(options: PolicyServiceOptions = {}, now: () => Date = () => new Date()) {
    this.options = options;
    this.now = now;
  }

  /**
   * Makes a policy serve under a name, in place of what serves there, which finishes what it has begun.
   *
   * @throws PlauditError of loading: policy.*, model.*, engine.*; serving.closing
   */
  async serve(project: string, name: string, served: ServedPolicy): Promise<void> {
    if (this.closed) throw plauditError('serving.closing');
    const first = await PolicyThread.start(served);
    if (this.closed) {
      await first.close();
      throw plauditError('serving.closing');
    }
    const thread = new KeptThread(first, () => PolicyThread.start(served));
    const { atOnce = 4, maxQueue = 64 } = this.options;
    const batcher = new Batcher<Job, Written>(
      served.version,
      async ([job], signal) => {
        const began = performance.now();
        const written = await writeOnce(await thread.current(), job!, signal);
        return { outcomes: [written], milliseconds: performance.now() - began };
      },
      // A request is a batch: what it samples shares its prompt, and others have settings of their own.
      { maxItems: 1, maxWait: 0, maxQueue, atOnce },
    );
    const { digest, formattingDigest, maxLength } = first.about;
    const open: Open = {
      name,
      served,
      since: this.now(),
      digest,
      formattingDigest,
      maxLength,
      batcher,
      thread,
    };
    const key = keyOf(project, name);
    const before = this.policies.get(key);
    this.policies.set(key, open);
    this.finish(before);
  }

  retire(project: string, name: string): void {
    const key = keyOf(project, name);
    this.finish(this.policies.get(key));
    this.policies.delete(key);
  }

  /** What serves in a project, by name. */
  deployed(project: string): readonly ServingPolicy[] {
    return [...this.policies]
      .filter(([key]) => key.startsWith(`${project}\n`))
      .map(([, { batcher: _batcher, thread: _thread, ...policy }]) => policy)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws PlauditError serving.no_policy */
  find(project: string, name: string): ServingPolicy {
    return this.open(project, name);
  }

  /**
   * Lets the policy of a name answer a prompt.
   *
   * @throws PlauditError serving.no_policy, serving.overloaded, serving.cancelled; of writing
   */
  async write(
    project: string,
    name: string,
    { prompt, samples, sampling }: GenerationJob,
    { signal, onText }: WriteOptions = {},
  ): Promise<Written & { readonly policy: ServingPolicy }> {
    const policy = this.open(project, name);
    const item: Job = { prompt, samples, sampling, onText };
    const { outcome } = await policy.batcher.add({ item, size: samples, tokens: 1 }, { signal });
    return { ...outcome, policy };
  }

  /** Finishes what has begun, and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    for (const policy of this.policies.values()) this.finish(policy);
    this.policies.clear();
    await Promise.allSettled([...this.retiring]);
  }

  private open(project: string, name: string): Open {
    const found = this.policies.get(keyOf(project, name));
    if (found) return found;
    throw plauditError('serving.no_policy', { model: name.slice(0, 200) });
  }

  private finish(policy: Open | undefined): void {
    if (!policy) return;
    const finished = policy.batcher.drained().then(() => policy.thread.close());
    this.retiring.add(finished);
    void finished.finally(() => this.retiring.delete(finished));
  }
}

/** A job whose thread is lost is tried again, unless some of its text is with the caller already. */
const writeOnce = async (
  thread: PolicyThread,
  { onText, ...job }: Job,
  signal: AbortSignal,
): Promise<Written> => {
  let told = false;
  const tell: OnText | undefined =
    onText &&
    ((sample, text) => {
      told = true;
      onText(sample, text);
    });
  try {
    return await thread.write(job, signal, tell);
  } catch (error) {
    if (!told || !(error instanceof PlauditError)) throw error;
    throw plauditError(
      'serving.failed',
      { model: 'the policy', problem: 'it ended within its response' },
      error,
    );
  }
};

/** Names hold no line breaks. */
const keyOf = (project: string, name: string): string => `${project}\n${name}`;
