/** @file What serves, watches and rolls out: services with a life of their own, opened in order and closed in the opposite one. */
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { MasterKey } from '@plaudit/feedback';
import {
  type Accounts,
  type Artifacts,
  type Database,
  listProjects,
  openStore,
  type Store,
} from '@plaudit/store';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { settingsIn } from './accounts/project-settings.ts';
import type { FeedbackServices } from './feedback-signals/routes.ts';
import { openScrubber } from './feedback-signals/scrubber.ts';
import { openGuardThread } from './guardrails/index.ts';
import { type LiveModels, liveModels } from './labelling/index.ts';
import {
  type AlertServices,
  callableAddress,
  eventExporter,
  type MailServer,
  type MonitoringServices,
  mailer,
  observerOf,
  postWebhook,
  rewardMetrics,
  startMonitor,
} from './monitoring/index.ts';
import { openFromFolders } from './registry/index.ts';
import type { RollOutServices } from './roll-out/index.ts';
import { proxyOf } from './runs/proxy-of.ts';
import {
  keepDeployments,
  modelFolders,
  PolicyService,
  ScoringService,
  type ServingServices,
  syncDeployments,
} from './serving/index.ts';

export interface FeatureOptions {
  readonly database: Database;
  readonly artifacts: Artifacts;
  readonly accounts: Accounts;
  /** Of the store. */
  readonly folder: string;
  readonly masterKey: () => MasterKey;
  readonly metrics: Registry;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Through which alerts are mailed. */
  readonly mail?: MailServer;
  /** Private hosts that webhooks may call. */
  readonly webhookHosts?: readonly string[];
  /** A collector that takes OTLP over HTTP. */
  readonly telemetry?: string;
  /** Seconds between two looks at roll-outs and alert rules. */
  readonly watchEvery?: number;
}

export interface Features {
  readonly serving: ServingServices;
  readonly rollOut: RollOutServices;
  readonly feedback: FeedbackServices;
  readonly monitoring: MonitoringServices;
  readonly live: LiveModels;
  readonly close: () => Promise<void>;
}

export const openFeatures = (options: FeatureOptions): Features => {
  const { database, artifacts, accounts, folder, masterKey, logger, now, webhookHosts = [] } = options;
  const failed = (what: string, error: unknown): void =>
    logger.error({ fault: error instanceof Error ? error.name : 'unknown' }, what);

  const guards = openGuardThread((error) => failed('the guardrails', error));
  const scoring = new ScoringService({ judgeOf: guards.judgeOf });
  const policies = new PolicyService();
  const folderOf = modelFolders(artifacts, join(folder, 'served'));
  const deployments = { scoring, policies, folderOf, proxyOf };
  const kept = keepDeployments({
    ...deployments,
    database,
    onFault: ({ project, deployment, revision, error }) =>
      logger.warn({ project, deployment, revision, code: error.code }, 'a deployment does not serve'),
  });

  const events = options.telemetry === undefined ? undefined : eventExporter({ endpoint: options.telemetry });
  const metrics = rewardMetrics(options.metrics);
  const observer = observerOf({
    storeOf: storesById(database),
    now,
    metrics,
    ...(events && { events }),
    failed,
  });
  const endWatching = scoring.watch(observer.observe);

  const scrubber = openScrubber();
  const rollOut: RollOutServices = {
    openBundle: openFromFolders(folderOf),
    settings: async (store) => settingsIn(await accounts.projects.settings(store.project.id)),
    async changed(store) {
      await syncDeployments(deployments, store);
    },
    now,
  };
  const signingKey = (project: string): string =>
    createHmac('sha256', masterKey().key).update(`plaudit webhook ${project}`).digest('hex');
  const rules = { allowedHosts: webhookHosts };
  const mail = options.mail && { mail: mailer(options.mail) };
  const alerts: AlertServices = {
    now,
    ...mail,
    post: (store, url, message) =>
      postWebhook(url, message, { ...rules, key: signingKey(store.project.name), now }),
    async wait(milliseconds) {
      await wait(milliseconds);
    },
  };
  const monitor = startMonitor({ ...alerts, ...rollOut, failed, metrics }, database, options.watchEvery);
  const live = liveModels({
    database,
    folder,
    now,
    onFault: (task, fault) => logger.warn({ task, fault }, 'a live model did not learn'),
  });
  return {
    live,
    serving: { scoring, policies, now },
    rollOut,
    feedback: {
      ...{ now, scrubber, masterKey },
      settings: rollOut.settings,
    },
    monitoring: {
      now,
      ...mail,
      post: alerts.post,
      signingKey,
      async checkAddress(url) {
        await callableAddress(url, rules);
      },
    },
    async close() {
      await monitor.stop();
      await live.close();
      await kept.close();
      endWatching();
      await scoring.close();
      await policies.close();
      await guards.close();
      await scrubber.close();
      await observer.close();
      await events?.close();
    },
  };
};

/** Stores by the ids of their projects, each opened once. */
const storesById = (database: Database): ((project: string) => Promise<Store>) => {
  const opened = new Map<string, Promise<Store>>();
  const open = async (id: string): Promise<Store> => {
    const found = (await listProjects(database)).find((project) => project.id === id);
    if (!found) throw new RangeError('what is served belongs to no project');
    return openStore(database, { project: found.name, create: false });
  };
  return (id) => {
    const found = opened.get(id) ?? open(id);
    opened.set(id, found);
    found.catch(() => opened.delete(id));
    return found;
  };
};
