/** @file The public surface of `@plaudit/server`. */

export { issueKey } from './accounts/issue-key.ts';
export { guardrailSettings } from './guardrails/index.ts';
export { serverLog } from './log.ts';
export { type BundleRegistry, openRegistry } from './registry/open-registry.ts';
export { type Server, type ServerOptions, startServer } from './server.ts';
