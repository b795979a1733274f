/** @file Errors of reading judgement files. */
import type { ErrorRow } from './error.ts';

export const dataErrors = {} as const satisfies Record<string, ErrorRow>;
