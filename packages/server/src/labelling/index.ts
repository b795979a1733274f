/** @file Labelling: tasks, sessions of annotators, adjudication. */
export { labellingRoutes } from './routes.ts';
