/** @file Errors of graphs, sessions and providers. */
import type { ErrorRow } from './error.ts';

export const engineErrors = {} as const satisfies Record<string, ErrorRow>;
