/** @file Data sets over HTTP: what there is, bringing files in, looking at rows and taking one back. */
import { join } from 'node:path';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import type { DataThreads } from './data-thread.ts';
import { digest, nextCursor, pageQuery, row, rowsPage } from './shapes.ts';
import { receive, safeFileName, withTemporaryFolder } from './uploaded-file.ts';

export interface DataServices {
  /** Of the store. */
  readonly folder: string;
  readonly threads: DataThreads;
}

const largestFile = 8 * 1024 ** 3;
const name = z.string().max(200);
const params = z.object({ dataset: name });
const dataset = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  rows: z.number(),
  createdAt: z.date(),
});
const imported = z.object({
  id: z.string(),
  source: z.string(),
  state: z.enum(['running', 'finished']),
  rows: z.number(),
  rejected: z.number(),
  added: z.number(),
  known: z.number(),
  startedAt: z.date(),
  finishedAt: z.date().nullable(),
});

export const datasetRoutes = ({ folder, threads }: DataServices): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/datasets',
    access: readers,
    tag: 'Data',
    summary: 'The data sets by name, with the judgements in each.',
    operation: 'listDatasets',
    result: z.object({ datasets: z.array(dataset) }),
    async handler({ store }) {
      const found = await store.datasets.list();
      return { datasets: await Promise.all(found.map((one) => store.datasets.get(one.name))) };
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/datasets',
    access: engineers,
    tag: 'Data',
    summary: 'Make an empty data set.',
    operation: 'createDataset',
    body: z.strictObject({ name, description: z.string().max(10_000).default('') }),
    result: dataset,
    status: 201,
    async handler({ store, body }) {
      await store.datasets.create(body.name, body.description);
      return store.datasets.get(body.name);
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/datasets/:dataset',
    access: readers,
    tag: 'Data',
    summary: 'One data set.',
    operation: 'getDataset',
    params,
    result: dataset,
    handler: ({ store, params: { dataset: of } }) => store.datasets.get(of),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/datasets/:dataset/rows',
    access: readers,
    tag: 'Data',
    summary: 'Judgements of a data set as it is now, by id; those that were taken back are left out.',
    operation: 'listRows',
    params,
    query: pageQuery,
    result: rowsPage,
    async handler({ store, params: { dataset: of }, query: { after, limit } }) {
      const rows = await store.judgements.page(of, { limit, ...(after !== undefined && { after }) });
      return { rows: [...rows], next: nextCursor(rows, limit) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/datasets/:dataset/imports',
    access: readers,
    tag: 'Data',
    summary: 'What was imported into a data set, the newest first.',
    operation: 'listImports',
    params,
    result: z.object({ imports: z.array(imported) }),
    handler: async ({ store, params: { dataset: of } }) => ({
      imports: [...(await store.datasets.imports(of))],
    }),
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/datasets/:dataset/imports',
    access: engineers,
    tag: 'Data',
    summary:
      'Bring a file of judgements into a data set; what is personal is taken out before anything is stored.',
    operation: 'importFile',
    params,
    query: z.object({
      name: z.string().max(300).default('upload.jsonl').describe('Of the file; its ending says what it is'),
      format: z.string().max(50).default('auto'),
      personalData: z.enum(['scrub', 'keep']).default('scrub'),
    }),
    upload: true,
    bodyLimit: largestFile,
    result: z.object({
      id: z.string(),
      dataset: z.string(),
      rows: z.number(),
      rejected: z.number(),
      added: z.number(),
      known: z.number(),
      erased: z.number(),
      /** The first of those that were set aside. */
      rejects: z.array(
        z.object({ row: z.number(), field: z.string().optional(), reason: z.string(), message: z.string() }),
      ),
      scrubbed: z
        .object({ found: z.record(z.string(), z.number()), rows: z.number(), equal: z.number() })
        .nullable(),
    }),
    status: 201,
    async handler({ store, params: { dataset: into }, query, upload, signal, actor }) {
      const report = await withTemporaryFolder(folder, async (temporary) => {
        const path = join(temporary, safeFileName(query.name));
        await receive(upload, path, signal);
        const { format, personalData, name: source } = query;
        return threads.run(
          'import',
          store.project.name,
          { path, dataset: into, source, format, personalData },
          signal,
        );
      });
      const { id, rows, rejected, added, known, erased } = report;
      await store.audit.append({
        actor: actor.id,
        action: 'data.import',
        resource: `import:${id}`,
        details: { rows, rejected, added, known, erased, personalData: query.personalData },
      });
      return { ...report, rejects: [...report.rejects] };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/judgements/:judgement',
    access: readers,
    tag: 'Data',
    summary: 'One judgement as it was given; null where it has been erased.',
    operation: 'getJudgement',
    params: z.object({ judgement: digest.max(64) }),
    result: z.object({
      id: digest,
      judgement: row.shape.judgement.nullable(),
      createdAt: z.date(),
      retracted: z.boolean(),
    }),
    async handler({ store, params: { judgement: id } }) {
      const found = await store.judgements.get(id);
      return { ...found, judgement: found.judgement ?? null };
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/judgements/:judgement/retraction',
    access: ['engineer', 'reviewer'],
    tag: 'Data',
    summary: 'Take a judgement back: it stays on record and is left out of snapshots from now on.',
    operation: 'retractJudgement',
    params: z.object({ judgement: digest.max(64) }),
    body: z.strictObject({ reason: z.string().max(1000).optional() }),
    async handler({ store, params: { judgement: id }, body: { reason }, actor }) {
      await store.judgements.retract(id, { actor: actor.id, ...(reason !== undefined && { reason }) });
      const entry = { actor: actor.id, action: 'judgement.retract', resource: `judgement:${id}` };
      await store.audit.append(entry);
    },
  }),
];
