/** @file What the routes of serving work with. */
import { randomUUID } from 'node:crypto';
import { PlauditError } from '@plaudit/contract';
import type { FastifyReply } from 'fastify';
import type { PolicyService } from './policy-service.ts';
import type { ScoringService } from './scoring-service.ts';

export interface ServingServices {
  readonly scoring: ScoringService;
  readonly policies: PolicyService;
  readonly now?: () => Date;
  /** Makes the last part of an answer's id. */
  readonly newId?: () => string;
}

export const nowOf = ({ now = () => new Date() }: ServingServices): Date => now();
export const newIdOf = ({ newId = randomUUID }: ServingServices): string => newId();

/**
 * Does what a route does, and tells a caller who is refused when to come again.
 *
 * @throws what the work throws
 */
export const answering = async <T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PlauditError && error.status === 429)
      reply.header('retry-after', error.parameters.retryAfter ?? 1);
    throw error;
  }
};
