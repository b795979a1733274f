/** @file Experiments: arms, units, outcomes, and what may be said of them at every look. */
export { experimentRoutes } from './routes.ts';
