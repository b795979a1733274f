/** @file Roll-outs over HTTP, and the comparison of a shadow with what serves. */
import type { RollOut } from '@plaudit/store';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { measured } from '../monitoring/shapes.ts';
import { courseOf } from './course.ts';
import { rollOutPlan } from './plan.ts';
import { pauseRollOut, previewOf, type RollOutServices, resumeRollOut, startRollOut } from './roll-out.ts';
import { compareShadow } from './shadow-comparison.ts';

const tag = 'Roll-outs';
const inProject = z.object({ project: z.string() });
const ofRollOut = z.object({ project: z.string(), rollOut: z.string() });
const ofDeployment = z.object({ project: z.string(), deployment: z.string().min(1).max(200) });

const date = z.date().transform((at) => at.toISOString());
const document = z.record(z.string(), z.unknown());
const statuses = ['running', 'paused', 'promoted', 'rolled_back', 'cancelled'] as const;

const rollOut = z.object({
  id: z.string(),
  deployment: z.string(),
  canary: z.string(),
  plan: document,
  state: document,
  status: z.enum(statuses),
  actor: z.string(),
  startedAt: date,
  endedAt: date.nullable(),
});

const moments = z.object({ n: z.number(), mean: z.number(), variance: z.number() });
const arm = z.object({
  units: z.number(),
  reward: moments,
  milliseconds: moments,
  failures: z.number(),
  incidents: z.number(),
});
const finding = z.object({
  metric: z.string(),
  difference: z.number().nullable(),
  evidence: z.number().nullable(),
  needed: z.number(),
});
const look = z.object({
  /** `hold`, `advance`, `promote`, `pause` or `roll_back`. */
  decision: z.object({ kind: z.string(), reason: z.string().optional(), share: z.number().optional() }),
  guardrails: z.array(finding.extend({ effect: z.number().nullable(), crossed: z.boolean() })).readonly(),
  seen: z.object({ share: z.number(), production: arm, canary: arm }),
});

const flips = measured({
  rate: z.number(),
  interval: z.tuple([z.number(), z.number()]).readonly(),
  flips: z.number(),
  undecided: z.number(),
});
const shadowComparison = z.object({
  comparison: measured({
    pearson: z.number().nullable(),
    spearman: z.number().nullable(),
    psiOfZ: z.number(),
    flips,
  }),
  unscored: z.number(),
  segments: z
    .array(z.object({ segment: z.string(), value: z.string(), n: z.number(), shift: z.number() }))
    .readonly(),
  thresholds: z
    .array(
      z.object({
        from: z.number(),
        to: measured({
          threshold: z.number(),
          interval: z.tuple([z.number(), z.number()]).readonly(),
          share: z.number(),
          outside: z.boolean(),
        }),
      }),
    )
    .readonly(),
  slowest: z.object({ production: z.number().nullable(), shadow: z.number().nullable() }),
});

const shown = ({ revision, ...rest }: RollOut) => rest;

const span = z.object({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
});

export const rollOutRoutes = (services: RollOutServices): readonly Route[] => [
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/roll-outs', access: readers, tag },
    ...{ summary: 'Roll-outs, the newest first.', operation: 'listRollOuts' },
    params: inProject,
    query: z.object({ deployment: z.string().optional(), underWay: z.stringbool().default(false) }),
    result: z.object({ rollOuts: z.array(rollOut) }),
    handler: async ({ store, query: { deployment, underWay } }) => ({
      rollOuts: (
        await store.rollOuts.list({ ...(deployment !== undefined && { deployment }), underWay })
      ).map(shown),
    }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/roll-outs', access: engineers, tag },
    ...{ summary: 'Give a canary its first share.', operation: 'startRollOut', status: 201 },
    params: inProject,
    body: z.object({
      deployment: z.string().min(1).max(200),
      canary: z.string(),
      after: z.number().int().min(0),
      reason: z.string().trim().min(1).max(2000),
      plan: rollOutPlan.prefault({}),
    }),
    result: rollOut,
    handler: async ({ store, body, actor }) =>
      shown(await startRollOut(services, store, { ...body, actor: actor.id, person: actor.person })),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/roll-outs/:rollOut', access: readers, tag },
    ...{
      summary: 'A roll-out, what its arms did at this step, and what comes next.',
      operation: 'getRollOut',
    },
    params: ofRollOut,
    result: z.object({ rollOut, look: look.nullable() }),
    handler: async ({ store, params }) => {
      const found = await store.rollOuts.get(params.rollOut);
      const open = found.status === 'running' || found.status === 'paused';
      if (!open) return { rollOut: shown(found), look: null };
      const { decision, guardrails, seen } = await previewOf(store, found, services.now());
      return { rollOut: shown(found), look: { decision, guardrails, seen } };
    },
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/roll-outs/:rollOut/course', access: readers, tag },
    ...{
      summary: 'How the canary differed from production over the time of a roll-out, with intervals.',
      operation: 'rollOutCourse',
    },
    params: ofRollOut,
    result: z.object({
      points: z.array(
        z.object({
          at: date,
          share: z.number(),
          units: z.number(),
          guardrails: z
            .array(finding.extend({ interval: z.tuple([z.number(), z.number()]).readonly().nullable() }))
            .readonly(),
        }),
      ),
    }),
    handler: async ({ store, params }) => ({
      points: [...(await courseOf(store, await store.rollOuts.get(params.rollOut), services.now()))],
    }),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/roll-outs/:rollOut/pause', access: engineers, tag },
    ...{ summary: 'Stop the steps; the canary keeps its share.', operation: 'pauseRollOut', status: 204 },
    params: ofRollOut,
    handler: ({ store, params, actor }) => pauseRollOut(store, params.rollOut, actor.id),
  }),
  route({
    ...{ method: 'POST', url: '/v1/projects/:project/roll-outs/:rollOut/resume', access: engineers, tag },
    ...{ summary: 'Go on at the same step.', operation: 'resumeRollOut', status: 204 },
    params: ofRollOut,
    handler: ({ store, params, actor }) => resumeRollOut(services, store, params.rollOut, actor.id),
  }),
  route({
    ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment/shadow', access: readers, tag },
    ...{
      summary: 'What the shadow says of the responses that production scored.',
      operation: 'compareShadow',
    },
    params: ofDeployment,
    query: span.extend({ thresholds: z.string().max(400).optional() }),
    result: shadowComparison,
    handler: ({ store, params: { deployment }, query: { from, to, thresholds = '' } }) =>
      compareShadow(
        store,
        { deployment, from: new Date(from), to: new Date(to) },
        thresholds
          .split(',')
          .filter((text) => text.trim() !== '')
          .map(Number)
          .filter(Number.isFinite),
      ),
  }),
];
