/** @file Errors of privacy. */
import type { ErrorRow } from './error.ts';

export const privacyErrors = {} as const satisfies Record<string, ErrorRow>;
