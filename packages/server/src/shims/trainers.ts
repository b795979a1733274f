/**
 * @file What trainers of policies ask for rewards: OpenRLHF's remote reward model and LLaMA-Factory's reward API.
 *
 * Both clients try again after any status but 200, and both would train on whatever comes with it: a request with one response
 * that has no reward is an error as a whole.
 */
import { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import { mostItems } from '../serving/conversation.ts';
import type { ServedScore } from '../serving/protocol.ts';
import { newIdOf, type ServingServices } from '../serving/services.ts';
import { modelQuery, type ShimItem, scored, shimRoute } from './scoring.ts';
import { promptOfText, transcriptOf, withoutEnd } from './transcript.ts';

const textList = z
  .union([z.string().transform((text) => [text]), z.array(z.string())])
  .pipe(z.array(z.string()).min(1).max(mostItems));

/** `query` holds prompt and response together, as the policy wrote them, special tokens included. */
const openRlhfBody = z
  .looseObject({ query: textList, prompts: textList.nullish(), labels: z.unknown().optional() })
  .refine(
    ({ query, prompts }) => !prompts || prompts.length === query.length,
    'prompts has to be as long as query',
  );

/** As LLaMA-Factory's PPO sends them: texts that its template made. */
const llamaFactoryBody = z.looseObject({
  model: z.string().max(200).optional(),
  messages: z.array(z.string()).min(1).max(mostItems),
  max_length: z.number().int().positive().nullish(),
});

const itemOf = (query: string, prompt: string | undefined): ShimItem => {
  if (prompt !== undefined && prompt !== '' && query.startsWith(prompt))
    return { prompt: promptOfText(prompt), responses: [withoutEnd(query.slice(prompt.length))] };
  const transcript = transcriptOf(query);
  return { prompt: transcript.prompt, responses: [withoutEnd(transcript.response)] };
};

/** Columns of numbers that every response has. */
const logsOf = (scores: readonly ServedScore[]): Record<string, number[]> => {
  const names = Object.keys(scores[0]?.perObjective ?? {});
  return Object.fromEntries([
    ...names.map((name) => [name, scores.map(({ perObjective }) => perObjective[name]!)]),
    ...(scores.every(({ uncertainty }) => uncertainty !== null)
      ? [['uncertainty', scores.map(({ uncertainty }) => uncertainty!)]]
      : []),
  ]);
};

export const trainerRoutes = (services: ServingServices): readonly Route[] => [
  route({
    ...shimRoute,
    tag: 'Compatible with OpenRLHF',
    url: '/get_reward',
    summary:
      'OpenRLHF’s remote reward model: a reward for each query, by its prompt where prompts are given.',
    operation: 'openRlhfGetReward',
    query: modelQuery,
    body: openRlhfBody,
    errorBody: ({ message }) => ({ error: message }),
    handler: async (call) => {
      const { query, prompts } = call.body;
      const items = query.map((text, i) => itemOf(text, prompts?.[i]));
      const answer = await scored(services, call, call.query.model, items, { truncation: 'left' });
      const all = answer.scores.map(([one]) => one!);
      const rewards = all.map(({ reward }) => reward);
      return {
        rewards,
        // From 0 to 1 for OpenRLHF's dynamic filtering; its client itself takes the rewards where there are none.
        scores: all.every(({ calibrated }) => calibrated !== null)
          ? all.map(({ calibrated }) => calibrated)
          : rewards,
        extra_logs: logsOf(all),
      };
    },
  }),
  route({
    ...shimRoute,
    tag: 'Compatible with LLaMA-Factory',
    url: '/v1/score/evaluation',
    summary: 'LLaMA-Factory’s reward API, for its option reward_model_type: api.',
    operation: 'llamaFactoryScore',
    query: modelQuery,
    body: llamaFactoryBody,
    errorBody: ({ message }) => ({ detail: message }),
    handler: async (call) => {
      const { model, messages } = call.body;
      const { scoring } = services;
      // Its client always sends a name, and always the same one: only one that serves here means something.
      const named = scoring.deployed(call.store.project.id).some(({ name }) => name === model)
        ? model
        : call.query.model;
      const items = messages.map((text) => itemOf(text, undefined));
      const answer = await scored(services, call, named, items, { truncation: 'left' });
      return {
        id: `scoreeval-${newIdOf(services).replaceAll('-', '')}`,
        object: 'score.evaluation',
        model: answer.model,
        scores: answer.scores.map(([one]) => one!.reward),
      };
    },
  }),
];
