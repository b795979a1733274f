/** @file Whatever a request ends with, as one error of the table. */
import { PlauditError, plauditError } from '@plaudit/contract';
import type { ZodError } from 'zod';

/** Characters of a fault that are repeated to who sent it. */
const problemLimit = 300;

/** What is wrong with a part of a request; at most three faults, each with the field that it is in. */
export const invalidRequest = (part: string, { issues }: ZodError): PlauditError => {
  const faults = issues
    .slice(0, 3)
    .map(({ path, message }) => `${[part, ...path.map(String)].join('.')}: ${message}`);
  const more = issues.length > 3 ? `; and ${issues.length - 3} more` : '';
  return plauditError('request.invalid', { problem: `${faults.join('; ').slice(0, problemLimit)}${more}` });
};

interface Thrown {
  readonly code?: unknown;
  readonly statusCode?: unknown;
}

/**
 * The error to answer with. What is not of the table is a fault of ours: nothing of it is told but the request's id.
 *
 * @param limit Bytes that the route takes
 */
export const answerableError = (thrown: unknown, request: string, limit: number): PlauditError => {
  if (thrown instanceof PlauditError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as Thrown;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return plauditError('request.too_large', { limit });
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return plauditError('request.media_type');
  if (thrown instanceof SyntaxError || /^FST_ERR_CTP_(INVALID_JSON|EMPTY_JSON)/.test(String(code)))
    return plauditError('request.not_json');
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return plauditError('request.invalid', { problem: 'it is not as HTTP asks for' });
  return plauditError('server.internal', { request }, thrown);
};
