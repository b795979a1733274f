/** @file The routes of serving: scores, rankings, the best of n, and what serves. */
import type { Prompt } from '@plaudit/contract';
import { z } from 'zod';
import { readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { answerDocument, itemDocument, scoresDocument, workItem } from './answer.ts';
import { promptOf, servingBodyLimit } from './conversation.ts';
import { armNames, type Deployment } from './deployment.ts';
import type { Sampling, WrittenResponse } from './policy-protocol.ts';
import { ranked } from './rank.ts';
import { bestOfNAnswer, bestOfNBody, rankAnswer, rankBody } from './rank-documents.ts';
import { scoreAnswer, scoreBody } from './score-documents.ts';
import type { ItemAnswer, ScoringAnswer } from './scoring-service.ts';
import { answering, newIdOf, nowOf, type ServingServices } from './services.ts';

const tag = 'Serving';
/** Models set the pace of these, by their queues. */
const common = {
  tag,
  access: readers,
  bodyLimit: servingBodyLimit,
  perMinute: Number.POSITIVE_INFINITY,
} as const;

interface Asked {
  readonly model?: string | undefined;
  readonly mode: 'fast' | 'thorough' | 'auto';
  readonly latency_budget_ms?: number | undefined;
  readonly user?: string | undefined;
}

const requestOf = (
  { model, mode, latency_budget_ms, user }: Asked,
  signal: AbortSignal,
  items: Parameters<ServingServices['scoring']['score']>[1]['items'],
) => ({ model, mode, latencyBudget: latency_budget_ms, unit: user, signal, items });

/** The one item of an answer. @throws its error */
const onlyItem = ({ items }: ScoringAnswer): ItemAnswer & { readonly error?: undefined } => {
  const [item] = items;
  if (item!.error) throw item!.error;
  return item!;
};

/** What an item's document says of the model, without the item. */
const scorerOf = (item: ItemAnswer) => {
  const { model_version, kind, formatting_digest, mode, escalation, cached } = itemDocument(
    item,
    0,
    undefined,
  );
  return { model_version, kind, formatting_digest, mode, ...(escalation && { escalation }), cached };
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

const servedModel = z.strictObject({
  version: z.string(),
  kind: z.string(),
  formatting_digest: z.string().nullable(),
  max_length: z.number().int().nullable(),
  objectives: z.array(z.string()),
  calibrated: z.boolean(),
  waiting: z.number().int().describe('Responses in its queue or being computed'),
});
const deployedArm = z.strictObject({
  arm: z.enum(armNames),
  share: z.number().describe('Of the callers that it answers'),
  bundle: z.string().nullable(),
  model: servedModel,
  proxy: servedModel.nullable(),
});
const deployedAnswer = z.strictObject({
  object: z.literal('list'),
  data: z.array(
    z.strictObject({
      name: z.string(),
      object: z.literal('deployment'),
      revision: z.number().int().nullable(),
      arms: z.array(deployedArm),
      policy: z
        .strictObject({
          version: z.string(),
          digest: z.string(),
          formatting_digest: z.string(),
          max_length: z.number().int(),
        })
        .nullable(),
    }),
  ),
});

const armsOf = ({ plan, production, canary, shadow }: Deployment): z.input<typeof deployedArm>[] => {
  const share = plan.canary?.share ?? 0;
  const shares = { production: 1 - share, canary: share, shadow: 0 };
  const modelOf = ({ served, card, maxLength, batcher }: Deployment['production']['model']) => ({
    version: served.version,
    kind: card.kind,
    formatting_digest: card.formattingDigest,
    max_length: maxLength,
    objectives: [...card.objectives],
    calibrated: card.calibration !== null,
    waiting: batcher.load,
  });
  return [production, canary, shadow].flatMap((arm) =>
    arm
      ? [
          {
            arm: arm.name,
            share: shares[arm.name],
            bundle: arm.bundle,
            model: modelOf(arm.model),
            proxy: arm.proxy && modelOf(arm.proxy),
          },
        ]
      : [],
  );
};

export const servingRoutes = (services: ServingServices): readonly Route[] => {
  const { scoring, policies } = services;
  const describe = (answer: ScoringAnswer) =>
    answerDocument(answer, `rwd-${newIdOf(services)}`, nowOf(services));

  return [
    route({
      ...common,
      method: 'POST',
      url: '/v1/score',
      summary: 'Scores responses with a deployed reward model; each item has its own status.',
      operation: 'score',
      body: scoreBody,
      result: scoreAnswer,
      handler: ({ body, store, signal, reply }) =>
        answering(reply, async () => {
          const items = body.items.map((item) => workItem(item, body.truncation));
          const answer = await scoring.score(store.project.id, requestOf(body, signal, items));
          const data = answer.items.map((item, index) => itemDocument(item, index, body.items[index]!.id));
          return { ...describe(answer), object: 'list' as const, data };
        }),
    }),
    route({
      ...common,
      method: 'POST',
      url: '/v1/rank',
      summary: 'Orders responses to one prompt, the best one first.',
      operation: 'rank',
      body: rankBody,
      result: rankAnswer,
      handler: ({ body, store, signal, reply }) =>
        answering(reply, async () => {
          const { prompt, responses, segments } = body;
          const conversation = { prompt: promptOf(prompt), responses, ...(segments && { segments }) };
          const items = [workItem(conversation, body.truncation)];
          const answer = await scoring.score(store.project.id, requestOf(body, signal, items));
          const item = onlyItem(answer);
          const ranking = ranked(scoresDocument(item), item.version.card, body.tie_tolerance);
          return { ...describe(answer), ...scorerOf(item), object: 'ranking' as const, ranking };
        }),
    }),
    route({
      ...common,
      method: 'POST',
      url: '/v1/best-of-n',
      summary: 'Chooses the best of given responses, or of n that the deployed policy writes.',
      operation: 'bestOfN',
      body: bestOfNBody,
      result: bestOfNAnswer,
      handler: ({ body, store, signal, reply }) =>
        answering(reply, async () => {
          const project = store.project.id;
          const { prompt, segments } = body;
          const name = scoring.find(project, body.model).name;
          const written = body.responses
            ? null
            : await policies.write(project, name, jobOf(prompt, body.n ?? 4, samplingOf(body)), { signal });
          const candidates: readonly (Pick<WrittenResponse, 'text'> & Partial<WrittenResponse>)[] =
            written?.responses ?? body.responses!.map((text) => ({ text }));
          // A policy can write nothing at all; what is empty is a response too.
          const responses = candidates.map(({ text }) => text);
          const items = [workItem({ prompt, responses, ...(segments && { segments }) }, body.truncation)];
          const answer = await scoring.score(project, { ...requestOf(body, signal, items), model: name });
          const item = onlyItem(answer);
          const all = ranked(scoresDocument(item), item.version.card).map((score) => {
            const { text, ended, logProbability } = candidates[score.index]!;
            return {
              ...score,
              response: text,
              ...(ended && { ended }),
              ...(logProbability !== undefined && { log_probability: logProbability }),
            };
          });
          const n = all.length;
          return {
            ...describe(answer),
            ...scorerOf(item),
            object: 'best_of_n' as const,
            n,
            policy_version: written?.policy.served.version ?? null,
            best: all[0]!,
            candidates: all,
            // Beirami et al. 2024, Theoretical guarantees on the best-of-n alignment policy: an upper bound.
            kl_bound: Math.log(n) - (n - 1) / n,
          };
        }),
    }),
    route({
      tag,
      access: readers,
      method: 'GET',
      url: '/v1/deployed',
      summary: 'Says which versions serve now.',
      operation: 'listDeployed',
      result: deployedAnswer,
      handler: async ({ store }) => {
        const project = store.project.id;
        const policyOf = new Map(policies.deployed(project).map((policy) => [policy.name, policy]));
        return {
          object: 'list' as const,
          data: scoring.deployed(project).map((deployment) => {
            const policy = policyOf.get(deployment.name);
            return {
              name: deployment.name,
              object: 'deployment' as const,
              revision: deployment.plan.revision ?? null,
              arms: armsOf(deployment),
              policy: policy
                ? {
                    version: policy.served.version,
                    digest: policy.digest,
                    formatting_digest: policy.formattingDigest,
                    max_length: policy.maxLength,
                  }
                : null,
            };
          }),
        };
      },
    }),
  ];
};

const jobOf = (prompt: Prompt, samples: number, sampling: Sampling) => ({ prompt, samples, sampling });
