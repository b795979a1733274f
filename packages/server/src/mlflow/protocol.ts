/** @file MLflow's tracking REST API (2.0): its shapes, its limits and its errors. */
import { z } from 'zod';

/** 64-bit integers come as numbers or as text. */
export const int64 = z.coerce.number().int();
/** JSON has no NaN; protocol buffers write these three as text. */
const double = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity']).transform(Number)]);

const nameForm = /^[/\w.\- :]*$/;
export const key = z.string().min(1).max(250).regex(nameForm);
export const tag = z.object({ key, value: z.string().max(8000).default('') });
export const param = z.object({ key, value: z.string().max(6000).default('') });
export const metric = z.object({
  key,
  value: double,
  timestamp: int64.default(0),
  step: int64.default(0),
});
export const tags = z.array(tag).max(100).default([]);
export const runId = z.string().max(64);

/** As they are in `service.proto`. */
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

const codes: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'RESOURCE_DOES_NOT_EXIST',
  409: 'RESOURCE_ALREADY_EXISTS',
  429: 'REQUEST_LIMIT_EXCEEDED',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** What an MLflow client reads of an error. */
export const errorBody = ({ status, message, cure }: { status: number; message: string; cure: string }) => ({
  error_code: codes[status] ?? (status < 500 ? 'INVALID_PARAMETER_VALUE' : 'INTERNAL_ERROR'),
  message: `${message} ${cure}`,
});

/** The cursor of a page is where it ended; nothing of it is secret. */
export const toToken = (cursor: unknown): string => Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** @returns undefined for what is no cursor of ours */
export const fromToken = <T>(schema: z.ZodType<T>, token: string | undefined): T | undefined => {
  if (token === undefined || token === '') return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
};
