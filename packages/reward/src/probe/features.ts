/** @file Features of prompts and responses by their content: from the cache where they are there, else from the base. */
import { createHash } from 'node:crypto';
import { canonicalJson, type Prompt, plauditError } from '@plaudit/contract';
import type { ScoreItem } from '../model.ts';
import type { OnProgress } from '../run/progress.ts';
import type { Base } from '../transformer/base.ts';
import { type CacheOptions, FeatureCache } from './cache/cache.ts';
import type { CachedVector, KeyedVector } from './cache/segment.ts';
import type { FeatureRequest } from './encode.ts';
import { type ExtractorOptions, FeatureExtractor } from './extractor.ts';
import type { Pooling } from './pooling.ts';

export interface FeatureOptions extends ExtractorOptions {
  /** Vectors of several stand behind one another. */
  readonly pooling: readonly Pooling[];
  /** Whether prompts have features of their own. */
  readonly prompts: boolean;
  /** null where nothing is to be kept or looked up. */
  readonly cache: CacheOptions | null;
}

/** The features of an item. */
export interface ItemFeatures {
  readonly responses: readonly Float32Array[];
  /** null where prompts have none. */
  readonly prompt: Float32Array | null;
}

export interface ComputeOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
  /** Called with how many of the items lost tokens to the length limit, where any did. */
  readonly onTruncated?: (items: number) => void;
}

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const promptDigest = (prompt: Prompt): Buffer => sha256(canonicalJson(prompt));

/** What a vector describes: by one pooling, the prompt, or the prompt with a response. */
const keyOf = (pooling: Pooling | '', prompt: Buffer, response: string | null): Buffer =>
  response === null ? sha256(`prompt ${pooling} `, prompt) : sha256(`response ${pooling} `, prompt, response);

const nameOf = (key: Buffer): string => key.toString('latin1');

/** Values of a vector: as many as the base's states have, for each pooling. */
export const featureSize = ({ model }: Base, { pooling }: Pick<FeatureOptions, 'pooling'>): number =>
  model.hiddenSize * pooling.length;

/** Names by content: equal prompts have one, and equal texts after equal prompts. */
export const contentNames = ({
  prompt,
  responses,
}: ScoreItem): { readonly prompt: string; readonly responses: readonly string[] } => {
  const digest = promptDigest(prompt);
  return {
    prompt: nameOf(keyOf('', digest, null)),
    responses: responses.map((response) => nameOf(keyOf('', digest, response))),
  };
};

/** Keys of an item's vectors, one for each pooling. */
interface ItemKeys {
  readonly prompt: readonly Buffer[] | null;
  readonly responses: readonly (readonly Buffer[])[];
}

/** What is to be computed by the same poolings. */
interface Group {
  readonly pooling: readonly Pooling[];
  readonly requests: (FeatureRequest & { readonly keys: ItemKeys })[];
}

const joined = (vectors: readonly Float32Array[]): Float32Array => {
  const whole = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    whole.set(vector, at);
    at += vector.length;
  }
  return whole;
};

/** What nobody has computed yet, each content once, by the poolings that it lacks. */
const missingIn = (
  items: readonly ScoreItem[],
  wanted: readonly ItemKeys[],
  pooling: readonly Pooling[],
  found: ReadonlyMap<string, CachedVector>,
): { readonly groups: readonly Group[]; readonly total: number } => {
  const asked = new Set<string>();
  const lacking = (keys: readonly Buffer[]): Pooling[] =>
    pooling.filter((_, i) => {
      const name = nameOf(keys[i]!);
      if (found.has(name) || asked.has(name)) return false;
      asked.add(name);
      return true;
    });
  const groups = new Map<string, Group>();
  items.forEach(({ prompt, responses }, i) => {
    const own = wanted[i]!;
    const ofPrompt = own.prompt ? lacking(own.prompt) : [];
    const ofResponses = own.responses.map(lacking);
    const sets = new Map([ofPrompt, ...ofResponses].map((set) => [set.join(), set]));
    for (const [name, set] of sets) {
      if (set.length === 0) continue;
      const group = groups.get(name) ?? { pooling: set, requests: [] };
      groups.set(name, group);
      const places = responses.flatMap((_, k) => (ofResponses[k]!.join() === name ? [k] : []));
      group.requests.push({
        prompt,
        responses: places.map((k) => responses[k]!),
        wantsPrompt: ofPrompt.join() === name,
        keys: { prompt: own.prompt, responses: places.map((k) => own.responses[k]!) },
      });
    }
  });
  return { groups: [...groups.values()], total: asked.size };
};

/** Gives features. The base is opened when something has to be computed. `close` ends its worker. */
export class FeatureSource {
  /** Vectors that the base has computed. */
  computed = 0;
  /** Values of a vector. */
  readonly size: number;
  private readonly base: Base;
  private readonly options: FeatureOptions;
  private cache: FeatureCache | null = null;
  private cacheOpening: Promise<FeatureCache | null> | null = null;
  private opening: Promise<FeatureExtractor> | null = null;

  constructor(base: Base, options: FeatureOptions) {
    this.base = base;
    this.options = options;
    this.size = featureSize(base, options);
  }

  /** Why features are no longer kept; null while they are, or where they never were. */
  get problem(): string | null {
    return this.cache?.problem ?? null;
  }

  /** Opens the base now and not at the first need. */
  async warm(): Promise<void> {
    await this.extractor();
  }

  /** The features of items, in their order. @throws engine.*, model.*, reward.not_finite; the signal's reason */
  async features(items: readonly ScoreItem[], options: ComputeOptions = {}): Promise<ItemFeatures[]> {
    const wanted = items.map(({ prompt, responses }): ItemKeys => {
      const digest = promptDigest(prompt);
      const keysOf = (response: string | null): Buffer[] =>
        this.options.pooling.map((one) => keyOf(one, digest, response));
      return {
        prompt: this.options.prompts ? keysOf(null) : null,
        responses: responses.map(keysOf),
      };
    });
    const keys = new Map(
      wanted.flatMap(({ prompt, responses }) =>
        [...(prompt ?? []), ...responses.flat()].map((key) => [nameOf(key), key] as const),
      ),
    );
    const cache = await this.openCache();
    const found = (await cache?.read(keys.values())) ?? new Map<string, CachedVector>();
    await this.compute(items, wanted, found, options);
    const cached = (key: Buffer): CachedVector => found.get(nameOf(key))!;
    const vector = (parts: readonly Buffer[]): Float32Array =>
      parts.length === 1 ? cached(parts[0]!).vector : joined(parts.map((key) => cached(key).vector));
    const cut = wanted.filter(({ responses }) => responses.flat().some((key) => cached(key).truncated));
    if (cut.length > 0) options.onTruncated?.(cut.length);
    return wanted.map(({ prompt, responses }) => ({
      responses: responses.map(vector),
      prompt: prompt && vector(prompt),
    }));
  }

  async close(): Promise<void> {
    await this.cache?.close();
    if (this.opening) await (await this.opening).close();
  }

  /** At the first need: what another source of the same space has kept until then is there. */
  private openCache(): Promise<FeatureCache | null> {
    this.cacheOpening ??= (async () => {
      const { base } = this;
      const { depth, frozen: precision, cache } = this.options;
      if (cache && cache.limit > 0)
        this.cache = await FeatureCache.open(
          {
            base: base.digest!,
            formatting: base.formatter.digest,
            depth,
            precision,
            size: base.model.hiddenSize,
          },
          cache,
        );
      return this.cache;
    })();
    return this.cacheOpening;
  }

  /** Adds to `found` what is missing there, and keeps it. */
  private async compute(
    items: readonly ScoreItem[],
    wanted: readonly ItemKeys[],
    found: Map<string, CachedVector>,
    { signal, onProgress }: ComputeOptions,
  ): Promise<void> {
    const { groups, total } = missingIn(items, wanted, this.options.pooling, found);
    if (total === 0) return;
    const extractor = await this.extractor();
    const began = performance.now();
    let done = 0;
    let tokens = 0;
    for (const { pooling, requests } of groups)
      await extractor.extract(requests, pooling, {
        ...(signal && { signal }),
        onBatch: async (features, batchTokens) => {
          const entries = features.map(({ request, target, pooling, vector, truncated }): KeyedVector => {
            if (!vector.every(Number.isFinite))
              throw plauditError('reward.not_finite', { activity: 'computing features' });
            const { keys } = requests[request]!;
            const own = target === 'prompt' ? keys.prompt! : keys.responses[target]!;
            return { key: own[this.options.pooling.indexOf(pooling)]!, vector, truncated };
          });
          for (const { key, ...cached } of entries) found.set(nameOf(key), cached);
          await this.cache?.append(entries);
          done += entries.length;
          tokens += batchTokens;
          this.computed += entries.length;
          const seconds = (performance.now() - began) / 1000;
          onProgress?.({
            phase: 'features',
            step: done,
            totalSteps: total,
            tokensPerSecond: tokens / seconds,
            secondsLeft: (seconds / done) * (total - done),
          });
        },
      });
  }

  private extractor(): Promise<FeatureExtractor> {
    this.opening ??= FeatureExtractor.open(this.base, this.options).catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }
}
