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
import type { OnText } from '../serving/policy-thread.ts';
import { answering, newIdOf, nowOf, type ServingServices } from '../serving/services.ts';
import { letOut, unitOfConversation, type Writer, writerFor, writeWith } from '../serving/written.ts';
import {
  type Chosen,
  type CompletionBody,
  chosen,
  completion,
  completionBody,
  type Head,
  refuseUnknown,
  samplingIn,
} from './openai-documents.ts';
import { type EventStream, eventStream } from './openai-stream.ts';
import { openAiError, restated, shimRoute } from './scoring.ts';

/** What OpenAI calls an error, where its clients look at that. */
const codes: Readonly<Record<string, string>> = {
  'serving.no_policy': 'model_not_found',
  'serving.unknown_model': 'model_not_found',
  'serving.too_long': 'context_length_exceeded',
  'serving.overloaded': 'rate_limit_exceeded',
  'request.too_many': 'rate_limit_exceeded',
  'access.unauthenticated': 'invalid_api_key',
};
const errorBody: Route['errorBody'] = ({ status, code, message }) =>
  openAiError({ status, message }, codes[code] ?? code);
const statuses = { 'serving.too_long': 400, 'serving.unsupported': 400 };

type Completing = Call<unknown, unknown, CompletionBody>;

/**
 * What may leave of what the policy writes. Text goes out as it is written where nothing is asked of it; a response of a bundle
 * with guardrails leaves when the whole of it has been judged, for half of it may say what the whole would not have been
 * allowed to, and a score is one of the whole.
 */
const complete = async (
  services: ServingServices,
  call: Completing,
  writer: Writer,
  unit: string,
  onText?: OnText,
): Promise<Chosen> => {
  const { body, store, signal } = call;
  const prompt = body.messages;
  const request = { unit, began: performance.now(), signal };
  const job = { prompt, samples: body.n ?? 1, sampling: samplingIn(body) };
  const live = writer.taken.arm.guard ? undefined : onText;
  const written = await writeWith(services, store.project.id, writer, job, request, live);
  const responses = written.responses.map(({ text }) => text);
  const withheld = await letOut(store, writer, { prompt, responses }, request);
  if (!live) for (const [i, text] of responses.entries()) if (!withheld[i] && text !== '') onText?.(i, text);
  return chosen(written, withheld);
};

/** Until there is some text an error is an answer with a status of its own; after that it is an event, as OpenAI's clients expect. */
const stream = async (events: EventStream, work: (onText: OnText) => Promise<Chosen>): Promise<void> => {
  try {
    events.finish(await work(events.text));
  } catch (error) {
    if (!events.begun()) throw error;
    const { code, status, message } =
      error instanceof PlauditError
        ? error
        : { code: 'server.internal', status: 500, message: 'The server failed.' };
    events.fail(errorBody({ code, status, message, cure: '' }));
  }
};

const answer = async (services: ServingServices, call: Completing) => {
  const { body, store, reply } = call;
  refuseUnknown(body);
  const unit = body.safety_identifier ?? body.user ?? unitOfConversation(body.messages);
  const writer = writerFor(services, store.project.id, body.model, unit);
  const { policy, taken } = writer;
  try {
    const head: Head = {
      id: `chatcmpl-${newIdOf(services).replaceAll('-', '')}`,
      created: Math.floor(nowOf(services).getTime() / 1000),
      model: body.model,
      system_fingerprint: `fp_${policy.digest.slice(0, 12)}`,
    };
    reply.header('plaudit-arm', taken.arm.name).header('plaudit-policy', policy.served.version);
    if (taken.arm.bundle !== null) reply.header('plaudit-bundle', taken.arm.bundle);
    const work = (onText?: OnText): Promise<Chosen> => complete(services, call, writer, unit, onText);
    if (body.stream) return await stream(eventStream(reply, head, body), work);
    return completion(head, await work());
  } finally {
    taken.end();
  }
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
      handler: (call) => restated(statuses, () => answering(call.reply, () => answer(services, call))),
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
