/** @file What POST /v1/rank and POST /v1/best-of-n take and give. */
import { z } from 'zod';
import { conversationFields, mostResponses, promptOf, promptText } from './conversation.ts';
import type { Sampling } from './policy-protocol.ts';
import { answerFields, responseScore, scoredItem, scoringFields } from './score-documents.ts';

const responses = conversationFields.responses.unwrap();

export const rankBody = z.strictObject({
  ...scoringFields,
  prompt: promptText,
  responses: responses.min(2),
  segments: conversationFields.segments,
  tie_tolerance: z.number().nonnegative().default(0).describe('Scores that differ by no more share a rank'),
});

export const rankedResponse = z.strictObject({
  ...responseScore.shape,
  rank: z.number().int().describe('From 1; ties share the better rank'),
  lead: z.number().nullable().describe('Over the next one, in the units of the score; null for the last one'),
  probability_over_next: z
    .number()
    .nullable()
    .describe(
      'Calibrated: that it would be preferred to the next one; null where the model is not calibrated on pairs',
    ),
});

const {
  index: _index,
  id: _id,
  object: _object,
  status: _status,
  scores: _scores,
  error: _error,
  ...scorer
} = scoredItem.shape;

export const rankAnswer = z.strictObject({
  ...answerFields,
  ...scorer,
  object: z.literal('ranking'),
  ranking: z.array(rankedResponse).describe('The best one first'),
});

export const samplingFields = {
  max_tokens: z.number().int().min(1).max(1_000_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.number().int().min(1).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().positive().max(10).optional(),
  stop: z.array(z.string().min(1).max(500)).max(16).optional(),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
};

export const samplingOf = (body: {
  readonly max_tokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly top_k?: number | undefined;
  readonly min_p?: number | undefined;
  readonly repetition_penalty?: number | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly seed?: number | undefined;
}): Sampling =>
  Object.fromEntries(
    Object.entries({
      maxNewTokens: body.max_tokens,
      temperature: body.temperature,
      topP: body.top_p,
      topK: body.top_k,
      minP: body.min_p,
      repetitionPenalty: body.repetition_penalty,
      stop: body.stop,
      seed: body.seed,
    }).filter(([, value]) => value !== undefined),
  );

/** Responses that a policy writes for one request, at most. */
export const mostSamples = 64;

export const bestOfNBody = z
  .strictObject({
    ...scoringFields,
    ...samplingFields,
    prompt: promptText,
    responses: responses
      .max(mostResponses)
      .optional()
      .describe('To choose from; absent: the policy writes n'),
    n: z
      .number()
      .int()
      .min(1)
      .max(mostSamples)
      .optional()
      .describe('Responses that the policy writes; 4 by default'),
    segments: conversationFields.segments,
  })
  .refine(
    ({ responses: given, n }) => !given || n === undefined,
    'give responses, or n of them to be written, and not both',
  )
  .transform(({ prompt, ...body }) => ({ ...body, prompt: promptOf(prompt) }));

const candidateFields = {
  ...rankedResponse.shape,
  ended: z
    .enum(['end', 'stop', 'length'])
    .optional()
    .describe('Of a written one: by itself, at a stop string, at the limit'),
  log_probability: z.number().optional().describe('Of a written one under the policy, in nats'),
};
const candidate = z.strictObject({
  ...candidateFields,
  response: z.string().nullable().describe('null for a written one that the guardrails keep back'),
  finish_reason: z.literal('content_filter').optional(),
  review: z.string().optional().describe('Of one that waits for a person: where that is decided'),
});

export const bestOfNAnswer = z.strictObject({
  ...answerFields,
  ...scorer,
  object: z.literal('best_of_n'),
  n: z.number().int(),
  policy_version: z.string().nullable().describe('null where the responses were given'),
  best: z
    .strictObject({ ...candidateFields, response: z.string() })
    .nullable()
    .describe('The best one that the guardrails let pass; null where they let none'),
  refusal: z.string().nullable().describe('What to show where there is no best one'),
  candidates: z.array(candidate).describe('All of them, the best one first'),
  kl_bound: z
    .number()
    .describe('How far the choice leads from the policy, at most: log n - (n - 1) / n nats'),
});
