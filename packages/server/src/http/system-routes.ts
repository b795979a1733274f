/** @file What a server says of itself: that it lives, that it is ready, its metrics and its interface. */
import { hash, timingSafeEqual } from 'node:crypto';
import { plauditError } from '@plaudit/contract';
import type { Database } from '@plaudit/store';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import { type Route, route } from './route.ts';

export interface SystemServices {
  readonly database: Database;
  /** Whatever else has to be there, by name; throws where it is not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly isClosing: () => boolean;
  readonly metrics: Registry;
  /** With which a collector reads the metrics of all projects; without one only administrators do. */
  readonly metricsToken?: string;
  readonly openApi: () => unknown;
}

/** Takes the same time wherever two texts begin to differ. */
const isSame = (a: string, b: string): boolean =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));

const state = z.object({ status: z.literal('ok') });

export const systemRoutes = (services: SystemServices): readonly Route[] => [
  route({
    method: 'GET',
    url: '/healthz',
    access: 'public',
    tag: 'Server',
    summary: 'Whether the process lives.',
    operation: 'health',
    result: state,
    perMinute: Number.POSITIVE_INFINITY,
    handler: async () => ({ status: 'ok' as const }),
  }),
  route({
    method: 'GET',
    url: '/readyz',
    access: 'public',
    tag: 'Server',
    summary: 'Whether requests can be answered: the database is there and nothing is closing.',
    operation: 'ready',
    result: state,
    perMinute: Number.POSITIVE_INFINITY,
    async handler() {
      if (services.isClosing()) throw plauditError('server.not_ready', { problem: 'it is closing' });
      const checks = { database: () => services.database.pool.query('select 1'), ...services.checks };
      for (const [name, check] of Object.entries(checks))
        try {
          await check();
        } catch (cause) {
          throw plauditError('server.not_ready', { problem: `${name} does not answer` }, cause);
        }
      return { status: 'ok' as const };
    },
  }),
  route({
    method: 'GET',
    url: '/metrics',
    // They name deployments of every project, so that no role in one of them is enough.
    access: 'public',
    tag: 'Server',
    summary: 'Metrics as Prometheus reads them, for administrators and for who has the token of the metrics.',
    operation: 'metrics',
    perMinute: 600,
    async handler({ actor, request, reply }) {
      const given = request.headers.authorization ?? '';
      const { metricsToken } = services;
      if (!actor.administrator && !(metricsToken && isSame(given, `Bearer ${metricsToken}`)))
        throw plauditError('access.unauthenticated');
      reply.header('content-type', services.metrics.contentType);
      return services.metrics.metrics();
    },
  }),
  route({
    method: 'GET',
    url: '/openapi.json',
    access: 'public',
    tag: 'Server',
    summary: 'This interface as an OpenAPI 3.1 document.',
    operation: 'openApi',
    handler: async () => services.openApi(),
  }),
];
