/** @file One call of a generator: who is read, who decodes, who makes room. Its schedule depends on tokens alone. */
import { plauditError } from '@plaudit/contract';
import type { AttentionCache, ParameterStore, Session, TensorValues } from '@plaudit/engine';
import {
  type Generated,
  type GenerationRequest,
  type Limits,
  Prompt,
  type Sample,
  type TokenEvent,
} from './batch.ts';
import { cachedFeeds, type NewTokens } from './cached-layout.ts';
import type { GenerationCounts } from './generator.ts';
import type { Distribution, Sampler } from './sampler.ts';

/** Positions by which the cache grows: each growth copies all of it, and attention runs over as many that are empty. */
const capacityStep = 64;
/** Places for tokens in one reading of prompts, which bounds what attention needs; a longer prompt is read in parts. */
const readingSize = 1024;
/** Share of the rows that must be free before new prompts are read, for a reading of one costs as much as a step of many. */
const refillShare = 1 / 4;

/** What a call runs on. */
interface Runtime {
  readonly session: Session;
  readonly cache: AttentionCache;
  readonly parameters: ParameterStore | null;
}

/** What a call asks for beside the choice of tokens. */
interface Asked {
  readonly decode: ((ids: readonly number[]) => string) | null;
  readonly stop: readonly string[];
  readonly onToken: ((event: TokenEvent) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

export class Generation {
  readonly counts: GenerationCounts = { prompt: 0, response: 0, steps: 0 };
  private readonly runtime: Runtime;
  private readonly sampler: Sampler;
  private readonly limits: Limits;
  private readonly asked: Asked;
  /** By row of the cache. */
  private readonly rows: (Sample | null)[];
  private readonly results: Generated[][] = [];
  /** Prompts that are read, with samples that no row has begun. */
  private open: Prompt[] = [];
  private unread: Prompt[] = [];

  constructor(runtime: Runtime, sampler: Sampler, limits: Limits, asked: Asked) {
    this.runtime = runtime;
    this.sampler = sampler;
    this.limits = limits;
    this.asked = asked;
    this.rows = Array.from({ length: runtime.cache.shape.rows }, () => null);
  }

  async run(requests: readonly GenerationRequest[]): Promise<Generated[][]> {
    this.unread = requests.map((request, index) => new Prompt(request, index));
    this.results.push(...requests.map(() => []));
    for (;;) {
      await this.admit();
      await this.compact();
      const rows = this.rows.filter((sample) => sample !== null);
      if (rows.length === 0) return this.results;
      await this.step(rows);
    }
  }

  private get free(): number[] {
    return this.rows.flatMap((sample, row) => (sample ? [] : [row]));
  }

  /** Fills free rows: first with samples of prompts that a row holds already, then with prompts that are still to be read. */
  private async admit(): Promise<void> {
    for (;;) {
      for (const prompt of [...this.open]) await this.branch(prompt);
      const { free } = this;
      if (this.unread.length === 0 || free.length < Math.max(1, this.rows.length * refillShare)) return;
      await this.read(free);
    }
  }

  /** Begins samples of a prompt in free rows, from a row that holds it. */
  private async branch(prompt: Prompt): Promise<void> {
    const from = this.rows.findIndex((sample) => sample?.prompt === prompt);
    const rows = this.free.slice(0, prompt.waiting);
    await this.copy(
      rows.map((row) => [from, row]),
      prompt.ids.length,
    );
    for (const row of rows) this.begin(prompt, row);
  }

  /** Begins the next sample of a prompt in a row that holds it, and another one for as long as they end at once. */
  private begin(prompt: Prompt, row: number): void {
    let ended = true;
    while (ended && prompt.waiting > 0) {
      const sample = prompt.next(this.asked.decode, this.asked.stop);
      this.rows[row] = sample;
      ended = this.choose(sample, prompt.first!, row);
    }
    this.open = this.open.filter((other) => other !== prompt);
    if (prompt.waiting > 0) this.open.push(prompt);
    else prompt.first = null;
  }

  /** Reads the next prompts, as many as there is room for in one reading, and begins their samples. */
  private async read(free: readonly number[]): Promise<void> {
    const prompts: Prompt[] = [];
    let [longest, rows] = [0, 0];
    for (const prompt of this.unread) {
      longest = Math.max(longest, prompt.ids.length);
      if (rows >= free.length || (prompts.length > 0 && longest * (prompts.length + 1) > readingSize)) break;
      prompts.push(prompt);
      rows += prompt.samples;
    }
    this.unread.splice(0, prompts.length);
    await this.reserve(1 + Math.max(...prompts.map(({ ids }) => ids.length)));
    const [first] = prompts as [Prompt];
    const places = prompts.map(({ ids }, i) => ({ row: free[i]!, ids, from: 0 }));
    if (prompts.length === 1) {
      let from = 0;
      for (; first.ids.length - from > readingSize; from += readingSize) {
        await this.compute([{ row: free[0]!, ids: first.ids.slice(from, from + readingSize), from }], false);
      }
      places[0] = { row: free[0]!, ids: first.ids.slice(from), from };
    }
    const distributions = await this.compute(places, true);
    this.counts.prompt += prompts.reduce((sum, { ids }) => sum + ids.length, 0);
    for (const [i, prompt] of prompts.entries()) {
      // A copy of its own, where it outlives this reading: a view would keep those of all prompts.
      const { values, ...rest } = distributions[i]!;
      prompt.first = { values: prompt.samples > 1 ? values.slice() : values, ...rest };
      this.begin(prompt, free[i]!);
    }
  }

  /** One token more for every row. The rows are the first of the cache. */
  private async step(samples: readonly Sample[]): Promise<void> {
    await this.reserve(Math.max(...samples.map(({ held }) => held + 1)));
    const distributions = await this.compute(
      samples.map((sample, row) => ({ row, ids: [sample.tokens.at(-1)!], from: sample.held })),
      true,
    );
    this.counts.steps++;
    this.counts.response += samples.length;
    for (const [row, sample] of samples.entries()) {
      const { prompt } = sample;
      if (this.choose(sample, distributions[row]!, row) && prompt.waiting > 0) this.begin(prompt, row);
    }
  }

  /** Chooses a sample's next token. @returns whether it was its last */
  private choose(sample: Sample, distribution: Distribution, row: number): boolean {
    if (!Number.isFinite(distribution.logSumExp)) {
      throw plauditError('engine.non_finite', {
        tensor: 'logits',
        step: sample.tokens.length,
        batch: sample.prompt.index,
      });
    }
    const event = sample.add(this.sampler.choose(distribution, sample.uniform(), sample.seen), this.limits);
    this.asked.onToken?.(event);
    if (!event.ended) return false;
    this.results[event.request]![event.sample] = sample.result();
    this.rows[row] = null;
    return true;
  }

  /** Moves the last rows into free ones before them, so that a step has no row that is free. */
  private async compact(): Promise<void> {
    let to = 0;
    for (let from = this.rows.length - 1; ; from--) {
      while (to < from && this.rows[to]) to++;
      if (to >= from) break;
      const sample = this.rows[from];
      if (!sample) continue;
      await this.copy([[from, to]], sample.held);
      this.rows[to] = sample;
      this.rows[from] = null;
    }
  }

  /** @returns Of each row the distribution after its last new token, where they are wanted */
  private async compute(
    places: readonly (NewTokens & { readonly row: number })[],
    wanted: boolean,
  ): Promise<Distribution[]> {
    const { session, cache, parameters } = this.runtime;
    const { sampler } = this;
    const writes = places.flatMap(({ row, ids, from }) => ids.flatMap((_, i) => [row, from + i]));
    let tokens = 0;
    const rows = places.map(({ ids }) => {
      tokens += ids.length;
      return BigInt(tokens - 1);
    });
    const fetch = ['logsumexp', 'scaled_logsumexp', sampler.reads];
    const outputs: TensorValues = await session.run(
      {
        ...cachedFeeds(places),
        'sample.rows': { dtype: 'int64', shape: [rows.length], data: BigInt64Array.from(rows) },
        temperature: { dtype: 'float32', shape: [1], data: Float32Array.of(sampler.temperature) },
      },
      {
        fetch: wanted ? fetch : [],
        transfer: true,
        ...(parameters ? { parameters } : {}),
        ...(this.asked.signal ? { signal: this.asked.signal } : {}),
        cache: {
          store: cache,
          first: places[0]!.row,
          count: places.length,
          empty: places.every(({ from }) => from === 0),
          writes: Int32Array.from(writes),
        },
      },
    );
    if (!wanted) return [];
    const [logSumExp, scaled, values] = fetch.map((name) => outputs[name]!.data as Float32Array) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const size = values.length / places.length;
    return places.map((_, i) => ({
      values: values.subarray(i * size, (i + 1) * size),
      logSumExp: logSumExp[i]!,
      scaledLogSumExp: scaled[i]!,
    }));
  }

  private reserve(positions: number): Promise<void> {
    return this.runtime.cache.reserve(Math.ceil(positions / capacityStep) * capacityStep);
  }

  private copy(pairs: readonly (readonly [number, number])[], positions: number): Promise<void> {
    return this.runtime.cache.copy(pairs, positions);
  }
}
