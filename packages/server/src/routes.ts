/** @file Every route of the server. A new feature is a folder and a line here. */
import { auditRoutes } from './audit/audit-routes.ts';
import { dataThreads } from './data/data-thread.ts';
import { datasetRoutes } from './data/dataset-routes.ts';
import { erasureRoutes } from './data/erasure-routes.ts';
import { snapshotRoutes } from './data/snapshot-routes.ts';
import { experimentRoutes } from './experiments/index.ts';
import { feedbackRoutes } from './feedback-signals/routes.ts';
import { guardrailRoutes } from './guardrails/index.ts';
import type { Route } from './http/route.ts';
import { labellingRoutes } from './labelling/index.ts';
import { mlflowRoutes } from './mlflow/routes.ts';
import { monitoringRoutes } from './monitoring/index.ts';
import { registryRoutes } from './registry/index.ts';
import { rollOutRoutes } from './roll-out/index.ts';
import { jobRoutes } from './runs/job-routes.ts';
import { modelRoutes } from './runs/model-routes.ts';
import { runRoutes } from './runs/run-routes.ts';
import type { Services } from './services.ts';
import { servingRoutes } from './serving/index.ts';
import { shimRoutes } from './shims/index.ts';

export const routesOf = (services: Services): readonly Route[] => {
  const { accounts, database, features, folder, masterKey, now } = services;
  const data = { folder, threads: dataThreads(database, masterKey) };
  return [
    ...accounts.routes,
    ...datasetRoutes(data),
    ...snapshotRoutes(data),
    ...erasureRoutes({ masterKey }),
    ...labellingRoutes({ now, random: Math.random, live: features.live }),
    ...runRoutes(services),
    ...jobRoutes(services),
    ...modelRoutes(services),
    ...registryRoutes(features.rollOut),
    ...rollOutRoutes(features.rollOut),
    ...experimentRoutes(),
    ...servingRoutes(features.serving),
    ...feedbackRoutes(features.feedback),
    ...shimRoutes(features.serving),
    ...guardrailRoutes({ now }),
    ...monitoringRoutes(features.monitoring),
    ...auditRoutes(),
    ...mlflowRoutes(services),
  ];
};
