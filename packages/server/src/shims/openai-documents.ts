/** @file Chat completions in the shape of OpenAI's API: what they take, and what goes out in one piece or in many. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import type { Sampling, Written, WrittenResponse } from '../serving/policy-protocol.ts';
import { mostSamples, samplingFields } from '../serving/rank-documents.ts';
import { samplingOf } from '../serving/routes.ts';
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

export const finishReason = ({ ended }: Pick<WrittenResponse, 'ended'>): 'stop' | 'length' =>
  ended === 'length' ? 'length' : 'stop';

const usageOf = ({ promptTokens, responses }: Written) => {
  const written = responses.reduce((sum, { tokens }) => sum + tokens, 0);
  return { prompt_tokens: promptTokens, completion_tokens: written, total_tokens: promptTokens + written };
};

export const completion = (head: Head, written: Written) => ({
  ...head,
  object: 'chat.completion' as const,
  choices: written.responses.map((response, index) => ({
    index,
    message: { role: 'assistant' as const, content: response.text, refusal: null },
    logprobs: null,
    finish_reason: finishReason(response),
  })),
  usage: usageOf(written),
});

interface Delta {
  readonly role?: 'assistant';
  readonly content?: string;
}

export const chunk = (head: Head, index: number, delta: Delta, reason: 'stop' | 'length' | null = null) => ({
  ...head,
  object: 'chat.completion.chunk' as const,
  choices: [{ index, delta, logprobs: null, finish_reason: reason }],
});

export const usageChunk = (head: Head, written: Written) => ({
  ...head,
  object: 'chat.completion.chunk' as const,
  choices: [],
  usage: usageOf(written),
});
