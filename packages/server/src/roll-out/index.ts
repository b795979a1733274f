/** @file Roll-outs: canaries that advance, stop and go back by what they do, and shadows. */
export type { RollOutServices } from './roll-out.ts';
export { rollOutRoutes } from './routes.ts';
