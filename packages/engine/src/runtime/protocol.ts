/** @file What the main thread and the worker say to each other. */
import type { AdamWOptions } from '../optim/adamw.ts';
import type { ExternalFile } from './compiled-graph.ts';
import type { CacheShape, CacheUse } from './keys-and-values.ts';
import type { ProviderName } from './providers.ts';
import type { TensorValues } from './tensor.ts';
import type {
  ApplyOptions,
  ApplyResult,
  InitialParameters,
  ParameterSnapshot,
  StepContext,
} from './trained-parameters.ts';

type ProviderOptions = Readonly<Record<string, string | number | boolean>>;

export interface EngineWorkerOptions {
  /** 'cpu' by default. */
  readonly provider?: ProviderName;
  /** Threads within one operator on the CPU; by default one for each core. The same number gives the same bits. */
  readonly threads?: number;
  /** Options of the provider itself, such as `deviceId` for cuda. */
  readonly providerOptions?: ProviderOptions;
}

export interface SessionOptions {
  /**
   * Rearrange weights once for faster products, at the cost of a copy in memory; true by default. Without it a
   * checkpoint stays mapped from its file and opens in milliseconds.
   */
  readonly prepack?: boolean;
  /** How far ONNX Runtime rewrites the graph; 'all' by default. */
  readonly optimisation?: 'all' | 'extended' | 'basic' | 'none';
  /** Path and prefix of the profile that is written when the session closes. */
  readonly profile?: string;
}

/** A session, a parameter store, or an attention cache of the worker. */
type Id = number;

interface RunRequest {
  readonly session: Id;
  readonly feeds: TensorValues;
  readonly fetch: readonly string[];
}

export type EngineCalls = {
  start: { request: EngineWorkerOptions; response: null };
  open: {
    request: { model: Uint8Array; externalData: readonly ExternalFile[]; options: SessionOptions };
    response: Id;
  };
  run: {
    request: RunRequest & {
      readonly parameters: Id | null;
      readonly cache: (CacheUse & { readonly id: Id }) | null;
    };
    response: TensorValues;
  };
  /** `gradients` names the outputs that stay in the worker. */
  accumulate: {
    request: RunRequest & { parameters: Id; gradients: readonly string[]; context: StepContext };
    response: TensorValues;
  };
  close: { request: Id; response: null };
  create: { request: { initial: InitialParameters; options: AdamWOptions }; response: Id };
  apply: { request: { parameters: Id; options: ApplyOptions }; response: ApplyResult };
  clear: { request: Id; response: null };
  snapshot: { request: { parameters: Id; moments: boolean }; response: ParameterSnapshot };
  restore: { request: { parameters: Id; snapshot: ParameterSnapshot }; response: null };
  createCache: { request: CacheShape; response: Id };
  reserve: { request: { cache: Id; capacity: number }; response: null };
  copy: { request: { cache: Id; pairs: Int32Array; positions: number }; response: null };
  forget: { request: Id; response: null };
};
