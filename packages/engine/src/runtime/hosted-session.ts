/** @file An ONNX Runtime session inside the worker. */

import { workerData } from 'node:worker_threads';
import { PlauditError, plauditError } from '@plaudit/contract';
import * as ort from 'onnxruntime-node';
import type { CompiledGraph } from './compiled-graph.ts';
import { locateExternalData } from './external-data.ts';
import { type NativeCallWords, nativeCall } from './native-calls.ts';
import type { EngineWorkerOptions, SessionOptions } from './protocol.ts';
import type { TensorValue, TensorValues } from './tensor.ts';

// What fails is thrown; without this it is printed on stderr as well.
ort.env.logLevel = 'fatal';

// The binding does not know Float16Array, which Node 24 has: without it float16 values are Uint16Arrays of their bits.
Reflect.deleteProperty(globalThis, 'Float16Array');

const guarded = <T>(call: () => Promise<T>): Promise<T> => nativeCall(workerData as NativeCallWords, call);

/** A float32 input that stays in the worker, where it is. */
export interface HeldTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Float32Array;
}

export class HostedSession {
  private readonly session: ort.InferenceSession;
  private readonly profiled: boolean;

  private constructor(session: ort.InferenceSession, profiled: boolean) {
    this.session = session;
    this.profiled = profiled;
  }

  /** @throws `engine.model_refused`, `engine.weights_missing`, `engine.weights_scattered`. */
  static async open(
    graph: Pick<CompiledGraph, 'model' | 'externalData'>,
    { provider = 'cpu', threads, providerOptions }: EngineWorkerOptions,
    { prepack = true, optimisation = 'all', profile }: SessionOptions = {},
  ): Promise<HostedSession> {
    const { model, folder } = locateExternalData(graph.model, graph.externalData);
    const options: ort.InferenceSession.SessionOptions = {
      executionProviders: [{ ...providerOptions, name: provider }],
      graphOptimizationLevel: optimisation === 'none' ? 'disabled' : optimisation,
      executionMode: 'sequential',
      // Shapes change with every batch, so a plan is hardly ever used twice. Without plans `bench engine` peaked at
      // 2.4 GiB where it had peaked at 4.1; no effect on speed is shown.
      enableMemPattern: false,
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
      extra: {
        session: {
          // A masked score's e^x is a subnormal number, on which this processor's arithmetic is many times slower: softmax
          // over a causal block took 1.2 ms instead of 7.5 once they counted as zero.
          set_denormal_as_zero: '1',
          disable_prepacking: prepack ? '0' : '1',
          ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
        },
      },
    };
    try {
      return new HostedSession(
        await guarded(() => ort.InferenceSession.create(model, options)),
        profile !== undefined,
      );
    } catch (error) {
      if (error instanceof PlauditError) throw error;
      throw plauditError('engine.model_refused', { problem: problemOf(error) }, error);
    }
  }

  /** @param held What the worker holds; of it the graph is fed what it declares. @throws `engine.run_failed`. */
  async run(
    feeds: TensorValues,
    fetch: readonly string[],
    ...held: readonly Iterable<HeldTensor>[]
  ): Promise<Record<string, TensorValue>> {
    const inputs: Record<string, ort.Tensor> = {};
    for (const [name, { dtype, shape, data }] of Object.entries(feeds)) {
      inputs[name] = new ort.Tensor(dtype as 'float32', data as Float32Array, shape);
    }
    const declared = new Set(this.session.inputNames);
    for (const tensors of held) {
      for (const { name, shape, value } of tensors) {
        if (declared.has(name)) inputs[name] = new ort.Tensor('float32', value, shape);
      }
    }
    let results: ort.InferenceSession.OnnxValueMapType;
    try {
      results = await guarded(() => this.session.run(inputs, fetch));
    } catch (error) {
      if (error instanceof PlauditError) throw error;
      throw plauditError('engine.run_failed', { problem: problemOf(error) }, error);
    }
    return Object.fromEntries(fetch.map((name) => [name, fromOrt(results[name] as ort.Tensor)]));
  }

  async close(): Promise<void> {
    if (this.profiled) this.session.endProfiling();
    await guarded(() => this.session.release());
  }
}

const fromOrt = ({ type, dims, data }: ort.Tensor): TensorValue =>
  ({ dtype: type, shape: dims, data }) as TensorValue;

/** ONNX Runtime's own words, without the place in its sources and the condition that did not hold. */
const problemOf = (error: unknown): string =>
  (error as Error).message.replace(/^.* was false\. /s, '').trim();
