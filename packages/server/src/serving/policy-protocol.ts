/** @file What the HTTP side and the thread of a policy say to each other. */
import type { Prompt } from '@plaudit/contract';
import type { Failure } from './protocol.ts';

export interface Sampling {
  /** Of a response, at most; a quarter of the model's length by default. */
  readonly maxNewTokens?: number;
  /** 1 by default; 0 always takes the likeliest token. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  /** Strings that end a response. */
  readonly stop?: readonly string[];
  readonly seed?: number;
}

export interface GenerationJob {
  readonly prompt: Prompt;
  /** Responses. */
  readonly samples: number;
  readonly sampling: Sampling;
}

export interface WrittenResponse {
  readonly text: string;
  readonly ended: 'end' | 'stop' | 'length';
  readonly tokens: number;
  /** Sum over its tokens, in nats, by the policy as it is. */
  readonly logProbability: number;
}

export interface Written {
  readonly responses: readonly WrittenResponse[];
  readonly promptTokens: number;
}

export interface PolicyThreadData {
  readonly version: string;
  /** What `plaudit policy generate --policy` takes. */
  readonly reference: string;
  readonly maxLength: number | undefined;
  readonly provider: string;
  readonly threads: number | undefined;
  readonly int8: boolean;
}

export type ToPolicy =
  | {
      readonly type: 'generate';
      readonly job: number;
      readonly asked: GenerationJob;
      readonly stream: boolean;
    }
  | { readonly type: 'cancel'; readonly job: number }
  | { readonly type: 'close' };

export type FromPolicy =
  | {
      readonly type: 'ready';
      readonly digest: string;
      readonly formattingDigest: string;
      readonly maxLength: number;
    }
  | { readonly type: 'refused'; readonly error: Failure }
  | { readonly type: 'text'; readonly job: number; readonly sample: number; readonly text: string }
  | { readonly type: 'written'; readonly job: number; readonly written: Written }
  | { readonly type: 'failed'; readonly job: number; readonly error: Failure };
