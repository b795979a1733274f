/**
 * @file Dynamic batching: a bounded queue whose items run together, by a budget of tokens, alike ones with alike ones.
 *
 * An item waits for others at most `maxWait` milliseconds, and not at all while a batch's worth is there. When a batch may
 * run, the oldest items are taken from the queue, a few batches' worth, sorted by length and cut into batches, so that
 * little is padded and none waits for ever. An item whose caller hung up, or whose time is over, is never run.
 */
import { plauditError } from '@plaudit/contract';

export interface BatchLimits {
  /** Tokens of a batch, as estimated; a longer item runs alone. */
  readonly maxTokens: number;
  /** Responses of a batch; an item with more runs alone. */
  readonly maxItems: number;
  /** Milliseconds that the first item of a batch waits for others, at most. */
  readonly maxWait: number;
  /** Responses that wait or run; more are refused. */
  readonly maxQueue: number;
  /** Batches that are with the model at once: the second one is prepared while the first one computes. */
  readonly atOnce: number;
}

/** 16,384 tokens is what other servers take, 2 ms is a tenth of what a small model computes. */
const defaultLimits: BatchLimits = {
  maxTokens: 16_384,
  maxItems: 64,
  maxWait: 2,
  maxQueue: 1024,
  atOnce: 2,
};

export interface Entry<Item> {
  readonly item: Item;
  /** Responses. */
  readonly size: number;
  readonly tokens: number;
}

export interface AddOptions {
  readonly signal?: AbortSignal | undefined;
  /** On the clock of `now`; what has no outcome by then is given up. */
  readonly deadline?: number | undefined;
}

/** What is told of an item that ran. */
interface Ran<Outcome> {
  readonly outcome: Outcome;
  readonly queueMilliseconds: number;
  readonly milliseconds: number;
  /** Responses of its batch. */
  readonly batchSize: number;
}

export interface BatchRun<Outcome> {
  readonly outcomes: readonly Outcome[];
  readonly milliseconds: number;
}

interface Queued<Item, Outcome> extends Entry<Item> {
  readonly since: number;
  /** Whether it was with a model that ended meanwhile; it then runs alone, for it may have been the reason. */
  retried: boolean;
  /** What cancels the batch that it is in, once nobody waits for any of it. */
  batch: { live: number; readonly controller: AbortController } | undefined;
  settled: boolean;
  settle(end: Ran<Outcome> | { readonly error: unknown }): void;
}

/** Batches' worth that are sorted together. */
const windowBatches = 8;

export class Batcher<Item, Outcome> {
  /** Responses that wait or run. */
  load = 0;
  private readonly name: string;
  private readonly run: (items: readonly Item[], signal: AbortSignal) => Promise<BatchRun<Outcome>>;
  private readonly limits: BatchLimits;
  private readonly now: () => number;
  private queue: Queued<Item, Outcome>[] = [];
  /** Cut from the queue, to run next. */
  private ready: Queued<Item, Outcome>[][] = [];
  private running = 0;
  private timer: NodeJS.Timeout | undefined;
  private idle: (() => void)[] = [];
  /** Milliseconds that a response took lately. */
  private pace = 5;

  /**
   * @param name As errors name the queue
   * @param run Computes a batch; it throws `serving.worker_lost` where the model is gone, and its items are tried once more
   */
  constructor(
    name: string,
    run: (items: readonly Item[], signal: AbortSignal) => Promise<BatchRun<Outcome>>,
    limits: Partial<BatchLimits> = {},
    now: () => number = () => performance.now(),
  ) {
    this.name = name;
    this.run = run;
    this.limits = { ...defaultLimits, ...limits };
    this.now = now;
  }

  /**
   * Refuses at once what does not fit into the queue.
   *
   * @throws PlauditError serving.overloaded; serving.too_many for what never would
   */
  requireRoom(responses: number): void {
    const { maxQueue } = this.limits;
    if (responses > maxQueue)
      throw plauditError('serving.too_many', { count: responses, what: 'responses', limit: maxQueue });
    if (this.load + responses > maxQueue)
      throw plauditError('serving.overloaded', { model: this.name, retryAfter: this.retryAfter() });
  }

  /** Seconds after which half of what waits now will have run, at least one. */
  retryAfter(): number {
    return Math.max(1, Math.min(60, Math.ceil((this.load * this.pace) / 2000)));
  }

  /** Milliseconds after which that many more responses would have run, by what the last ones took. */
  expected(responses: number): number {
    return this.limits.maxWait + (this.load + responses) * this.pace;
  }

  /** @throws PlauditError serving.overloaded, serving.deadline, serving.cancelled; what `run` throws */
  async add(
    entry: Entry<Item>,
    { signal, deadline = Number.POSITIVE_INFINITY }: AddOptions = {},
  ): Promise<Ran<Outcome>> {
    if (signal?.aborted) throw plauditError('serving.cancelled');
    this.requireRoom(entry.size);
    return new Promise((resolve, reject) => {
      const giveUp = (code: 'serving.cancelled' | 'serving.deadline'): void => {
        queued.settle({ error: plauditError(code) });
        const { batch } = queued;
        if (batch && --batch.live === 0) batch.controller.abort();
      };
      const hungUp = (): void => giveUp('serving.cancelled');
      const late = Number.isFinite(deadline)
        ? setTimeout(() => giveUp('serving.deadline'), Math.max(0, deadline - this.now()))
        : undefined;
      const queued: Queued<Item, Outcome> = {
        ...entry,
        since: this.now(),
        retried: false,
        batch: undefined,
        settled: false,
        settle: (end) => {
          if (queued.settled) return;
          queued.settled = true;
          this.load -= entry.size;
          signal?.removeEventListener('abort', hungUp);
          clearTimeout(late);
          if ('error' in end) reject(end.error);
          else resolve(end);
          this.tellIdle();
        },
      };
      this.load += entry.size;
      signal?.addEventListener('abort', hungUp, { once: true });
      this.queue.push(queued);
      this.pump();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.idle.push(resolve);
      this.tellIdle();
    });
  }

  private tellIdle(): void {
    if (this.load > 0 || this.running > 0) return;
    for (const tell of this.idle.splice(0)) tell();
  }

  /** Starts batches as long as one may run and there is enough, or enough time has passed, for one. */
  private pump(): void {
    while (this.running < this.limits.atOnce) {
      const batch = this.nextBatch();
      if (!batch) return;
      void this.start(batch);
    }
  }

  private nextBatch(): Queued<Item, Outcome>[] | undefined {
    for (;;) {
      if (this.ready.length === 0 && !this.cutWindow()) return undefined;
      const batch = this.ready.shift()!.filter(({ settled }) => !settled);
      if (batch.length > 0) return batch;
    }
  }

  /** @returns whether there is a batch to run now */
  private cutWindow(): boolean {
    this.queue = this.queue.filter(({ settled }) => !settled);
    const [first] = this.queue;
    if (!first) return false;
    const { maxTokens, maxItems, maxWait } = this.limits;
    let [tokens, size] = [0, 0];
    let count = 0;
    for (const one of this.queue) {
      if (tokens >= windowBatches * maxTokens || size >= windowBatches * maxItems) break;
      tokens += one.tokens;
      size += one.size;
      count++;
    }
    const wait = first.since + maxWait - this.now();
    if (tokens < maxTokens && size < maxItems && wait > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.pump();
      }, wait);
      return false;
    }
    this.ready = cutByLength(this.queue.splice(0, count), maxTokens, maxItems);
    return true;
  }

  private async start(batch: readonly Queued<Item, Outcome>[]): Promise<void> {
    this.running++;
    const state = { live: batch.length, controller: new AbortController() };
    for (const one of batch) one.batch = state;
    const began = this.now();
    const size = batch.reduce((sum, one) => sum + one.size, 0);
    try {
      const { outcomes, milliseconds } = await this.run(
        batch.map(({ item }) => item),
        state.controller.signal,
      );
      if (outcomes.length === batch.length) this.pace += 0.2 * (milliseconds / size - this.pace);
      for (const [i, one] of batch.entries())
        one.settle(
          i < outcomes.length
            ? {
                outcome: outcomes[i]!,
                queueMilliseconds: began - one.since,
                milliseconds,
                batchSize: size,
              }
            : { error: plauditError('serving.cancelled') },
        );
    } catch (error) {
      this.again(batch, error);
    } finally {
      this.running--;
      this.tellIdle();
      this.pump();
    }
  }

  /** Items of a batch whose model is gone: each once more by itself, before all others. */
  private again(batch: readonly Queued<Item, Outcome>[], error: unknown): void {
    const lost = error instanceof Error && 'code' in error && error.code === 'serving.worker_lost';
    for (const one of batch) {
      one.batch = undefined;
      if (one.settled) continue;
      if (!lost || one.retried) one.settle({ error });
      else {
        one.retried = true;
        this.ready.unshift([one]);
      }
    }
  }
}

/** Batches of items of like length, within the limits; the one with the oldest item first. */
const cutByLength = <Item extends { readonly tokens: number; readonly size: number; readonly since: number }>(
  items: readonly Item[],
  maxTokens: number,
  maxItems: number,
): Item[][] => {
  const batches: Item[][] = [];
  let [tokens, size] = [0, 0];
  for (const item of [...items].sort((a, b) => a.tokens - b.tokens || a.since - b.since)) {
    const open = batches.at(-1);
    if (open && tokens + item.tokens <= maxTokens && size + item.size <= maxItems) {
      open.push(item);
      tokens += item.tokens;
      size += item.size;
    } else {
      batches.push([item]);
      [tokens, size] = [item.tokens, item.size];
    }
  }
  const oldest = (batch: readonly Item[]): number => Math.min(...batch.map(({ since }) => since));
  return batches.sort((a, b) => oldest(a) - oldest(b));
};
