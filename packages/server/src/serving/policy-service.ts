/** @file The policies that serve: each writes in a thread of its own, a few requests at once, the rest in a bounded queue. */
import { PlauditError, plauditError } from '@plaudit/contract';
import { Batcher } from './batcher.ts';
import type { ArmName } from './deployment.ts';
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

/** Arms whose policies write: a shadow only scores, for writing costs too much to be thrown away. */
type WritingArm = Exclude<ArmName, 'shadow'>;

/** The policies that are to serve under a name. */
export interface PolicyPlan {
  readonly production: ServedPolicy;
  readonly canary?: ServedPolicy;
}

/** A policy that serves under a name. */
export interface ServingPolicy {
  readonly name: string;
  readonly arm: WritingArm;
  readonly served: ServedPolicy;
  readonly since: Date;
  /** SHA-256 of all that decides what it writes. */
  readonly digest: string;
  readonly formattingDigest: string;
  readonly maxLength: number;
}

/** A policy in its thread, which serves under one name or several. */
interface OpenPolicy {
  readonly about: Pick<ServingPolicy, 'served' | 'since' | 'digest' | 'formattingDigest' | 'maxLength'>;
  readonly batcher: Batcher<Job, Written>;
  readonly thread: KeptThread<PolicyThread>;
}

interface Use {
  readonly opening: Promise<OpenPolicy>;
  users: number;
}

interface Serving {
  readonly production: OpenPolicy;
  readonly canary: OpenPolicy | null;
  readonly keys: readonly string[];
}

/** Policies that are loaded and do not serve yet. One of the two is to be called, once. */
export interface PreparedPolicies {
  /** Lets them serve, in place of what does, which finishes what it has begun. */
  readonly turn: () => void;
  readonly drop: () => void;
}

interface WriteOptions {
  readonly arm?: WritingArm;
  readonly signal?: AbortSignal;
  /** Called with text as soon as it is certain. */
  readonly onText?: OnText;
}

export class PolicyService {
  private readonly options: PolicyServiceOptions;
  private readonly now: () => Date;
  private readonly serving = new Map<string, Serving>();
  private readonly versions = new Map<string, Use>();
  private readonly retiring = new Set<Promise<unknown>>();
  private closed = false;

  constructor(options: PolicyServiceOptions = {}, now: () => Date = () => new Date()) {
    this.options = options;
    this.now = now;
  }

  /**
   * Loads policies that are to serve under a name. Whoever turns to them decides when, so that they change together with what
   * judges them.
   *
   * @throws PlauditError of loading: policy.*, model.*, engine.*; serving.closing
   */
  async prepare(project: string, name: string, plan: PolicyPlan): Promise<PreparedPolicies> {
    if (this.closed) throw plauditError('serving.closing');
    const served = [plan.production, ...(plan.canary ? [plan.canary] : [])];
    const keys = served.map(({ version }) => keyOf(project, version));
    const drop = (): void => {
      for (const key of keys) this.leave(key);
    };
    const opening = served.map((one) => this.use(project, one));
    try {
      const [production, canary = null] = await Promise.all(opening);
      if (this.closed) throw plauditError('serving.closing');
      return {
        turn: () => {
          const before = this.serving.get(keyOf(project, name));
          this.serving.set(keyOf(project, name), { production: production!, canary, keys });
          for (const key of before?.keys ?? []) this.leave(key);
        },
        drop,
      };
    } catch (error) {
      await Promise.allSettled(opening);
      drop();
      throw error;
    }
  }

  /** Loads a policy and lets it serve under a name. @throws as `prepare` does */
  async serve(project: string, name: string, production: ServedPolicy, canary?: ServedPolicy): Promise<void> {
    const { turn } = await this.prepare(project, name, { production, ...(canary && { canary }) });
    turn();
  }

  retire(project: string, name: string): void {
    const before = this.serving.get(keyOf(project, name));
    this.serving.delete(keyOf(project, name));
    for (const key of before?.keys ?? []) this.leave(key);
  }

  /** What serves in a project as production, by name. */
  deployed(project: string): readonly ServingPolicy[] {
    return [...this.serving.keys()]
      .filter((key) => key.startsWith(`${project}\n`))
      .map((key) => this.find(project, key.slice(project.length + 1)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** @throws PlauditError serving.no_policy */
  find(project: string, name: string, arm: WritingArm = 'production'): ServingPolicy {
    return { name, arm, ...this.open(project, name, arm).about };
  }

  /** Whether a name has a policy in an arm. */
  has(project: string, name: string, arm: WritingArm): boolean {
    return Boolean(this.serving.get(keyOf(project, name))?.[arm]);
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
    { arm = 'production', signal, onText }: WriteOptions = {},
  ): Promise<Written & { readonly policy: ServingPolicy }> {
    const { about, batcher } = this.open(project, name, arm);
    const item: Job = { prompt, samples, sampling, onText };
    const { outcome } = await batcher.add({ item, size: samples, tokens: 1 }, { signal });
    return { ...outcome, policy: { name, arm, ...about } };
  }

  /** Finishes what has begun, and ends all threads. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { keys } of this.serving.values()) for (const key of keys) this.leave(key);
    this.serving.clear();
    await Promise.allSettled([...this.retiring]);
  }

  private open(project: string, name: string, arm: WritingArm): OpenPolicy {
    const found = this.serving.get(keyOf(project, name))?.[arm];
    if (found) return found;
    throw plauditError('serving.no_policy', { model: name.slice(0, 200) });
  }

  private use(project: string, served: ServedPolicy): Promise<OpenPolicy> {
    const key = keyOf(project, served.version);
    let use = this.versions.get(key);
    if (!use) {
      const opening = this.start(served);
      opening.catch(() => undefined);
      use = { opening, users: 0 };
      this.versions.set(key, use);
    }
    use.users++;
    return use.opening;
  }

  private async start(served: ServedPolicy): Promise<OpenPolicy> {
    const first = await PolicyThread.start(served);
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
    return {
      about: { served, since: this.now(), digest, formattingDigest, maxLength },
      batcher,
      thread,
    };
  }

  /** A policy that serves nowhere any more finishes what it has begun, and ends. */
  private leave(key: string): void {
    const use = this.versions.get(key);
    if (!use || --use.users > 0) return;
    this.versions.delete(key);
    const finished = use.opening.then(
      ({ batcher, thread }) => batcher.drained().then(() => thread.close()),
      () => undefined,
    );
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
