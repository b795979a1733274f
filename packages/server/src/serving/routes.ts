/** @file The routes of serving: scores, rankings, the best of n, and what serves. */
import { z } from 'zod';
import { readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { answerDocument, itemDocument, onlyItem, scorerOf, scoresDocument, workItem } from './answer.ts';
import type { ScoringAnswer } from './ask-arm.ts';
import { bestOfN } from './best-of-n.ts';
import { promptOf, servingBodyLimit } from './conversation.ts';
import { type ArmName, armNames, type Deployment } from './deployment.ts';
import { ranked } from './rank.ts';
import { bestOfNAnswer, bestOfNBody, rankAnswer, rankBody } from './rank-documents.ts';
import { scoreAnswer, scoreBody } from './score-documents.ts';
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
  policy: z.string().nullable().describe('The version that writes for its callers; a shadow has none'),
  guarded: z.boolean().describe('Whether its bundle has guardrails'),
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

const armsOf = (
  { project, name, plan, production, canary, shadow }: Deployment,
  policies: ServingServices['policies'],
): z.input<typeof deployedArm>[] => {
  const policyOf = (arm: ArmName): string | null =>
    arm !== 'shadow' && policies.has(project, name, arm)
      ? policies.find(project, name, arm).served.version
      : null;
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
            policy: policyOf(arm.name),
            guarded: arm.guard !== null,
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
      handler: (call) => answering(call.reply, () => bestOfN(services, call, describe)),
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
              arms: armsOf(deployment, policies),
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
