/** @file Errors of quality. */
import type { ErrorRow } from './error.ts';

export const qualityErrors = {} as const satisfies Record<string, ErrorRow>;
