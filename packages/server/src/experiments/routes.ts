/** @file Experiments over HTTP. */
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { assign, draftExperiment, recordOutcome, reportOf, stopExperiment } from './experiment.ts';
import { checkPlan, experimentPlan } from './plan.ts';
import { experimentReport } from './shapes.ts';
import { experimentSize } from './size.ts';

const tag = 'Experiments';
const inProject = z.object({ project: z.string() });
const ofExperiment = z.object({ project: z.string(), experiment: z.string() });
const date = z.date().transform((at) => at.toISOString());
const document = z.record(z.string(), z.unknown());
const unit = z.string().min(1).max(1000);
const amount = z.number().min(0).max(1e12).optional();
const costs = z
  .record(z.string().max(100), z.strictObject({ labels: amount, compute: amount, judge: amount }))
  .default({});

const experiment = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['draft', 'running', 'stopped']),
  plan: document,
  conclusion: document.nullable(),
  createdAt: date,
  startedAt: date.nullable(),
  endedAt: date.nullable(),
});

export const experimentRoutes = (): readonly Route[] => [
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/experiments', access: readers, tag },
    ...{ summary: 'Experiments, the newest first.', operation: 'listExperiments' },
    params: inProject,
    result: z.object({ experiments: z.array(experiment) }),
    handler: async ({ store }) => ({ experiments: [...(await store.experiments.list())] }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/experiments', access: engineers, tag },
    ...{ summary: 'Draft an experiment.', operation: 'createExperiment', status: 201 },
    params: inProject,
    body: z.object({ name: z.string(), plan: experimentPlan }),
    result: experiment,
    handler: ({ store, body, actor }) => draftExperiment(store, body.name, body.plan, actor.id),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/experiment-size', access: readers, tag },
    ...{ summary: 'How many units it takes to see an effect.', operation: 'experimentSize' },
    params: inProject,
    query: z.object({
      effect: z.coerce.number().min(0.001).max(10).describe('In standard deviations of the metric'),
      arms: z.coerce.number().int().min(2).max(10).default(2),
      alpha: z.coerce.number().gt(0).lt(0.5).default(0.05),
      power: z.coerce.number().gt(0).lt(1).default(0.8),
      correlation: z.coerce.number().min(0).max(0.99).default(0).describe('Of the metric with the covariate'),
    }),
    result: z.object({ units: z.number(), lookedAtOnce: z.number() }),
    handler: async ({ query }) => ({ ...experimentSize(query) }),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/experiments/:experiment', access: readers, tag },
    ...{ summary: 'An experiment.', operation: 'getExperiment' },
    params: ofExperiment,
    result: experiment,
    handler: ({ store, params }) => store.experiments.get(params.experiment),
  }),
  route({
    ...{ method: 'PUT', url: '/v1/projects/:project/experiments/:experiment/plan', access: engineers, tag },
    ...{ summary: 'Change the plan of a draft.', operation: 'planExperiment', status: 204 },
    params: ofExperiment,
    body: experimentPlan,
    handler: ({ store, params, body }) => store.experiments.plan(params.experiment, checkPlan(body)),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/experiments/:experiment/start', access: engineers, tag },
    ...{
      summary: 'Start it: from now on the plan stays as it is.',
      operation: 'startExperiment',
      status: 204,
    },
    params: ofExperiment,
    handler: async ({ store, params, actor }) => {
      await store.experiments.start(params.experiment);
      await store.audit.append({
        ...{ actor: actor.id, action: 'experiment.start', resource: `experiment ${params.experiment}` },
      });
    },
  }),
  route({
    ...{
      method: 'POST',
      url: '/v1/projects/:project/experiments/:experiment/assign',
      access: engineers,
      tag,
    },
    ...{
      summary: 'Say which arm a unit is in, and put on record that it was shown.',
      operation: 'assignUnit',
    },
    params: ofExperiment,
    body: z.object({
      unit,
      covariate: z.number().optional(),
      segments: z.record(z.string().max(100), z.string().max(200)).optional(),
    }),
    result: z.object({ arm: z.string(), deployment: z.string().nullable() }),
    handler: ({ store, params, body }) => assign(store, params.experiment, body.unit, body),
  }),
  route({
    ...{
      method: 'POST',
      url: '/v1/projects/:project/experiments/:experiment/outcomes',
      access: engineers,
      tag,
    },
    ...{ summary: 'Put what came of a unit on record, by metric.', operation: 'recordOutcome', status: 204 },
    params: ofExperiment,
    body: z.object({ unit, outcomes: z.record(z.string().max(100), z.number()) }),
    handler: ({ store, params, body }) => recordOutcome(store, params.experiment, body.unit, body.outcomes),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/experiments/:experiment/report', access: readers, tag },
    ...{
      summary: 'What it says so far; it may be asked as often as one likes.',
      operation: 'reportExperiment',
    },
    params: ofExperiment,
    body: z.object({ costs }).prefault({}),
    result: experimentReport,
    handler: async ({ store, params, body }) =>
      reportOf(store, await store.experiments.get(params.experiment), body.costs),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/experiments/:experiment/stop', access: engineers, tag },
    ...{
      summary: 'Stop it with what it says now as its conclusion.',
      operation: 'stopExperiment',
      status: 204,
    },
    params: ofExperiment,
    body: z.object({ reason: z.string().trim().min(1).max(2000), costs }),
    handler: ({ store, params, body, actor }) =>
      stopExperiment(store, params.experiment, actor.id, body.reason, body.costs),
  }),
];
