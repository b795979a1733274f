/** @file Errors of training and using reward models. */
import type { ErrorRow } from './error.ts';

export const rewardErrors = {} as const satisfies Record<string, ErrorRow>;
