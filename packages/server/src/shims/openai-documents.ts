/** @file Chat completions in the shape of OpenAI's API: what they take, and what goes out in one piece or in many. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import type { GuardVerdict } from '../guardrails/index.ts';
import type { Sampling, Written } from '../serving/policy-protocol.ts';
import { mostSamples, samplingFields, samplingOf } from '../serving/rank-documents.ts';
import type { Withheld } from '../serving/written.ts';
import { chatMessages } from './scoring.ts';

export const completionBody = z.looseObject({
  model: z.string().min(1).max(200),
  messages: chatMessages,
  n: z.number().int().min(1).max(mostSamples).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  temperature: samplingFields.temperature.nullish(),
  top_p: samplingFields.top_p.nullish(),
  top_k: z.number().int().min(-1).nullish(),
  min_p: samplingFields.min_p.nullish(),
  repetition_penalty: samplingFields.repetition_penalty.nullish(),
  stop: z.union([z.string().min(1), z.array(z.string().min(1)).max(16)]).nullish(),
  seed: z.number().int().nullish(),
  user: z.string().max(512).nullish(),
  safety_identifier: z.string().max(512).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.boolean().nullish(),
  tools: z.array(z.unknown()).nullish(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
});
export type CompletionBody = z.output<typeof completionBody>;

/** Fields that would change the answer and are not known here. A field that changes nothing may come along. */
export const refuseUnknown = ({
  logprobs,
  tools,
  response_format,
  frequency_penalty,
  presence_penalty,
}: CompletionBody): void => {
  const refuse = (field: string): never => {
    throw plauditError('serving.unsupported', { field, problem: 'a policy writes text and nothing else' });
  };
  if (logprobs) refuse('logprobs');
  if (tools && tools.length > 0) refuse('tools');
  if (response_format && response_format.type !== 'text') refuse('response_format');
  if (frequency_penalty) refuse('frequency_penalty');
  if (presence_penalty) refuse('presence_penalty');
};

export const samplingIn = (body: CompletionBody): Sampling =>
  samplingOf({
    max_tokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    temperature: body.temperature ?? undefined,
    top_p: body.top_p ?? undefined,
    top_k: (body.top_k ?? 0) > 0 ? body.top_k! : undefined,
    min_p: body.min_p ?? undefined,
    repetition_penalty: body.repetition_penalty ?? undefined,
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? undefined),
    seed: body.seed == null ? undefined : Math.abs(body.seed),
  });

/** What all parts of an answer begin with. */
export interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly system_fingerprint: string;
}

/** Not of OpenAI's: what the guardrails say of a response that they keep back. Clients pass over what they do not know. */
interface GuardField {
  readonly action: GuardVerdict['action'];
  readonly reasons: GuardVerdict['reasons'];
  /** Of a held one: the review that decides. */
  readonly review?: string;
}

interface Choice {
  readonly index: number;
  readonly message: {
    readonly role: 'assistant';
    readonly content: string | null;
    readonly refusal: string | null;
  };
  readonly logprobs: null;
  readonly finish_reason: FinishReason;
  readonly guard?: GuardField;
}
type FinishReason = 'stop' | 'length' | 'content_filter';

interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** What was written and may leave, as choices. */
export interface Chosen {
  readonly choices: readonly Choice[];
  readonly usage: Usage;
}

/** @param withheld By response: null where it may leave */
export const chosen = (
  { promptTokens, responses }: Written,
  withheld: readonly (Withheld | null)[],
): Chosen => {
  const written = responses.reduce((sum, { tokens }) => sum + tokens, 0);
  return {
    choices: responses.map(({ text, ended }, index) => {
      const back = withheld[index] ?? null;
      return {
        index,
        message: { role: 'assistant', content: back ? null : text, refusal: back?.message ?? null },
        logprobs: null,
        finish_reason: back ? 'content_filter' : ended === 'length' ? 'length' : 'stop',
        ...(back && {
          guard: {
            ...{ action: back.verdict.action, reasons: back.verdict.reasons },
            ...(back.review !== undefined && { review: back.review }),
          },
        }),
      };
    }),
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: written,
      total_tokens: promptTokens + written,
    },
  };
};

export const completion = (head: Head, answer: Chosen) => ({
  ...head,
  object: 'chat.completion' as const,
  ...answer,
});

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
  readonly refusal?: string;
}

export const chunk = (
  head: Head,
  index: number,
  delta: Delta,
  reason: FinishReason | null = null,
  guard?: GuardField,
) => ({
  ...head,
  object: 'chat.completion.chunk' as const,
  choices: [{ index, delta, logprobs: null, finish_reason: reason, ...(guard && { guard }) }],
});

export const usageChunk = (head: Head, usage: Usage) => ({
  ...head,
  object: 'chat.completion.chunk' as const,
  choices: [],
  usage,
});
