/** @file Errors of snapshot. */
import type { ErrorRow } from './error.ts';

export const snapshotErrors = {} as const satisfies Record<string, ErrorRow>;
