/** @file The registry over HTTP: bundles, what is on record of them, and what serves. */
import { z } from 'zod';
import { guardrailSettings } from '../guardrails/index.ts';
import { engineers, type Role, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { bundleCard, renderBundleCard } from './bundle-card.ts';
import { approve, liveDeploymentsOf, recordEvaluation, retire } from './bundle-life.ts';
import { evaluateBundle, mostSampled, sampledByDefault } from './evaluate-bundle.ts';
import { fewestGolden, mostGolden, recordGolden } from './golden.ts';
import { loadAndCompare, promote, type RegistryServices, rollBack, setShadow } from './promotion.ts';
import { bundleStates } from './states.ts';

const tag = 'Registry';
const reviewers: readonly Role[] = ['owner', 'engineer', 'reviewer'];

const inProject = z.object({ project: z.string() });
const ofBundle = z.object({ project: z.string(), bundle: z.string() });
const ofDeployment = z.object({ project: z.string(), deployment: z.string().min(1).max(200) });

const document = z.record(z.string(), z.unknown());
const reason = z.string().trim().min(1).max(2000);
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const date = z.date().transform((at) => at.toISOString());

const bundle = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number(),
  state: z.enum(bundleStates),
  rewardModel: z.string(),
  policy: z.string().nullable(),
  reference: z.string().nullable(),
  normaliser: document,
  guardrails: document,
  createdBy: z.string(),
  createdAt: date,
  updatedAt: date,
  taintedBy: z.string().nullable(),
});

const deployment = z.object({
  name: z.string(),
  revision: z.number(),
  bundle: z.string().nullable(),
  shadow: z.string().nullable(),
  canary: z.string().nullable(),
  canaryShare: z.number(),
  actor: z.string(),
  reason: z.string(),
  evidence: document,
  createdAt: date,
});

const parity = z.object({
  passed: z.boolean(),
  items: z.number(),
  erased: z.number(),
  largest: z.number(),
  tolerance: z.number(),
  sameFormatting: z.boolean(),
});

const record = z.object({
  id: z.string(),
  kind: z.enum(['golden', 'parity', 'evaluation', 'approval']),
  actor: z.string(),
  document,
  createdAt: date,
});

/** What a change was decided on and why: it is refused where the deployment is no longer at that revision. */
const change = z.object({ after: z.number().int().min(0), reason });

export const registryRoutes = (services: RegistryServices): readonly Route[] => [
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/bundles', access: readers, tag },
    ...{ summary: 'Bundles, the newest first.', operation: 'listBundles' },
    params: inProject,
    query: z.object({
      state: z.enum(bundleStates).optional(),
      before: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
    result: z.object({ bundles: z.array(bundle) }),
    handler: async ({ store, query: { state, before, limit } }) => ({
      bundles: [...(await store.bundles.list({ limit, ...(state && { state }), ...(before && { before }) }))],
    }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles', access: engineers, tag },
    ...{ summary: 'Make the next version of a bundle, a draft.', operation: 'createBundle', status: 201 },
    params: inProject,
    body: z.object({
      name: z.string(),
      rewardModel: z.string(),
      policy: z.string().optional(),
      reference: z.string().optional(),
      normaliser: document.optional(),
      guardrails: guardrailSettings.optional(),
    }),
    result: bundle,
    handler: async ({ store, body, actor }) => {
      const { name, rewardModel, policy, reference, normaliser, guardrails } = body;
      const made = await store.bundles.create({
        ...{ name, rewardModel, createdBy: actor.person },
        ...(policy !== undefined && { policy }),
        ...(reference !== undefined && { reference }),
        ...(normaliser && { normaliser }),
        ...(guardrails && { guardrails }),
      });
      await store.audit.append({
        ...{ actor: actor.id, action: 'bundle.create', resource: `bundle ${made.id}` },
        details: { rewardModel, policy: policy ?? null, reference: reference ?? null },
      });
      return made;
    },
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/bundles/:bundle', access: readers, tag },
    ...{ summary: 'A bundle, what is on record of it, and where it serves.', operation: 'getBundle' },
    params: ofBundle,
    result: z.object({ bundle, records: z.array(record), deployments: z.array(z.string()) }),
    handler: async ({ store, params }) => ({
      bundle: await store.bundles.get(params.bundle),
      records: [...(await store.bundleRecords.of(params.bundle))],
      deployments: [...(await liveDeploymentsOf(store, params.bundle))],
    }),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/bundles/:bundle/card', access: readers, tag },
    ...{ summary: 'The card of a bundle as Markdown.', operation: 'getBundleCard' },
    params: ofBundle,
    result: z.object({ markdown: z.string() }),
    handler: async ({ store, params }) => ({
      markdown: renderBundleCard(await bundleCard(store, await store.bundles.get(params.bundle))),
    }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/golden', access: engineers, tag },
    ...{
      summary: 'Score a fixed set of stored responses and keep the scores.',
      operation: 'recordGoldenScores',
    },
    params: ofBundle,
    body: z.object({
      items: z
        .array(z.object({ prompt: digest, responses: z.array(digest).min(1).max(100) }))
        .min(1)
        .max(mostGolden),
    }),
    result: z.object({ items: z.number(), deviation: z.number(), needed: z.number() }),
    handler: async ({ store, params, body, actor }) => {
      const of = await store.bundles.get(params.bundle);
      const opened = await services.openBundle(store, of);
      try {
        const made = await recordGolden(store, of, opened, body.items, actor.id);
        await store.audit.append({
          ...{ actor: actor.id, action: 'bundle.golden', resource: `bundle ${of.id}` },
          details: { items: made.items.length },
        });
        return { items: made.items.length, deviation: made.deviation, needed: fewestGolden };
      } finally {
        await opened.close();
      }
    },
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/parity', access: engineers, tag },
    ...{
      summary: 'Load a bundle and compare what it says now with its golden scores.',
      operation: 'checkBundleParity',
    },
    params: ofBundle,
    result: parity,
    handler: async ({ store, params, actor }) => {
      const of = await store.bundles.get(params.bundle);
      const found = await loadAndCompare(services.openBundle, store, of);
      await store.bundleRecords.add(of.id, { kind: 'parity', actor: actor.id, document: { ...found } });
      return found;
    },
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/evaluate', access: engineers, tag },
    ...{
      summary: 'Score a sample of the comparisons of a snapshot, and put on record how often people agree.',
      operation: 'evaluateBundle',
    },
    params: ofBundle,
    body: z.object({
      snapshot: z.string().max(200).describe('Id or tag'),
      limit: z.number().int().min(4).max(mostSampled).default(sampledByDefault),
    }),
    result: z.object({
      snapshot: z.string(),
      comparisons: z.number(),
      accuracy: z.number(),
      interval: z.tuple([z.number(), z.number()]).readonly(),
      alsoTrainedOn: z.number(),
    }),
    handler: async ({ store, params, body, actor, signal }) =>
      evaluateBundle(services, store, await store.bundles.get(params.bundle), {
        ...body,
        actor: actor.id,
        signal,
      }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/evaluation', access: engineers, tag },
    ...{ summary: 'Put an evaluation on record; a draft is then evaluated.', operation: 'recordEvaluation' },
    params: ofBundle,
    body: z.object({ document }),
    result: bundle,
    handler: async ({ store, params, body, actor }) => {
      await recordEvaluation(store, await store.bundles.get(params.bundle), actor.id, body.document);
      return await store.bundles.get(params.bundle);
    },
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/approvals', access: reviewers, tag },
    ...{ summary: 'Approve a bundle that somebody else made.', operation: 'approveBundle', status: 204 },
    params: ofBundle,
    body: z.object({ reason }),
    handler: async ({ store, params, body, actor }) =>
      approve(
        store,
        await store.bundles.get(params.bundle),
        { actor: actor.id, person: actor.person },
        body.reason,
      ),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/bundles/:bundle/retire', access: engineers, tag },
    ...{ summary: 'Retire a bundle that serves nowhere.', operation: 'retireBundle', status: 204 },
    params: ofBundle,
    handler: async ({ store, params, actor }) =>
      retire(store, await store.bundles.get(params.bundle), actor.id),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/deployments', access: readers, tag },
    ...{ summary: 'What serves now under each name.', operation: 'listDeployments' },
    params: inProject,
    result: z.object({ deployments: z.array(deployment) }),
    handler: async ({ store }) => ({ deployments: [...(await store.deployments.list())] }),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment', access: readers, tag },
    ...{ summary: 'What serves under a name, now or at a time.', operation: 'getDeployment' },
    params: ofDeployment,
    query: z.object({ asOf: z.iso.datetime({ offset: true }).optional() }),
    result: deployment,
    handler: async ({ store, params, query: { asOf } }) =>
      asOf === undefined
        ? store.deployments.current(params.deployment)
        : store.deployments.asOf(params.deployment, new Date(asOf)),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment/history', access: readers, tag },
    ...{
      summary: 'Every change of what serves under a name, the newest first.',
      operation: 'deploymentHistory',
    },
    params: ofDeployment,
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }),
    result: z.object({ revisions: z.array(deployment) }),
    handler: async ({ store, params, query }) => ({
      revisions: [...(await store.deployments.history(params.deployment, query.limit))],
    }),
  }),
  route({
    ...{
      method: 'POST',
      url: '/v1/projects/:project/deployments/:deployment/promote',
      access: engineers,
      tag,
    },
    ...{ summary: 'Give a bundle all of the traffic, after every gate.', operation: 'promoteBundle' },
    params: ofDeployment,
    body: change.extend({ bundle: z.string() }),
    result: deployment,
    handler: ({ store, params, body, actor }) =>
      promote(services, store, body.bundle, {
        ...body,
        ...params,
        actor: actor.id,
        person: actor.person,
      }),
  }),
  route({
    ...{
      method: 'POST',
      url: '/v1/projects/:project/deployments/:deployment/roll-back',
      access: engineers,
      tag,
    },
    ...{
      summary: 'Take away the canary, or else bring the last good bundle back.',
      operation: 'rollBackDeployment',
    },
    params: ofDeployment,
    body: change,
    result: deployment,
    handler: ({ store, params, body, actor }) =>
      rollBack(services, store, { ...body, ...params, actor: actor.id }),
  }),
  route({
    ...{ method: 'PUT', url: '/v1/projects/:project/deployments/:deployment/shadow', access: engineers, tag },
    ...{ summary: 'Let a bundle score all traffic unseen, or end that.', operation: 'setShadow' },
    params: ofDeployment,
    body: change.extend({ bundle: z.string().nullable() }),
    result: deployment,
    handler: ({ store, params, body, actor }) =>
      setShadow(services, store, body.bundle, {
        ...body,
        ...params,
        actor: actor.id,
        person: actor.person,
      }),
  }),
];
