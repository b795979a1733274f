/** @file One version of a reward model that serves: its thread, its queue and what it has said already. */
import type { ModelCard } from '@plaudit/reward';
import { type AddOptions, Batcher, type BatchLimits, type BatchRun } from './batcher.ts';
import { KeptThread } from './kept-thread.ts';
import { ModelThread, type ServedModel } from './model-thread.ts';
import { errorOf, type Outcome, type ServedScore, type WorkItem } from './protocol.ts';
import { cacheKey, type ResponseCache } from './response-cache.ts';

interface VersionOptions {
  /** Unique in the service: whose version it is, and its name. */
  readonly key: string;
  readonly cache: ResponseCache;
  readonly limits?: Partial<BatchLimits>;
}

/** The scores of an item, and what it took to get them. */
export interface VersionAnswer {
  readonly scores: readonly ServedScore[];
  readonly cached: boolean;
  readonly queueMilliseconds: number;
  readonly milliseconds: number;
  readonly batchSize: number;
}

/**
 * Kinds that are asked for the sake of warming up: they compute here and take any text. A judge costs money, and a program may
 * refuse what it was not written for.
 */
const localKinds = new Set(['linear', 'probe', 'transformer', 'ensemble', 'composite']);

const warmUpPrompt = [{ role: 'user', content: 'My watch is dead. What can I do?' }] as const;
const warmUpResponse = 'Try another battery first. If it stays dead, a watchmaker can look at the movement.';

/** One response, several, and a longer one: each takes another way through a model the first time. */
const warmUpItems: readonly WorkItem[] = [1, 4, 1].map((count, i) => ({
  prompt: [...warmUpPrompt],
  responses: Array.from({ length: count }, () => (i === 2 ? `${warmUpResponse} `.repeat(8) : warmUpResponse)),
  truncation: 'left',
}));

const isLocal = ({ kind, lineage }: ModelCard): boolean =>
  localKinds.has(kind) && (lineage.parts ?? []).every((part) => localKinds.has(part.kind));

export class ServedVersion {
  readonly served: ServedModel;
  readonly card: ModelCard;
  /** Tokens that it reads; null where it does not count in tokens. */
  readonly maxLength: number | null;
  readonly batcher: Batcher<WorkItem, Outcome>;
  private readonly key: string;
  private readonly cache: ResponseCache;
  /** An item is looked up before and after it is scored; its hash is made once. */
  private readonly cacheKeys = new WeakMap<WorkItem, string>();
  private readonly thread: KeptThread<ModelThread>;
  /** As measured on what was scored; a third where nothing was. */
  private tokensPerCharacter = 1 / 3;

  private constructor(served: ServedModel, thread: ModelThread, options: VersionOptions) {
    this.served = served;
    this.card = thread.card;
    this.maxLength = thread.maxLength;
    this.key = options.key;
    this.cache = options.cache;
    this.thread = new KeptThread(thread, () => ModelThread.start(served));
    this.batcher = new Batcher(served.version, (items, signal) => this.run(items, signal), options.limits);
  }

  /**
   * Loads a model and lets it score once, so that the first request waits for nothing and a model that cannot score never
   * serves.
   *
   * @throws PlauditError of loading or scoring
   */
  static async open(served: ServedModel, options: VersionOptions): Promise<ServedVersion> {
    const thread = await ModelThread.start(served);
    try {
      if (isLocal(thread.card)) {
        const { outcomes } = await thread.score(warmUpItems, new AbortController().signal);
        for (const { error } of outcomes) if (error) throw errorOf(error);
      }
      return new ServedVersion(served, thread, options);
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }

  /** What is known of an item without asking the model. */
  cached(item: WorkItem): VersionAnswer | undefined {
    if (this.cache.limit === 0) return undefined;
    const scores = this.cache.get(this.cacheKey(item));
    return scores && { scores, cached: true, queueMilliseconds: 0, milliseconds: 0, batchSize: 0 };
  }

  /** @throws PlauditError: why the item has no score */
  async score(item: WorkItem, options: AddOptions): Promise<VersionAnswer> {
    const { outcome, ...timing } = await this.batcher.add(
      { item, size: item.responses.length, tokens: this.estimate(item) },
      options,
    );
    if (outcome.error) throw errorOf(outcome.error);
    this.learnLength(item, outcome.scores[0]?.tokens ?? null);
    if (this.cache.limit > 0) this.cache.set(this.cacheKey(item), outcome.scores);
    return { scores: outcome.scores, cached: false, ...timing };
  }

  /** The texts of token ids. @throws PlauditError serving.unsupported, request.invalid, serving.worker_lost */
  async decode(ids: readonly (readonly number[])[]): Promise<readonly string[]> {
    return (await this.thread.current()).decode(ids);
  }

  /** Finishes what waits, then frees the model. New work is not to come. */
  async drain(): Promise<void> {
    await this.batcher.drained();
    await this.thread.close();
  }

  private cacheKey(item: WorkItem): string {
    const known = this.cacheKeys.get(item);
    if (known !== undefined) return known;
    const key = cacheKey(this.key, this.card.formattingDigest, item);
    this.cacheKeys.set(item, key);
    return key;
  }

  private async run(items: readonly WorkItem[], signal: AbortSignal): Promise<BatchRun<Outcome>> {
    const thread = await this.thread.current();
    return thread.score(items, signal);
  }

  /** Tokens that an item will take, about: the prompt once, and every response. */
  private estimate({ prompt, responses }: WorkItem): number {
    let characters = 0;
    for (const { content } of prompt) characters += content.length;
    for (const response of responses) characters += response.length;
    return Math.ceil(characters * this.tokensPerCharacter) + 8 * (prompt.length + responses.length);
  }

  private learnLength({ prompt, responses }: WorkItem, tokens: number | null): void {
    if (tokens === null) return;
    let characters = responses[0]!.length;
    for (const { content } of prompt) characters += content.length;
    this.tokensPerCharacter += 0.02 * (tokens / Math.max(1, characters) - this.tokensPerCharacter);
  }
}
