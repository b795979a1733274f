/** @file The registry: bundles with their gates, and what serves. */
export { liveDeploymentsOf, requireModelUnused } from './bundle-life.ts';
export { type OpenBundle, type OpenedBundle, openFromFolders } from './open-bundle.ts';
export { type RegistryServices, rollBack } from './promotion.ts';
export { registryRoutes } from './routes.ts';
