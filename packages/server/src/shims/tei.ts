/**
 * @file text-embeddings-inference's /predict and /rerank, under `/tei`, for its paths are those of other servers too.
 *
 * @see https://huggingface.github.io/text-embeddings-inference/
 */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import { mostResponses } from '../serving/conversation.ts';
import type { ServingServices } from '../serving/services.ts';
import { activated, modelQuery, type ShimAnswer, type ShimItem, scored, shimRoute } from './scoring.ts';
import { transcriptOf } from './transcript.ts';

/** What TEI's own server takes at once unless it is told otherwise. */
const mostInputs = 32;

const text = z.string();
const sequence = z.union([z.tuple([text]), z.tuple([text, text])]);
const truncating = {
  truncate: z.boolean().nullish(),
  truncation_direction: z
    .string()
    .transform((side) => side.toLowerCase())
    .pipe(z.enum(['left', 'right']))
    .default('right'),
  raw_scores: z.boolean().default(false),
};
const predictBody = z.looseObject({
  ...truncating,
  // A list of two texts is a pair; a batch is a list of lists.
  inputs: z.union([text, z.tuple([text, text]), z.array(sequence)]),
});
const rerankBody = z.looseObject({
  ...truncating,
  query: text,
  texts: z.array(text),
  return_text: z.boolean().default(false),
});

const errorTypes: readonly (readonly [RegExp, string])[] = [
  [/^serving\.(overloaded|closing)$|^request\.too_many$/, 'overloaded'],
  [/^serving\.too_long$/, 'tokenizer'],
  [/^serving\.empty$/, 'empty'],
  [/^(request|access|serving\.(unknown_model|model_unnamed|too_many|cut_unknown|unsupported))/, 'validation'],
  [/^serving\.(worker_lost|cancelled)$|^server\./, 'unhealthy'],
];
const errorBody: Route['errorBody'] = ({ code, message }) => ({
  error: message,
  error_type: errorTypes.find(([pattern]) => pattern.test(code))?.[1] ?? 'backend',
});

/** 424 is what TEI says of a model that fails. */
const statuses = {
  'serving.failed': 424,
  'reward.not_finite': 424,
  'serving.deadline': 424,
  'serving.closing': 503,
  'serving.too_many': 422,
};

/** Bodies are parsed here: what is wrong with one is status 422 in TEI, and 400 where it is empty. */
const parsedBody = <Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(
    `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'it has another form'}`.slice(0, 300),
  );
};

const invalid = (message: string): PlauditError =>
  new PlauditError(
    'request.invalid',
    { status: 422, exit: 'usage', message, cure: 'Change the request.' },
    {},
  );

const checkSize = (count: number, most: number): void => {
  if (count === 0) throw plauditError('serving.empty', { field: 'inputs' });
  if (count > most) throw invalid(`batch size ${count} > maximum allowed batch size ${most}`);
};

const truncationOf = ({
  truncate,
  truncation_direction,
}: z.output<typeof predictBody> | z.output<typeof rerankBody>) => (truncate ? truncation_direction : 'error');

/** One text that a chat template made, or a prompt with its response. */
const itemOf = ([first, second]: readonly [string] | readonly [string, string]): ShimItem => {
  if (second !== undefined) return { prompt: [{ role: 'user', content: first }], responses: [second] };
  const { prompt, response } = transcriptOf(first);
  return { prompt, responses: [response] };
};

/** What TEI says about a request in headers, as far as it is known here. */
const tellTimes = (reply: FastifyReply, answer: ShimAnswer, characters: number): void => {
  const whole = (milliseconds: number): string => Math.round(milliseconds).toString();
  reply
    .header('x-compute-type', 'cpu+plaudit')
    .header('x-compute-time', whole(answer.totalMilliseconds))
    .header('x-compute-characters', characters.toString())
    .header('x-compute-tokens', answer.tokens.toString())
    .header('x-total-time', whole(answer.totalMilliseconds))
    .header('x-queue-time', whole(answer.queueMilliseconds))
    .header('x-inference-time', whole(answer.milliseconds));
};

export const teiRoutes = (services: ServingServices): readonly Route[] => {
  const common = {
    ...shimRoute,
    tag: 'Compatible with TEI',
    errorBody,
    query: modelQuery,
    body: z.unknown(),
  };
  return [
    route({
      ...common,
      url: '/tei/predict',
      summary: 'TEI’s predict: the reward of a text, of a prompt and a response, or of a batch of these.',
      operation: 'teiPredict',
      handler: async (call) => {
        const body = parsedBody(predictBody, call.body);
        const { inputs } = body;
        const isBatch = Array.isArray(inputs) && (inputs.length === 0 || Array.isArray(inputs[0]));
        const all = (isBatch ? inputs : [typeof inputs === 'string' ? [inputs] : inputs]) as (
          | [string]
          | [string, string]
        )[];
        checkSize(all.length, mostInputs);
        const answer = await scored(services, call, call.query.model, all.map(itemOf), {
          truncation: truncationOf(body),
          statuses,
        });
        tellTimes(
          call.reply,
          answer,
          all.flat().reduce((sum, one) => sum + one.length, 0),
        );
        const predictions = answer.scores.map(([one]) => [
          { score: activated(one!, !body.raw_scores), label: 'LABEL_0' },
        ]);
        return isBatch ? predictions : predictions[0];
      },
    }),
    route({
      ...common,
      url: '/tei/rerank',
      summary: 'TEI’s rerank: texts by relevance to a query.',
      operation: 'teiRerank',
      handler: async (call) => {
        const body = parsedBody(rerankBody, call.body);
        if (body.texts.length === 0) throw plauditError('serving.empty', { field: 'texts' });
        checkSize(body.texts.length, mostResponses);
        const items = [{ prompt: [{ role: 'user' as const, content: body.query }], responses: body.texts }];
        const answer = await scored(services, call, call.query.model, items, {
          truncation: truncationOf(body),
          statuses,
        });
        tellTimes(
          call.reply,
          answer,
          body.texts.reduce((sum, one) => sum + one.length, body.query.length),
        );
        return answer.scores[0]!.map((one, index) => ({
          index,
          text: body.return_text ? body.texts[index]! : null,
          score: activated(one, !body.raw_scores),
        })).sort((a, b) => b.score - a.score || a.index - b.index);
      },
    }),
  ];
};
