/** @file Erasing a person on request, over HTTP. */
import { type MasterKey, privacyPolicy, projectKey, subjectsNamed } from '@plaudit/feedback';
import { z } from 'zod';
import { owners } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { digest } from './shapes.ts';

const counts = z.number();
const report = z.object({
  id: z.string(),
  subjectDigests: z.array(digest),
  actor: z.string(),
  reason: z.string(),
  at: z.string(),
  judgements: counts,
  prompts: counts,
  responses: counts,
  annotators: counts,
  impressions: counts,
  vaultEntries: counts,
  vaultKeys: counts,
  assignments: counts,
  datasets: z.array(z.object({ name: z.string(), rows: counts })),
  snapshots: z.array(z.object({ id: digest, rows: counts, erased: counts, successor: digest.nullable() })),
  tags: z.array(z.object({ name: z.string(), from: digest, to: digest.nullable() })),
  runs: z.array(z.string()),
  models: z.array(z.string()),
  bundles: z.array(z.string()),
  deployments: z.array(z.string()),
});

export const erasureRoutes = (services: { readonly masterKey: () => MasterKey }): readonly Route[] => [
  route({
    method: 'POST',
    url: '/v1/projects/:project/erasures',
    access: owners,
    tag: 'Data',
    summary: 'Erase a person: their rows and keys, and name what was trained on these.',
    operation: 'erasePerson',
    body: z.strictObject({
      subject: z.string().min(1).max(1000).describe('An address, a number or another identifier of theirs'),
      reason: z.string().max(1000).default('request of the person'),
    }),
    result: report,
    status: 201,
    async handler({ store, body: { subject, reason }, actor }) {
      const { key } = services.masterKey();
      const policy = privacyPolicy({ projectKey: projectKey(key, store.project.name) });
      const ids = [subject.trim(), ...subjectsNamed(subject, policy)];
      const made = await store.erase.subject(ids, { actor: actor.id, reason });
      return made as z.input<typeof report>;
    },
  }),
];
