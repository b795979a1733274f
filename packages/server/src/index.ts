/** @file The public surface of `@plaudit/server`. */
export { serverLog } from './log.ts';
export { type Server, type ServerOptions, startServer } from './server.ts';
