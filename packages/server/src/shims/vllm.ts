/**
 * @file vLLM's pooling endpoints: /pooling, /classify, /score and /rerank with its versions.
 *
 * As there, a model with one output is squashed by the logistic function unless `use_activation` (before: `activation`) is
 * false. `/v1/score` is Plaudit's own route; under `/vllm` all of them are vLLM's.
 *
 * @see https://docs.vllm.ai/en/latest/models/pooling_models.html
 */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { type Call, type Route, route } from '../http/route.ts';
import { mostItems, mostResponses } from '../serving/conversation.ts';
import { newIdOf, nowOf, type ServingServices } from '../serving/services.ts';
import { activated, chatMessages, decoded, type ShimItem, scored, shimRoute } from './scoring.ts';
import { transcriptOf } from './transcript.ts';

/** Of one text; no model here reads nearly as many. */
const mostTokens = 131_072;

const texts = z.union([z.string(), z.array(z.string()).min(1).max(mostItems)]);
/** One text in the tokens of the model. */
const tokens = z.array(z.number().int().nonnegative()).min(1).max(mostTokens);
const documents = z.union([z.string(), z.array(z.string()).min(1).max(mostResponses)]);
const listOf = (given: string | readonly string[]): readonly string[] =>
  typeof given === 'string' ? [given] : given;

const shared = {
  model: z.string().max(200).nullish(),
  use_activation: z.boolean().nullish(),
  activation: z.boolean().nullish(),
  truncate_prompt_tokens: z.number().int().nullish(),
  truncation_side: z.enum(['left', 'right']).nullish(),
  encoding_format: z.enum(['float', 'base64']).default('float'),
};
const poolingBody = z
  .looseObject({
    ...shared,
    task: z.string().nullish(),
    input: z.union([texts, tokens, z.array(tokens).min(1).max(mostItems)]).optional(),
    messages: chatMessages.optional(),
  })
  .refine(
    ({ input, messages }) => (input === undefined) !== (messages === undefined),
    'give input or messages',
  );
const scoreBody = z.looseObject({
  ...shared,
  queries: texts.optional(),
  documents: documents.optional(),
  text_1: texts.optional(),
  text_2: documents.optional(),
});
const rerankBody = z.looseObject({
  ...shared,
  query: z.string(),
  documents: z
    .array(z.union([z.string(), z.looseObject({ text: z.string() })]))
    .min(1)
    .max(mostResponses),
  top_n: z.number().int().nonnegative().default(0),
});

/** What vLLM calls an error, by its status. */
const errorTypes: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'UnauthorizedError',
  403: 'ForbiddenError',
  404: 'NotFoundError',
  429: 'TooManyRequestsError',
};
const errorBody: Route['errorBody'] = ({ status, message }) => ({
  error: {
    message,
    type: errorTypes[status] ?? (status < 500 ? 'BadRequestError' : 'InternalServerError'),
    param: null,
    code: status,
  },
});
/** vLLM has one status for whatever is wrong with a request. */
const statuses = {
  'serving.too_long': 400,
  'serving.model_unnamed': 400,
  'serving.unsupported': 400,
  'serving.cut_unknown': 400,
};

type PoolingInput = NonNullable<z.output<typeof poolingBody>['input']>;

/** Token ids of each text; null for texts. */
const idsOf = (input: PoolingInput): readonly (readonly number[])[] | null => {
  if (typeof input === 'string' || typeof input[0] === 'string') return null;
  return typeof input[0] === 'number' ? [input as number[]] : (input as number[][]);
};

/** Texts that a chat template made, as such or in tokens, or a conversation whose last message is the response. */
const itemsOf = async (
  services: ServingServices,
  call: Call<unknown, unknown, z.output<typeof poolingBody>>,
): Promise<readonly ShimItem[]> => {
  const { input, messages, model } = call.body;
  if (input !== undefined) {
    const ids = idsOf(input);
    const read = ids
      ? await decoded(services, call, model ?? undefined, ids, statuses)
      : listOf(input as string | string[]);
    return read.map((text, i) => {
      const { prompt, response } = transcriptOf(text);
      return { prompt, responses: [response], ...(ids && { tokenIds: ids[i]! }) };
    });
  }
  const last = messages!.at(-1)!;
  return messages!.length > 1
    ? [{ prompt: messages!.slice(0, -1), responses: [last.content] }]
    : [{ prompt: [{ role: 'user', content: '' }], responses: [last.content] }];
};

type Shared = Pick<
  z.output<typeof poolingBody>,
  'use_activation' | 'activation' | 'truncate_prompt_tokens' | 'truncation_side'
>;

const squashes = ({ use_activation, activation }: Shared): boolean => use_activation ?? activation ?? true;

/** A model's length is fixed with its formatting; that something may be cut at all is what the fields are read for. */
const truncationOf = ({ truncate_prompt_tokens, truncation_side }: Shared) =>
  truncate_prompt_tokens == null ? 'error' : (truncation_side ?? 'left');

const encoded = (value: number, format: 'float' | 'base64'): number[] | string =>
  format === 'float' ? [value] : Buffer.from(Float32Array.of(value).buffer).toString('base64');

const usageOf = (tokens: number) => ({
  prompt_tokens: tokens,
  total_tokens: tokens,
  completion_tokens: 0,
  prompt_tokens_details: null,
});

/** One query for all documents, or one for each. @throws PlauditError request.invalid */
const pairsOf = (queries: readonly string[], responses: readonly string[]): readonly ShimItem[] => {
  const promptOf = (query: string): ShimItem['prompt'] => [{ role: 'user', content: query }];
  if (queries.length === 1) return [{ prompt: promptOf(queries[0]!), responses }];
  if (queries.length !== responses.length)
    throw plauditError('request.invalid', {
      problem: `body.queries: ${queries.length} for ${responses.length} documents; there has to be one, or one for each`,
    });
  return queries.map((query, i) => ({ prompt: promptOf(query), responses: [responses[i]!] }));
};

/** @param mount `` for the root, where a route may be another one's already, or `/vllm` */
const vllmRoutesAt = (services: ServingServices, mount: '' | '/vllm'): readonly Route[] => {
  const stamp = (prefix: string) => ({
    id: `${prefix}-${newIdOf(services).replaceAll('-', '')}`,
    created: Math.floor(nowOf(services).getTime() / 1000),
  });
  const common = { ...shimRoute, tag: 'Compatible with vLLM', errorBody };
  const operation = (name: string): string => `vllm${mount === '' ? '' : 'Mounted'}${name}`;

  const rerank = (url: string, name: string): Route =>
    route({
      ...common,
      url: `${mount}${url}`,
      summary: 'vLLM’s rerank, in the shape of Jina and Cohere: documents by relevance to a query.',
      operation: operation(name),
      body: rerankBody,
      handler: async (call) => {
        const { body } = call;
        const given = body.documents.map((one) => (typeof one === 'string' ? one : one.text));
        const items = [{ prompt: [{ role: 'user' as const, content: body.query }], responses: given }];
        const answer = await scored(services, call, body.model ?? undefined, items, {
          truncation: truncationOf(body),
          statuses,
        });
        const results = answer.scores[0]!.map((score, index) => ({
          index,
          document: { text: given[index]! },
          relevance_score: activated(score, squashes(body)),
        })).sort((a, b) => b.relevance_score - a.relevance_score || a.index - b.index);
        return {
          id: stamp('rerank').id,
          model: answer.model,
          usage: { prompt_tokens: answer.tokens, total_tokens: answer.tokens },
          results: body.top_n === 0 ? results : results.slice(0, body.top_n),
        };
      },
    });

  const score = (url: string, name: string): Route =>
    route({
      ...common,
      url: `${mount}${url}`,
      summary: 'vLLM’s score: documents as responses to queries.',
      operation: operation(name),
      body: scoreBody,
      handler: async (call) => {
        const { body } = call;
        const queries = body.queries ?? body.text_1;
        const responses = body.documents ?? body.text_2;
        if (queries === undefined || responses === undefined)
          throw plauditError('request.invalid', { problem: 'body: queries and documents are needed' });
        const items = pairsOf(listOf(queries), listOf(responses));
        const answer = await scored(services, call, body.model ?? undefined, items, {
          truncation: truncationOf(body),
          statuses,
        });
        return {
          ...stamp('score'),
          object: 'list',
          model: answer.model,
          data: answer.scores
            .flat()
            .map((one, index) => ({ index, object: 'score', score: activated(one, squashes(body)) })),
          usage: usageOf(answer.tokens),
        };
      },
    });

  return [
    route({
      ...common,
      url: `${mount}/pooling`,
      summary: 'vLLM’s pooling: the reward of a conversation, or of texts that a chat template made.',
      operation: operation('Pooling'),
      body: poolingBody,
      handler: async (call) => {
        const { body } = call;
        if (body.task != null && !['classify', 'encode', 'score', 'reward'].includes(body.task))
          throw plauditError('request.invalid', {
            problem: 'body.task: a reward model has the task classify',
          });
        const answer = await scored(services, call, body.model ?? undefined, await itemsOf(services, call), {
          truncation: truncationOf(body),
          statuses,
        });
        return {
          ...stamp('pool'),
          object: 'list',
          model: answer.model,
          data: answer.scores.map(([one], index) => ({
            index,
            object: 'pooling',
            data: encoded(activated(one!, squashes(body)), body.encoding_format),
          })),
          usage: usageOf(answer.tokens),
        };
      },
    }),
    route({
      ...common,
      url: `${mount}/classify`,
      summary: 'vLLM’s classify: the reward as the one probability, or as it is with use_activation false.',
      operation: operation('Classify'),
      body: poolingBody,
      handler: async (call) => {
        const { body } = call;
        const answer = await scored(services, call, body.model ?? undefined, await itemsOf(services, call), {
          truncation: truncationOf(body),
          statuses,
        });
        return {
          ...stamp('classify'),
          object: 'list',
          model: answer.model,
          data: answer.scores.map(([one], index) => ({
            index,
            label: 'LABEL_0',
            probs: [activated(one!, squashes(body))],
            num_classes: 1,
          })),
          usage: usageOf(answer.tokens),
        };
      },
    }),
    score('/score', 'Score'),
    ...(mount === '' ? [] : [score('/v1/score', 'ScoreV1')]),
    rerank('/rerank', 'Rerank'),
    rerank('/v1/rerank', 'RerankV1'),
    rerank('/v2/rerank', 'RerankV2'),
  ];
};

export const vllmRoutes = (services: ServingServices): readonly Route[] => [
  ...vllmRoutesAt(services, ''),
  ...vllmRoutesAt(services, '/vllm'),
];
