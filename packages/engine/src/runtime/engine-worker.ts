/**
 * @file The life of a worker thread that computes: start, open sessions, create parameters, stop.
 *
 * `onnxruntime-node` runs a graph on the thread that asks for it and blocks it meanwhile, so no session ever lives on
 * the main thread.
 */
import { Worker } from 'node:worker_threads';
import { type PlauditError, plauditError } from '@plaudit/contract';
import type { AdamWOptions } from '../optim/adamw.ts';
import { AttentionCache } from './attention-cache.ts';
import { Channel } from './channel.ts';
import type { CompiledGraph } from './compiled-graph.ts';
import type { CacheShape } from './keys-and-values.ts';
import { holdExit, type NativeCallWords, nativeCallWords, shutNativeCalls } from './native-calls.ts';
import { ParameterStore } from './parameter-store.ts';
import type { EngineCalls, EngineWorkerOptions, SessionOptions } from './protocol.ts';
import type { ProviderName } from './providers.ts';
import { Session } from './session.ts';
import type { InitialParameters } from './trained-parameters.ts';

/**
 * One worker thread with its sessions, parameter stores and attention caches. Requests run one after the other; at most two are with
 * the worker, the rest wait here. The process ends when nothing is outstanding, whether the worker was stopped or not.
 *
 * @example
 * await using worker = await EngineWorker.start({ provider: 'cpu' });
 * const session = await worker.open(compile({ score }));
 * const { score } = await session.run({ tokens });
 */
export class EngineWorker {
  readonly provider: ProviderName;
  private readonly thread: Worker;
  private readonly channel: Channel<EngineCalls>;
  private readonly nativeCalls = nativeCallWords();
  private stopping: Promise<void> | undefined;

  private constructor(provider: ProviderName) {
    this.provider = provider;
    this.thread = startThread(this.nativeCalls);
    const releaseExit = holdExit(this.nativeCalls);
    this.channel = new Channel<EngineCalls>(this.thread);
    const died = (problem: string, cause?: unknown): PlauditError =>
      plauditError('engine.worker_died', { problem }, cause);
    this.thread.on('error', (error: Error) => this.channel.fail(died(error.message, error)));
    this.thread.on('messageerror', (error: Error) => this.channel.fail(died(error.message, error)));
    this.thread.on('exit', (code) => {
      releaseExit();
      this.channel.fail(died(`it exited with code ${code}`));
    });
  }

  /**
   * Starts a thread and tries the provider in it.
   *
   * @throws `engine.provider_absent` listing what this machine has; `engine.provider_unusable` when the provider is
   *   there but no device for it.
   */
  static async start(options: EngineWorkerOptions = {}): Promise<EngineWorker> {
    const provider = options.provider ?? 'cpu';
    const worker = new EngineWorker(provider);
    try {
      await worker.channel.call('start', { ...options, provider });
      return worker;
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  /**
   * Opens a graph. Its weights are mapped from their files or, with `prepack`, copied into a faster layout.
   *
   * @throws `engine.model_refused`, `engine.weights_missing`, `engine.weights_scattered`.
   */
  async open(graph: CompiledGraph, options: SessionOptions = {}): Promise<Session> {
    const model = graph.model.slice();
    const request = { model, externalData: graph.externalData, options };
    const id = await this.channel.call('open', request, { transfer: [model.buffer] });
    return new Session(this.channel, id, graph);
  }

  /**
   * Puts trainable values into the worker, which copies them. Gradients and moments take memory from the first
   * update on, so a store that is only read costs its values.
   *
   * @throws `engine.parameter` when a shape and its data disagree.
   */
  async createParameters(initial: InitialParameters, options: AdamWOptions = {}): Promise<ParameterStore> {
    const copy: Record<string, InitialParameters[string]> = {};
    const transfer: ArrayBuffer[] = [];
    for (const [name, parameter] of Object.entries(initial)) {
      const data = Float32Array.from(parameter.data);
      transfer.push(data.buffer);
      copy[name] = { ...parameter, data };
    }
    const id = await this.channel.call('create', { initial: copy, options }, { transfer });
    const shapes = new Map(Object.entries(initial).map(([name, { shape }]) => [name, [...shape]]));
    return new ParameterStore(this.channel, id, shapes);
  }

  /** Puts an attention cache into the worker, without room for any position yet. */
  async createCache(shape: CacheShape): Promise<AttentionCache> {
    return new AttentionCache(this.channel, await this.channel.call('createCache', shape), shape);
  }

  /** How many requests are with the worker, and how many wait for their turn. */
  get load(): { readonly posted: number; readonly waiting: number } {
    return this.channel.load;
  }

  /**
   * Ends the thread, in every case; further requests get `engine.closed`. Can be called again.
   *
   * @param options.drain True (the default) lets what was asked before end first. False rejects it; the thread then
   *   ends when the graph that is running has run, since ONNX Runtime cannot be interrupted.
   */
  stop(options: { readonly drain?: boolean } = {}): Promise<void> {
    const closed = plauditError('engine.closed', { what: 'engine worker' });
    if (options.drain === false) {
      shutNativeCalls(this.nativeCalls);
      this.channel.abandon(closed);
    } else this.channel.close(closed);
    this.stopping ??= this.channel.drained().then(async () => {
      await this.thread.terminate();
    });
    return this.stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Runs `worker.ts` from the sources, under the condition that finds the other packages' sources, or the built file. */
const startThread = (nativeCalls: NativeCallWords): Worker => {
  const fromSource = import.meta.url.endsWith('.ts');
  return new Worker(new URL(fromSource ? './worker.ts' : './worker.js', import.meta.url), {
    name: 'plaudit-engine',
    workerData: nativeCalls,
    ...(fromSource ? { execArgv: ['--conditions=source'] } : {}),
  });
};
