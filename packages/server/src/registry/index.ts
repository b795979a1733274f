/** @file The registry: bundles with their gates, and what serves. */
export { openFromFolders } from './open-bundle.ts';
export { registryRoutes } from './routes.ts';
