/** @file Errors of selection. */
import type { ErrorRow } from './error.ts';

export const selectionErrors = {} as const satisfies Record<string, ErrorRow>;
