/** @file Errors of store. */
import type { ErrorRow } from './error.ts';

export const storeErrors = {} as const satisfies Record<string, ErrorRow>;
