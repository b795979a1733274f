/**
 * @file SGLang's /classify and /v1/embeddings of a reward model, under `/sglang`. Rewards are raw, as there.
 *
 * @see https://docs.sglang.io/basic_usage/native_api.html
 */
import { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import { mostItems } from '../serving/conversation.ts';
import { newIdOf, type ServingServices } from '../serving/services.ts';
import { type ShimItem, scored, shimRoute } from './scoring.ts';
import { transcriptOf } from './transcript.ts';

const texts = z.union([z.string(), z.array(z.string()).min(1).max(mostItems)]);
const model = z.string().max(200).nullish();
const classifyBody = z.looseObject({ model, text: texts });
const embeddingsBody = z.looseObject({ model, input: texts });

const errorBody: Route['errorBody'] = ({ status, message }) => ({
  error: {
    message,
    type: status < 500 ? 'BadRequestError' : 'InternalServerError',
    param: null,
    code: status,
  },
});
const statuses = { 'serving.too_long': 400, 'serving.model_unnamed': 400 };

const itemsOf = (given: string | readonly string[]): readonly ShimItem[] =>
  (typeof given === 'string' ? [given] : given).map((text) => {
    const { prompt, response } = transcriptOf(text);
    return { prompt, responses: [response] };
  });

export const sglangRoutes = (services: ServingServices): readonly Route[] => {
  const common = { ...shimRoute, tag: 'Compatible with SGLang', errorBody };
  return [
    route({
      ...common,
      url: '/sglang/classify',
      summary:
        'SGLang’s classify: the reward of texts that a chat template made, as embeddings of one number.',
      operation: 'sglangClassify',
      body: classifyBody,
      handler: async (call) => {
        const { body } = call;
        const answer = await scored(services, call, body.model ?? undefined, itemsOf(body.text), {
          statuses,
        });
        const all = answer.scores.map(([one]) => ({
          embedding: [one!.reward],
          meta_info: {
            id: newIdOf(services).replaceAll('-', ''),
            finish_reason: { type: 'length', length: 0 },
            prompt_tokens: one!.tokens ?? 0,
            weight_version: answer.version,
            e2e_latency: answer.totalMilliseconds / 1000,
          },
        }));
        return typeof body.text === 'string' ? all[0] : all;
      },
    }),
    route({
      ...common,
      url: '/sglang/v1/embeddings',
      summary: 'SGLang’s embeddings of a reward model: one number for each text.',
      operation: 'sglangEmbeddings',
      body: embeddingsBody,
      handler: async (call) => {
        const { body } = call;
        const answer = await scored(services, call, body.model ?? undefined, itemsOf(body.input), {
          statuses,
        });
        return {
          object: 'list',
          data: answer.scores.map(([one], index) => ({
            object: 'embedding',
            embedding: [one!.reward],
            index,
          })),
          model: answer.model,
          usage: { prompt_tokens: answer.tokens, total_tokens: answer.tokens },
        };
      },
    }),
  ];
};
