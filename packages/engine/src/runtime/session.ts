/** @file A compiled graph that is open in a worker, as the main thread sees it. */
import { plauditError } from '@plaudit/contract';
import type { AttentionCache } from './attention-cache.ts';
import type { Channel } from './channel.ts';
import { type CompiledGraph, checkFeeds, checkFetch, gradientPrefix } from './compiled-graph.ts';
import type { CacheUse } from './keys-and-values.ts';
import type { ParameterStore } from './parameter-store.ts';
import type { EngineCalls } from './protocol.ts';
import { detached, type TensorValues } from './tensor.ts';
import type { StepContext } from './trained-parameters.ts';

export interface RunOptions {
  /** Names of the outputs to return: returning costs a copy, about 0.75 ms a megabyte. All by default. */
  readonly fetch?: readonly string[];
  /** Gives the feeds' buffers away instead of copying them; the caller's arrays are empty afterwards. */
  readonly transfer?: boolean;
  /** Withdraws the run while it waits. A run that has begun ends first, then its result is dropped. */
  readonly signal?: AbortSignal;
}

/** What a run reads from an attention cache and adds to it. */
export interface CachedRun extends CacheUse {
  readonly store: AttentionCache;
}

/** Made by `EngineWorker.open`. */
export class Session {
  readonly graph: CompiledGraph;
  private readonly channel: Channel<EngineCalls>;
  private readonly id: number;
  private closed = false;

  constructor(channel: Channel<EngineCalls>, id: number, graph: CompiledGraph) {
    this.channel = channel;
    this.id = id;
    this.graph = graph;
  }

  /**
   * Runs the graph once.
   *
   * @param feeds Every input that the graph declares, except those that `parameters` and `cache` hold
   * @param options.cache The rows that the graph reads, and where its new keys and values are written; they are no
   *   outputs of the run
   * @returns The fetched outputs by name
   * @throws `engine.feed` naming the input, `engine.output_unknown`, before anything runs; `engine.run_failed`,
   *   `engine.cancelled`, `engine.worker_died`, `engine.closed`.
   * @example const { score } = await session.run({ tokens: { dtype: 'int64', shape: [1, 5], data } });
   */
  async run(
    feeds: TensorValues,
    options: RunOptions & { readonly parameters?: ParameterStore; readonly cache?: CachedRun } = {},
  ): Promise<TensorValues> {
    const { parameters, cache, transfer = false, signal } = options;
    const kept = new Set(cache ? cache.store.outputs : []);
    const names = this.graph.outputs.map(({ name }) => name).filter((name) => !kept.has(name));
    const fetch = [...new Set(options.fetch ?? names)];
    this.check(feeds, [...fetch, ...kept], parameters?.shapes, cache?.store.shapes(cache));
    const sent = detached(feeds, transfer);
    return this.channel.call(
      'run',
      {
        session: this.id,
        feeds: sent.values,
        fetch,
        parameters: parameters ? parameters.idFor(this.channel) : null,
        cache: cache ? useOf(cache, this.channel) : null,
      },
      { transfer: sent.transfer, signal },
    );
  }

  /**
   * Runs a training graph once and adds its `gradient:NAME` outputs to the accumulators of the store, where they
   * stay. Nothing is added when this throws, cancelled runs included.
   *
   * @param options.fetch Other outputs to return; all of them by default
   * @param options.context Where the run is, for the error; the store counts by itself otherwise
   * @throws What `run` throws, and `engine.non_finite` naming the first fetched output or gradient that has a value
   *   that is not finite.
   * @example
   * const { loss } = await session.accumulate(batch, { parameters });
   * await parameters.apply({ learningRate: 1e-4, maxGradientNorm: 1 });
   */
  async accumulate(
    feeds: TensorValues,
    options: RunOptions & { readonly parameters: ParameterStore; readonly context?: StepContext },
  ): Promise<TensorValues> {
    const { parameters, transfer = false, signal, context = {} } = options;
    const names = this.graph.outputs.map(({ name }) => name);
    const gradients = names.filter((name) => name.startsWith(gradientPrefix));
    const fetch = options.fetch ?? names.filter((name) => !name.startsWith(gradientPrefix));
    this.check(feeds, fetch, parameters.shapes);
    const sent = detached(feeds, transfer);
    return this.channel.call(
      'accumulate',
      {
        session: this.id,
        feeds: sent.values,
        fetch,
        gradients,
        context,
        parameters: parameters.idFor(this.channel),
      },
      { transfer: sent.transfer, signal },
    );
  }

  /** Frees the session, after what it was asked before; writes the profile, if one was asked for. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.channel.call('close', this.id);
  }

  private check(
    feeds: TensorValues,
    fetch: readonly string[],
    ...shapes: readonly (ReadonlyMap<string, readonly number[]> | undefined)[]
  ): void {
    if (this.closed) throw plauditError('engine.closed', { what: 'session' });
    const declared = new Set(this.graph.inputs.map(({ name }) => name));
    const known = shapes.flatMap((map) => [...(map ?? [])]);
    const held = new Map(known.filter(([name]) => declared.has(name)));
    checkFeeds(this.graph.inputs, feeds, held);
    checkFetch(this.graph.outputs, fetch);
  }
}

const useOf = (
  { store, first, count, empty, writes }: CachedRun,
  channel: Channel<EngineCalls>,
): CacheUse & { readonly id: number } => ({ id: store.idFor(channel), first, count, empty, writes });
