/** @file What POST /v1/score takes and gives. */
import { z } from 'zod';
import {
  type Conversation,
  conversationFields,
  conversationItem,
  conversationOf,
  mostItems,
} from './conversation.ts';
import { armNames } from './deployment.ts';
import { modes } from './escalation.ts';
import { truncations } from './protocol.ts';

/** What a request says beside its items. */
export const scoringFields = {
  model: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('Name of a deployment; may be left out where there is only one'),
  mode: z
    .enum(modes)
    .default('thorough')
    .describe(
      'fast: the proxy model; thorough: the full one; auto: the full one where the proxy is unsure and there is time',
    ),
  latency_budget_ms: z
    .number()
    .positive()
    .max(600_000)
    .optional()
    .describe('What has no score by then has the status error'),
  truncation: z
    .enum(truncations)
    .default('error')
    .describe(
      'What to do with what is too long: refuse it, cut the beginning of the prompt, or cut the end of the response',
    ),
  user: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('Stays in one arm of a canary; the prompt decides where it is absent'),
};

const scoreFields = z.strictObject({
  ...scoringFields,
  ...conversationFields,
  items: z
    .array(conversationItem)
    .min(1)
    .max(mostItems)
    .optional()
    .describe('Several prompts; or one, as fields of the body'),
});

/** A body with items, or with the fields of one. */
export const scoreBody = scoreFields.transform(({ items, ...body }, context) => {
  const { model, mode, latency_budget_ms, truncation, user, ...own } = body;
  const request = { model, mode, latency_budget_ms, truncation, user };
  const fault = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  const isOne = Object.values(own).some((value) => value !== undefined);
  if (items)
    return isOne ? fault('give items, or a prompt with responses, and not both') : { ...request, items };
  const one = conversationOf(own);
  return typeof one === 'string' ? fault(one) : { ...request, items: [one] as Conversation[] };
});

const number = z.number();

/** What a model says of a response. */
const scorePart: z.ZodType<unknown> = z.looseObject({
  name: z.string(),
  value: number,
  contribution: number,
});
export const guardDocument = z.strictObject({
  action: z.enum(['allow', 'review', 'block']),
  reasons: z
    .array(z.strictObject({ reason: z.string(), action: z.enum(['mark', 'review', 'block']) }))
    .describe('Names of rules, domains and objectives, never the text that they found'),
});
export const responseScore = z.strictObject({
  index: z.number().int().describe('Of the response'),
  score: number.describe('The raw logit. Only differences between responses to one prompt have a meaning.'),
  normalised: number.describe(
    'In standard deviations of the rewards of the training responses, from their mean',
  ),
  probability: number
    .nullable()
    .describe(
      'Calibrated: that it would be preferred to a response of average reward or, after labels, that it is desirable',
    ),
  uncertainty: number
    .nullable()
    .describe('Standard deviation of the score, where the kind of model knows it'),
  objectives: z.record(z.string(), number),
  steps: z.array(number).optional(),
  parts: z.array(scorePart).optional(),
  violations: z.array(z.string()).optional(),
  tokens: z.number().int().nullable().describe('Of prompt and response'),
  truncated: z.boolean().nullable(),
  guard: guardDocument
    .optional()
    .describe('What the guardrails of the bundle say of the response; absent where it has none'),
});

export const itemError = z.strictObject({ code: z.string(), message: z.string(), cure: z.string() });

export const scoredItem = z.strictObject({
  index: z.number().int().describe('Of the item'),
  id: z.string().optional(),
  object: z.literal('reward'),
  status: z.enum(['ok', 'error']),
  model_version: z.string(),
  kind: z.string(),
  formatting_digest: z.string().nullable().describe('Of all that turns a conversation into tokens'),
  mode: z.enum(['fast', 'thorough']),
  escalation: z
    .enum(['sure', 'unsure', 'no_time', 'no_room', 'failed', 'no_proxy'])
    .optional()
    .describe('In mode auto: why this model scored it'),
  cached: z.boolean(),
  scores: z
    .array(responseScore)
    .nullable()
    .describe('In the order of the responses; null, and never 0, for an error'),
  error: itemError.optional(),
});

export const answerFields = {
  id: z.string(),
  created: z.number().int().describe('Seconds since 1970'),
  model: z.string(),
  revision: z.number().int().nullable().describe('Of the deployment'),
  arm: z.enum(armNames),
  bundle: z.string().nullable(),
  activation: z.literal('none').describe('No function was applied to a score'),
  score_space: z.literal('within_prompt').describe('Scores of different prompts cannot be compared'),
  usage: z.strictObject({
    prompt_tokens: z.number().int().nullable(),
    total_tokens: z.number().int().nullable().describe('The prompt counts once for each response'),
    responses: z.number().int(),
    cached_responses: z.number().int(),
  }),
  timing: z.strictObject({
    total_ms: number,
    queue_ms: number.describe('The longest wait of an item'),
    inference_ms: number.describe('The longest batch'),
    batch_size: z.number().int().describe('Responses of the largest batch that an item was in'),
  }),
};

export const scoreAnswer = z.strictObject({
  ...answerFields,
  object: z.literal('list'),
  data: z.array(scoredItem),
});
