/** @file Serving: what other features and the start of the server use of this folder. */
export type { ArmName, ArmPlan, Deployment, DeploymentPlan } from './deployment.ts';
export { type FolderOfModel, modelFolders } from './model-folders.ts';
export type { ServedModel } from './model-thread.ts';
export { PolicyService, type PolicyServiceOptions, type ServingPolicy } from './policy-service.ts';
export type { ServedPolicy } from './policy-thread.ts';
export type { ServedScore, WorkItem } from './protocol.ts';
export { servingRoutes } from './routes.ts';
export {
  type ItemAnswer,
  type ScoredEvent,
  type ScoringAnswer,
  type ScoringRequest,
  ScoringService,
  type ScoringServiceOptions,
} from './scoring-service.ts';
export {
  type DeploymentFault,
  type DeploymentServices,
  type KeptDeployments,
  keepDeployments,
  syncDeployments,
} from './serve-deployments.ts';
export type { ServingServices } from './services.ts';
