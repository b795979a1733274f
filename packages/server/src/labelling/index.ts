/** @file Labelling: tasks, sessions of annotators, adjudication. */
export { type LiveModels, liveModels } from './live/live-models.ts';
export { labellingRoutes } from './routes.ts';
