/** @file Labelling: tasks, sessions of annotators, adjudication. */
export { type LabellingServices, labellingRoutes } from './routes.ts';
