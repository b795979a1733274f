/**
 * @file The policies behind OpenAI's API: /v1/chat/completions, in one piece or as a stream, and /v1/models.
 *
 * @see https://platform.openai.com/docs/api-reference/chat
 */
import { PlauditError } from '@plaudit/contract';
import { z } from 'zod';
import { readers } from '../http/roles.ts';
import { type Call, type Route, route } from '../http/route.ts';
import type { ServingPolicy } from '../serving/policy-service.ts';
import { answering, newIdOf, nowOf, type ServingServices } from '../serving/services.ts';
import {
  type CompletionBody,
  chunk,
  completion,
  completionBody,
  finishReason,
  type Head,
  refuseUnknown,
  samplingIn,
  usageChunk,
} from './openai-documents.ts';
import { openAiError, restated, shimRoute } from './scoring.ts';

/** What OpenAI calls an error, where its clients look at that. */
const codes: Readonly<Record<string, string>> = {
  'serving.no_policy': 'model_not_found',
  'serving.too_long': 'context_length_exceeded',
  'serving.overloaded': 'rate_limit_exceeded',
  'request.too_many': 'rate_limit_exceeded',
  'access.unauthenticated': 'invalid_api_key',
};
const errorBody: Route['errorBody'] = ({ status, code, message }) =>
  openAiError({ status, message }, codes[code] ?? code);
const statuses = { 'serving.too_long': 400, 'serving.unsupported': 400 };

type Completing = Call<unknown, unknown, CompletionBody>;

const written = (
  { policies }: ServingServices,
  { body, store, signal, reply }: Completing,
  onText?: (sample: number, text: string) => void,
) =>
  restated(statuses, () =>
    answering(reply, () => {
      refuseUnknown(body);
      const job = { prompt: body.messages, samples: body.n ?? 1, sampling: samplingIn(body) };
      return policies.write(store.project.id, body.model, job, { signal, ...(onText && { onText }) });
    }),
  );

/**
 * Sends text as it is written. Until there is some, an error is an answer with a status of its own; after that it is an event,
 * as OpenAI's clients expect.
 */
const stream = async (services: ServingServices, call: Completing, head: Head): Promise<void> => {
  const { reply, body } = call;
  const { raw } = reply;
  const samples = body.n ?? 1;
  const send = (event: unknown): void => {
    raw.write(`data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`);
  };
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    reply.hijack();
    raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      // A proxy that gathers the stream would defeat it.
      'x-accel-buffering': 'no',
    });
    for (let i = 0; i < samples; i++) send(chunk(head, i, { role: 'assistant', content: '' }));
  };
  try {
    const result = await written(services, call, (sample, text) => {
      begin();
      send(chunk(head, sample, { content: text }));
    });
    begin();
    for (const [i, response] of result.responses.entries()) send(chunk(head, i, {}, finishReason(response)));
    if (body.stream_options?.include_usage) send(usageChunk(head, result));
    send('[DONE]');
  } catch (error) {
    if (!begun) throw error;
    const { code, status, message } =
      error instanceof PlauditError
        ? error
        : { code: 'server.internal', status: 500, message: 'The server failed.' };
    send(errorBody({ code, status, message, cure: '' }));
  }
  raw.end();
};

const modelDocument = ({ name, since }: ServingPolicy) => ({
  id: name,
  object: 'model' as const,
  created: Math.floor(since.getTime() / 1000),
  owned_by: 'plaudit',
});

export const openAiRoutes = (services: ServingServices): readonly Route[] => {
  const { policies } = services;
  const common = { tag: 'Compatible with OpenAI', errorBody } as const;
  return [
    route({
      ...shimRoute,
      ...common,
      url: '/v1/chat/completions',
      summary: 'Lets a deployed policy answer a conversation, in one piece or as a stream.',
      operation: 'createChatCompletion',
      body: completionBody,
      handler: async (call) => {
        const { body, store } = call;
        const policy = policies.find(store.project.id, body.model);
        const head: Head = {
          id: `chatcmpl-${newIdOf(services).replaceAll('-', '')}`,
          created: Math.floor(nowOf(services).getTime() / 1000),
          model: body.model,
          system_fingerprint: `fp_${policy.digest.slice(0, 12)}`,
        };
        return body.stream ? stream(services, call, head) : completion(head, await written(services, call));
      },
    }),
    route({
      ...common,
      access: readers,
      method: 'GET',
      url: '/v1/models',
      summary: 'The policies that serve, as OpenAI lists models.',
      operation: 'listServingPolicies',
      handler: async ({ store }) => ({
        object: 'list',
        data: policies.deployed(store.project.id).map(modelDocument),
      }),
    }),
    route({
      ...common,
      access: readers,
      method: 'GET',
      url: '/v1/models/:model',
      summary: 'A policy that serves, as OpenAI shows a model.',
      operation: 'getServingPolicy',
      params: z.strictObject({ model: z.string() }),
      handler: async ({ store, params }) => modelDocument(policies.find(store.project.id, params.model)),
    }),
  ];
};
