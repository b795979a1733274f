/** @file Snapshots over HTTP: fixing what is there, gates, rows, differences, lineage, tags and exports. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { plauditError } from '@plaudit/contract';
import { exportFormatNames, qualityReport } from '@plaudit/feedback';
import type { Snapshot, Store } from '@plaudit/store';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import type { DataServices } from './dataset-routes.ts';
import { backwards, digest, nextCursor, pageQuery, rowsPage, snapshot } from './shapes.ts';
import { safeFileName, withTemporaryFolder } from './uploaded-file.ts';

const names = z.array(z.string().max(200)).max(1000);
const params = z.object({ snapshot: z.string().max(200).describe('Id or tag') });
const kinds = z.enum(['comparison', 'ranking', 'rating', 'label', 'edit', 'steps']);
const pairs = z.array(z.object({ before: digest, after: digest }));
const lineage = z.object({
  snapshots: z.array(digest),
  runs: z.array(z.string()),
  models: z.array(z.string()),
  bundles: z.array(z.string()),
  deployments: z.array(z.string()),
});
const containers = ['jsonl', 'json', 'csv', 'parquet', 'jsonl.gz', 'csv.gz', 'jsonl.zst', 'csv.zst'] as const;
/** Ids of changed rows that an answer lists of each kind. */
const mostListed = 1000;

const shown = (found: Snapshot, tags: readonly { name: string; snapshot: string }[]) => {
  const gates = qualityReport.safeParse(found.gates);
  return {
    ...found,
    query: found.query as z.input<typeof snapshot>['query'],
    tags: tags.filter((tag) => tag.snapshot === found.id).map(({ name }) => name),
    blocking: gates.success ? [...gates.data.blocking] : null,
  };
};

/** Sends a stream and waits until all of it is out, or nobody waits for it any more. */
const sent = async (reply: FastifyReply, content: Readable): Promise<void> => {
  reply.send(content);
  await finished(content, { writable: false }).catch(() => undefined);
};

const describe = async (store: Store, idOrTag: string) =>
  shown(await store.snapshots.find(idOrTag), await store.tags.list());

export const snapshotRoutes = ({ folder, threads }: DataServices): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots',
    access: readers,
    tag: 'Data',
    summary: 'Snapshots, the newest first.',
    operation: 'listSnapshots',
    query: backwards,
    result: z.object({ snapshots: z.array(snapshot), next: z.string().nullable() }),
    async handler({ store, query: { before, limit } }) {
      const tags = await store.tags.list();
      const found = await store.snapshots.list({ limit, ...(before !== undefined && { before }) });
      return { snapshots: found.map((one) => shown(one, tags)), next: nextCursor(found, limit) };
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/snapshots',
    access: engineers,
    tag: 'Data',
    summary: 'Fix what data sets hold now. The same rows are the same snapshot.',
    operation: 'createSnapshot',
    body: z.strictObject({
      datasets: names.min(1),
      imports: names.optional(),
      sources: names.optional(),
      kinds: z.array(kinds).optional(),
      criteria: names.optional(),
      languages: names.optional(),
      parent: z.string().max(200).optional().describe('Id or tag of the snapshot that it follows'),
      rubric: z.string().max(64).optional(),
      tag: z.string().max(200).optional(),
    }),
    result: snapshot,
    status: 201,
    async handler({ store, body: { parent, rubric, tag, ...query }, actor }) {
      const given = Object.entries(query).filter(([, value]) => value !== undefined);
      const made = await store.snapshots.create(Object.fromEntries(given) as unknown as Snapshot['query'], {
        ...(parent !== undefined && { parent: (await store.snapshots.find(parent)).id }),
        ...(rubric !== undefined && { rubric }),
      });
      if (tag !== undefined) await store.tags.set(tag, made.id);
      const resource = `snapshot:${made.id}`;
      await store.audit.append({
        actor: actor.id,
        action: 'snapshot.create',
        resource,
        details: { rows: made.rows },
      });
      return describe(store, made.id);
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots/:snapshot',
    access: readers,
    tag: 'Data',
    summary: 'One snapshot, by id or tag.',
    operation: 'getSnapshot',
    params,
    result: snapshot,
    handler: ({ store, params: { snapshot: of } }) => describe(store, of),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots/:snapshot/gates',
    access: readers,
    tag: 'Data',
    summary: 'The quality gates of a snapshot with their reasons; checked now where nobody has asked yet.',
    operation: 'getGates',
    params,
    result: qualityReport,
    async handler({ store, params: { snapshot: of }, signal }) {
      const { id, gates } = await store.snapshots.find(of);
      const kept = qualityReport.safeParse(gates);
      if (kept.success) return kept.data;
      return threads.run('gates', store.project.name, { snapshot: id }, signal);
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots/:snapshot/rows',
    access: readers,
    tag: 'Data',
    summary: 'Judgements of a snapshot, by id; erased ones are left out.',
    operation: 'listSnapshotRows',
    params,
    query: pageQuery,
    result: rowsPage,
    async handler({ store, params: { snapshot: of }, query: { after, limit } }) {
      const { id } = await store.snapshots.find(of);
      const rows = await store.snapshots.page(id, { limit, ...(after !== undefined && { after }) });
      return { rows: [...rows], next: nextCursor(rows, limit) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots/:snapshot/diff/:to',
    access: readers,
    tag: 'Data',
    summary: 'What changed from one snapshot to another, row by row.',
    operation: 'diffSnapshots',
    params: params.extend({ to: z.string().max(200).describe('Id or tag') }),
    result: z.object({
      from: digest,
      to: digest,
      unchanged: z.number(),
      counts: z.object({
        added: z.number(),
        removed: z.number(),
        relabelled: z.number(),
        restated: z.number(),
      }),
      /** The first thousand of each. */
      added: z.array(digest),
      removed: z.array(digest),
      relabelled: pairs,
      restated: pairs,
    }),
    async handler({ store, params: { snapshot: of, to }, signal }) {
      const [before, after] = [await store.snapshots.find(of), await store.snapshots.find(to)];
      const found = await threads.run('diff', store.project.name, { from: before.id, to: after.id }, signal);
      const { added, removed, relabelled, restated } = found;
      return {
        ...found,
        counts: {
          added: added.length,
          removed: removed.length,
          relabelled: relabelled.length,
          restated: restated.length,
        },
        added: added.slice(0, mostListed),
        removed: removed.slice(0, mostListed),
        relabelled: relabelled.slice(0, mostListed),
        restated: restated.slice(0, mostListed),
      };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/lineage',
    access: readers,
    tag: 'Data',
    summary:
      'What was made from a row, a snapshot, a run or a model, and what a run, a model or a bundle was made from.',
    operation: 'getLineage',
    query: z.object({
      row: z.string().max(64).optional(),
      snapshot: z.string().max(200).optional(),
      run: z.string().max(64).optional(),
      model: z.string().max(64).optional(),
      bundle: z.string().max(64).optional(),
    }),
    result: z.object({
      downstream: lineage.nullable(),
      upstream: lineage.omit({ bundles: true, deployments: true }).nullable(),
    }),
    async handler({ store, query: { row, snapshot: of, run, model, bundle } }) {
      const given = [row, of, run, model, bundle].filter((value) => value !== undefined);
      if (given.length !== 1)
        throw plauditError('request.invalid', {
          problem: 'give one of row, snapshot, run, model and bundle',
        });
      const { downstream, upstream } = store.lineage;
      const lists = (found: object) =>
        Object.fromEntries(Object.entries(found).map(([what, ids]) => [what, [...ids]])) as never;
      if (row !== undefined) return { downstream: lists(await downstream({ row })), upstream: null };
      if (of !== undefined) {
        const { id } = await store.snapshots.find(of);
        return { downstream: lists(await downstream({ snapshot: id })), upstream: null };
      }
      if (bundle !== undefined) return { downstream: null, upstream: lists(await upstream({ bundle })) };
      const from = run === undefined ? { model: model! } : { run };
      return { downstream: lists(await downstream(from)), upstream: lists(await upstream(from)) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/snapshots/:snapshot/export',
    access: engineers,
    tag: 'Data',
    summary: 'A snapshot as a file. The header plaudit-export says what the format could not hold.',
    operation: 'exportSnapshot',
    params,
    query: z.object({
      format: z.enum(exportFormatNames as unknown as [string, ...string[]]).default('plaudit'),
      container: z.enum(containers).default('jsonl'),
    }),
    async handler({ store, params: { snapshot: of }, query: { format, container }, signal, reply, actor }) {
      const { id } = await store.snapshots.find(of);
      const name = `${safeFileName(of)}.${container}`;
      await withTemporaryFolder(folder, async (temporary) => {
        const path = join(temporary, name);
        const report = await threads.run(
          'export',
          store.project.name,
          { snapshot: id, path, format },
          signal,
        );
        const { written, leftOut, fieldsLost } = report;
        await store.audit.append({
          actor: actor.id,
          action: 'snapshot.export',
          resource: `snapshot:${id}`,
          details: { format, written },
        });
        reply
          .header('content-type', 'application/octet-stream')
          .header('content-disposition', `attachment; filename="${name}"`)
          .header('plaudit-export', JSON.stringify({ written, leftOut, fieldsLost }));
        // The file stays until the answer has been sent.
        await sent(reply, createReadStream(path));
      });
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/tags',
    access: readers,
    tag: 'Data',
    summary: 'Names that point at snapshots.',
    operation: 'listTags',
    result: z.object({
      tags: z.array(z.object({ name: z.string(), snapshot: digest, updatedAt: z.date() })),
    }),
    handler: async ({ store }) => ({ tags: [...(await store.tags.list())] }),
  }),
  route({
    method: 'PUT',
    url: '/v1/projects/:project/tags/:tag',
    access: engineers,
    tag: 'Data',
    summary: 'Point a name at a snapshot, wherever it pointed before.',
    operation: 'setTag',
    params: z.object({ tag: z.string().max(200) }),
    body: z.strictObject({ snapshot: z.string().max(200).describe('Id or tag') }),
    async handler({ store, params: { tag }, body, actor }) {
      const { id } = await store.snapshots.find(body.snapshot);
      await store.tags.set(tag, id);
      await store.audit.append({ actor: actor.id, action: 'tag.set', resource: `snapshot:${id}` });
    },
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/tags/:tag',
    access: engineers,
    tag: 'Data',
    summary: 'Remove a name; the snapshot stays.',
    operation: 'removeTag',
    params: z.object({ tag: z.string().max(200) }),
    handler: ({ store, params: { tag } }) => store.tags.remove(tag),
  }),
];
