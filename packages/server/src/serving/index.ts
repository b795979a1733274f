/** @file Serving: what other features and the start of the server use of this folder. */
export { modelFolders } from './model-folders.ts';
export { PolicyService } from './policy-service.ts';
export type { WorkItem } from './protocol.ts';
export { servingRoutes } from './routes.ts';
export {
  type ScoredEvent,
  ScoringService,
} from './scoring-service.ts';
export {
  keepDeployments,
  syncDeployments,
} from './serve-deployments.ts';
export type { ServingServices } from './services.ts';
