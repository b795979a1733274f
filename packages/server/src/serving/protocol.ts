/** @file What the HTTP side and the thread of a reward model say to each other. */
import { type ErrorParameters, PlauditError } from '@plaudit/contract';
import type { LoadOptions, ModelCard, Score, ScoreItem } from '@plaudit/reward';

/** What to do with a conversation that is longer than the model reads. */
export const truncations = ['error', 'left', 'right'] as const;
export type Truncation = (typeof truncations)[number];

/** A prompt with all of its responses, which are computed together. */
export interface WorkItem extends ScoreItem {
  readonly truncation: Truncation;
  /** Of one response: the conversation as the caller has it in tokens. It is scored if the model makes the same ones of it. */
  readonly tokenIds?: readonly number[];
}

export interface ServedScore extends Score {
  /** Of prompt and response together; null for a model that reads no tokens, or several kinds of them. */
  readonly tokens: number | null;
  /** Whether something was cut to make it fit; null where the model does not say which response it cut. */
  readonly truncated: boolean | null;
}

/** An error of the table as it crosses a thread. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
  readonly status: number;
  readonly parameters: ErrorParameters;
}

export type Outcome =
  | { readonly scores: readonly ServedScore[]; readonly error?: undefined }
  | { readonly scores?: undefined; readonly error: Failure };

export interface ThreadData {
  /** As people know it, such as `support@3`: for messages. */
  readonly version: string;
  /** Folder of the saved model. */
  readonly directory: string;
  readonly load: LoadOptions;
}

export type ToThread =
  | { readonly type: 'score'; readonly batch: number; readonly items: readonly WorkItem[] }
  | { readonly type: 'cancel'; readonly batch: number }
  | { readonly type: 'decode'; readonly batch: number; readonly ids: readonly (readonly number[])[] }
  | { readonly type: 'close' };

export type FromThread =
  | { readonly type: 'ready'; readonly card: ModelCard; readonly maxLength: number | null }
  | { readonly type: 'refused'; readonly error: Failure }
  | { readonly type: 'decoded'; readonly batch: number; readonly texts: readonly string[] }
  | { readonly type: 'undecoded'; readonly batch: number; readonly error: Failure }
  | {
      readonly type: 'scored';
      readonly batch: number;
      readonly outcomes: readonly Outcome[];
      readonly milliseconds: number;
    };

export const failureOf = ({ code, message, cure, status, parameters }: PlauditError): Failure => ({
  code,
  message,
  cure,
  status,
  parameters,
});

/** The error again, on the other side. */
export const errorOf = ({ code, message, cure, status, parameters }: Failure): PlauditError =>
  new PlauditError(code, { status, exit: 'run', message, cure }, parameters);
