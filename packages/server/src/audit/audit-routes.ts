/** @file The audit log over HTTP: what was done by whom, and whether the chain is whole. */
import { z } from 'zod';
import { type Route, route } from '../http/route.ts';

const entry = z.object({
  seq: z.number(),
  at: z.date(),
  actor: z.string(),
  action: z.string(),
  resource: z.string(),
  details: z.record(z.string(), z.unknown()),
  previous: z.string(),
  hash: z.string(),
});

export const auditRoutes = (): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/audit',
    access: ['engineer', 'reviewer'],
    tag: 'Audit',
    summary: 'What was done by whom, the newest first.',
    operation: 'listAudit',
    query: z.object({
      before: z.coerce.number().int().positive().optional().describe('The cursor of the page before'),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      holding: z.string().min(1).max(200).optional().describe('In the actor, the action or the resource'),
    }),
    result: z.object({ entries: z.array(entry), next: z.number().nullable() }),
    async handler({ store, query: { before, limit, holding } }) {
      const entries = await store.audit.newest(limit, before, holding);
      return { entries: [...entries], next: entries.length < limit ? null : (entries.at(-1)?.seq ?? null) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/audit/verification',
    access: ['engineer', 'reviewer'],
    tag: 'Audit',
    summary: 'Go through the whole chain. Keep `last` elsewhere to see later that nothing was cut off.',
    operation: 'verifyAudit',
    result: z.union([
      z.object({ intact: z.literal(true), entries: z.number(), last: z.string() }),
      z.object({ intact: z.literal(false), seq: z.number() }),
    ]),
    perMinute: 10,
    handler: ({ store }) => store.audit.verify(),
  }),
];
