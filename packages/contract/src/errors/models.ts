/** @file Errors of checkpoints, tokenizers and templates. */
import type { ErrorRow } from './error.ts';

export const modelErrors = {} as const satisfies Record<string, ErrorRow>;
