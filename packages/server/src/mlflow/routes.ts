/** @file MLflow's tracking REST API over our runs: `MLFLOW_TRACKING_URI` is the server, `MLFLOW_TRACKING_TOKEN` a key. */
import type { Artifacts } from '@plaudit/store';
import { readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { artifactRoutes } from './artifact-routes.ts';
import { mlflowExperimentRoutes } from './experiment-routes.ts';
import { errorBody } from './protocol.ts';
import { mlflowRunRoutes } from './run-routes.ts';

export const mlflowRoutes = (services: { readonly artifacts: Artifacts }): readonly Route[] => [
  route({
    method: 'GET',
    url: '/api/3.0/mlflow/server-info',
    access: 'account',
    tag: 'MLflow',
    summary: 'What newer clients ask first.',
    operation: 'mlflowServerInfo',
    errorBody,
    handler: async () => ({
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
    }),
  }),
  route({
    method: 'POST',
    url: '/api/2.0/mlflow/logged-models/search',
    access: readers,
    tag: 'MLflow',
    summary:
      'Models that were logged: none, since ours are made by runs and registered. Clients ask when they list files.',
    operation: 'mlflowSearchLoggedModels',
    errorBody,
    handler: async () => ({ models: [] }),
  }),
  ...mlflowExperimentRoutes(),
  ...mlflowRunRoutes(),
  ...artifactRoutes(services),
];
