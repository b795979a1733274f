/** @file The public surface of `@plaudit/sdk`. */
export {
  ApiError,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type Input,
  type Result,
} from './client.ts';
export { type Operations, operations } from './operations.ts';
