/** @file Monitoring over HTTP: what was served over time, drift, signs of hacking, people beside the model, alerts, incidents. */
import type { AlertRule as StoredRule } from '@plaudit/store';
import { z } from 'zod';
import { engineers, type Role, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { burnState } from '../statistics/burn-rate.ts';
import { incidentRate } from '../statistics/incidents.ts';
import { type AlertServices, stateOf, tryChannels } from './alerts.ts';
import { annotatorsOf, humanAgreement } from './human-checks.ts';
import { alertRule } from './rule.ts';
import {
  agreement,
  annotatorReport,
  bucket,
  burn,
  driftReport,
  hackingReport,
  incident,
  rate,
  rule,
} from './shapes.ts';
import { answered, driftBetween, hackingSigns, type Window } from './window.ts';

export interface MonitoringServices extends Pick<AlertServices, 'now' | 'mail' | 'post'> {
  /** With which the webhooks of a project, by its name, are signed. */
  readonly signingKey: (project: string) => string;
  /** Says whether an address may be called. @throws PlauditError monitoring.webhook_refused */
  readonly checkAddress: (url: string) => Promise<void>;
}

const tag = 'Monitoring';
const reviewers: readonly Role[] = ['owner', 'engineer', 'reviewer'];
const inProject = z.object({ project: z.string() });
const ofDeployment = z.object({ project: z.string(), deployment: z.string().min(1).max(200) });
const ofRule = z.object({ project: z.string(), rule: z.string() });
const ofIncident = z.object({ project: z.string(), incident: z.string() });

const time = z.iso.datetime({ offset: true });
const span = z.object({ from: time, to: time });
const spans = span.extend({ referenceFrom: time, referenceTo: time });

const withoutAddresses = ({ channels, ...rule }: StoredRule['rule']): StoredRule['rule'] => ({
  ...rule,
  channels: (Array.isArray(channels) ? (channels as { to?: unknown }[]) : []).map(({ to }) => ({ to })),
});

/** Buckets of one answer: a chart shows no more. */
const mostBuckets = 2000;

const windowOf = (deployment: string, from: string, to: string): Window => ({
  ...{ deployment, from: new Date(from), to: new Date(to) },
});

export const monitoringRoutes = (services: MonitoringServices): readonly Route[] => {
  /** The address of a webhook is often its password: only those who may write it read it. */
  const shown = (found: StoredRule, role: Role | null) => ({
    ...found,
    state: stateOf(found, services.now()),
    rule: role !== null && engineers.includes(role) ? found.rule : withoutAddresses(found.rule),
  });
  /** Refuses what could never be delivered when the rule is written, not at night when it is needed. */
  const checkChannels = async (given: z.output<typeof alertRule>): Promise<void> => {
    for (const channel of given.channels)
      if (channel.to === 'webhook') await services.checkAddress(channel.url);
  };
  return [
    route({
      ...{
        method: 'GET',
        url: '/v1/projects/:project/deployments/:deployment/rewards',
        access: readers,
        tag,
      },
      ...{ summary: 'Rewards, failures and lengths over time, by arm.', operation: 'rewardsOverTime' },
      params: ofDeployment,
      query: span.extend({
        seconds: z.coerce
          .number()
          .int()
          .min(10)
          .max(86_400 * 31)
          .default(3600),
      }),
      result: z.object({ buckets: z.array(bucket), seconds: z.number() }),
      handler: async ({ store, params: { deployment }, query: { from, to, seconds } }) => {
        const window = windowOf(deployment, from, to);
        const length = Math.max(1, (window.to.getTime() - window.from.getTime()) / 1000);
        const wide = Math.max(seconds, Math.ceil(length / mostBuckets));
        const buckets = await store.observations.buckets(window, wide);
        return {
          buckets: buckets.map((of) => ({ ...of, quantiles: of.quantiles && [...of.quantiles] })),
          seconds: wide,
        };
      },
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment/drift', access: readers, tag },
      ...{
        summary: 'How far inputs, features and scores have moved from a reference window.',
        operation: 'drift',
      },
      params: ofDeployment,
      query: spans,
      result: driftReport,
      handler: ({ store, params: { deployment }, query }) =>
        driftBetween(
          store,
          windowOf(deployment, query.referenceFrom, query.referenceTo),
          windowOf(deployment, query.from, query.to),
        ),
    }),
    route({
      ...{
        method: 'GET',
        url: '/v1/projects/:project/deployments/:deployment/hacking',
        access: readers,
        tag,
      },
      ...{
        summary: 'Signs that responses please the reward model rather than people.',
        operation: 'hackingSigns',
      },
      params: ofDeployment,
      query: spans,
      result: hackingReport,
      handler: async ({ store, params: { deployment }, query }) =>
        hackingSigns(
          await answered(store, windowOf(deployment, query.referenceFrom, query.referenceTo)),
          await answered(store, windowOf(deployment, query.from, query.to)),
        ),
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment/safety', access: readers, tag },
      ...{
        summary: 'Safety incidents per response, with the interval of so few.',
        operation: 'safetyIncidents',
      },
      params: ofDeployment,
      query: span,
      result: z.object({
        arms: z.array(
          z.object({
            arm: z.string(),
            bundle: z.string().nullable(),
            incidents: z.number(),
            responses: z.number(),
            rate,
          }),
        ),
      }),
      handler: async ({ store, params: { deployment }, query }) => ({
        arms: (await store.observations.totals(windowOf(deployment, query.from, query.to))).map(
          ({ arm, bundle, incidents, responses }) => ({
            ...{ arm, bundle, incidents, responses },
            rate: incidentRate(incidents, responses),
          }),
        ),
      }),
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/deployments/:deployment/burn', access: readers, tag },
      ...{ summary: 'How fast the error budget is spent, by pairs of windows.', operation: 'errorBudget' },
      params: ofDeployment,
      query: z.object({
        objective: z.coerce.number().gt(0).lt(1).default(0.999),
        bad: z.enum(['failures', 'incidents']).default('failures'),
      }),
      result: burn,
      handler: async ({ store, params: { deployment }, query: { objective, bad } }) => {
        const now = services.now();
        const from = new Date(now.getTime() - 72 * 3_600_000);
        const buckets = await store.observations.buckets({ deployment, from, to: now }, 300);
        const outcomes = buckets
          .filter(({ arm }) => arm !== 'shadow')
          .map((of) => ({ at: of.at.getTime(), total: of.responses, bad: of[bad] }));
        return burnState(outcomes, { objective, now: now.getTime() });
      },
    }),
    route({
      ...{
        method: 'GET',
        url: '/v1/projects/:project/deployments/:deployment/human-agreement',
        access: readers,
        tag,
      },
      ...{
        summary: 'How often the reward model agrees with people on what was served.',
        operation: 'humanAgreement',
      },
      params: ofDeployment,
      query: span.extend({ dataset: z.string().max(200) }),
      result: agreement,
      handler: ({ store, params: { deployment }, query: { dataset, from, to } }) =>
        humanAgreement(store, dataset, windowOf(deployment, from, to)),
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/annotator-health', access: reviewers, tag },
      ...{ summary: 'Every check of the annotators of a data set.', operation: 'annotatorHealth' },
      params: inProject,
      query: z.object({ dataset: z.string().max(200) }),
      result: annotatorReport,
      async handler({ store, query }) {
        const { annotators, setAside } = await annotatorsOf(store, query.dataset);
        return { annotators, setAside };
      },
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/alert-rules', access: readers, tag },
      ...{ summary: 'Alert rules with what was found last.', operation: 'listAlertRules' },
      params: inProject,
      result: z.object({ rules: z.array(rule) }),
      handler: async ({ store, role }) => ({
        rules: (await store.alertRules.list()).map((found) => shown(found, role)),
      }),
    }),
    route({
      ...{ method: 'POST', url: '/v1/projects/:project/alert-rules', access: engineers, tag },
      ...{ summary: 'Watch something.', operation: 'createAlertRule', status: 201 },
      params: inProject,
      body: z.object({ name: z.string(), rule: alertRule }),
      result: rule,
      handler: async ({ store, body, actor, role }) => {
        await checkChannels(body.rule);
        const made = await store.alertRules.create(body.name, body.rule, actor.id);
        await store.audit.append({
          actor: actor.id,
          action: 'alert_rule.create',
          resource: `alert rule ${made.id}`,
        });
        return shown(made, role);
      },
    }),
    route({
      ...{ method: 'PUT', url: '/v1/projects/:project/alert-rules/:rule', access: engineers, tag },
      ...{ summary: 'Watch it in another way.', operation: 'changeAlertRule' },
      params: ofRule,
      body: alertRule,
      result: rule,
      handler: async ({ store, params, body, actor, role }) => {
        await checkChannels(body);
        const made = await store.alertRules.change(params.rule, body);
        await store.audit.append({
          actor: actor.id,
          action: 'alert_rule.change',
          resource: `alert rule ${made.id}`,
        });
        return shown(made, role);
      },
    }),
    route({
      ...{ method: 'DELETE', url: '/v1/projects/:project/alert-rules/:rule', access: engineers, tag },
      ...{ summary: 'Watch it no longer.', operation: 'removeAlertRule', status: 204 },
      params: ofRule,
      handler: async ({ store, params, actor }) => {
        const { id } = await store.alertRules.remove(params.rule);
        await store.audit.append({
          actor: actor.id,
          action: 'alert_rule.remove',
          resource: `alert rule ${id}`,
        });
      },
    }),
    route({
      ...{ method: 'POST', url: '/v1/projects/:project/alert-rules/:rule/trial', access: engineers, tag },
      ...{
        summary: 'Send a message that says it is a trial to every channel of a rule.',
        operation: 'tryAlertRule',
      },
      params: ofRule,
      result: z.object({
        /** In the order of the rule's channels: the code of what went wrong, null where it was delivered. */
        channels: z.array(z.object({ to: z.string(), problem: z.string().nullable() })),
      }),
      perMinute: 10,
      async handler({ store, params, actor }) {
        const found = await store.alertRules.get(params.rule);
        const channels = await tryChannels(services, store, found);
        await store.audit.append({
          actor: actor.id,
          action: 'alert_rule.try',
          resource: `alert rule ${found.id}`,
        });
        return { channels };
      },
    }),
    route({
      ...{ method: 'PUT', url: '/v1/projects/:project/alert-rules/:rule/silence', access: reviewers, tag },
      ...{
        summary: 'Tell nobody until a time; incidents still open. Null ends it.',
        operation: 'silenceAlertRule',
      },
      params: ofRule,
      body: z.object({ until: time.nullable() }),
      result: rule,
      handler: async ({ store, params, body, actor, role }) => {
        const until = body.until === null ? null : new Date(body.until);
        const made = await store.alertRules.silence(params.rule, until);
        await store.audit.append({
          ...{ actor: actor.id, action: 'alert_rule.silence', resource: `alert rule ${made.id}` },
          details: { until: body.until },
        });
        return shown(made, role);
      },
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/webhook-key', access: engineers, tag },
      ...{ summary: 'The key with which webhooks of this project are signed.', operation: 'webhookKey' },
      params: inProject,
      result: z.object({ key: z.string() }),
      handler: async ({ store }) => ({ key: services.signingKey(store.project.name) }),
    }),
    route({
      ...{ method: 'GET', url: '/v1/projects/:project/incidents', access: readers, tag },
      ...{ summary: 'Incidents, the newest first.', operation: 'listIncidents' },
      params: inProject,
      query: z.object({
        state: z.enum(['open', 'acknowledged', 'resolved']).optional(),
        before: z.string().optional(),
        limit: z.coerce.number().int().min(1).max(1000).default(100),
      }),
      result: z.object({ incidents: z.array(incident) }),
      handler: async ({ store, query: { state, before, limit } }) => ({
        incidents: [
          ...(await store.incidents.list({ limit, ...(state && { state }), ...(before && { before }) })),
        ],
      }),
    }),
    route({
      ...{
        method: 'POST',
        url: '/v1/projects/:project/incidents/:incident/acknowledge',
        access: reviewers,
        tag,
      },
      ...{
        summary: 'Say that somebody looks after it: it is not told again.',
        operation: 'acknowledgeIncident',
      },
      params: ofIncident,
      result: incident,
      handler: async ({ store, params, actor }) => {
        await store.incidents.acknowledge(params.incident, actor.id);
        await store.audit.append({
          actor: actor.id,
          action: 'incident.acknowledge',
          resource: `incident ${params.incident}`,
        });
        return store.incidents.get(params.incident);
      },
    }),
    route({
      ...{ method: 'POST', url: '/v1/projects/:project/incidents/:incident/resolve', access: reviewers, tag },
      ...{ summary: 'Say how it ended.', operation: 'resolveIncident' },
      params: ofIncident,
      body: z.object({ resolution: z.string().trim().min(1).max(2000) }),
      result: incident,
      handler: async ({ store, params, body, actor }) => {
        await store.incidents.resolve(params.incident, body.resolution);
        await store.audit.append({
          actor: actor.id,
          action: 'incident.resolve',
          resource: `incident ${params.incident}`,
        });
        return store.incidents.get(params.incident);
      },
    }),
  ];
};
