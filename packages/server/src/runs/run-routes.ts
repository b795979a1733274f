/** @file Runs over HTTP: what was started, its curves, its files, and runs side by side. */
import type { Artifacts, Store } from '@plaudit/store';
import { z } from 'zod';
import { backwards, nextCursor } from '../data/shapes.ts';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { sendArtifact } from './send-artifact.ts';
import { thinned } from './series.ts';
import { file, metricPoint, run, runStates, toMetricValue } from './shapes.ts';

const params = z.object({ run: z.string().max(64) });
/** Values of one metric that are read for a curve. */
const mostValues = 1_000_000;

const latestOf = async (store: Store, id: string) =>
  Object.fromEntries(
    [...(await store.metrics.latest(id))].map(([name, { step, value, at }]) => [
      name,
      { step, value: toMetricValue(value), at },
    ]),
  );

export const runRoutes = ({ artifacts }: { readonly artifacts: Artifacts }): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/runs',
    access: readers,
    tag: 'Runs',
    summary: 'Runs, the newest first.',
    operation: 'listRuns',
    query: backwards.extend({
      kind: z.string().max(200).optional(),
      state: z.enum(runStates).optional(),
      deleted: z.stringbool().default(false),
    }),
    result: z.object({ runs: z.array(run), next: z.string().nullable() }),
    async handler({ store, query: { before, limit, kind, state, deleted } }) {
      const runs = await store.runs.list({
        limit,
        deleted,
        ...(before !== undefined && { before }),
        ...(kind !== undefined && { kind }),
        ...(state !== undefined && { state }),
      });
      return { runs: [...runs], next: nextCursor(runs, limit) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/runs/:run',
    access: readers,
    tag: 'Runs',
    summary: 'One run with its steps and the last value of each metric.',
    operation: 'getRun',
    params,
    result: run.extend({
      metrics: z.record(z.string(), metricPoint),
      steps: z.array(
        z.object({
          name: z.string(),
          position: z.number(),
          state: z.enum(['running', 'finished', 'failed']),
          attempts: z.number(),
          error: z.string().nullable(),
          startedAt: z.date(),
          endedAt: z.date().nullable(),
        }),
      ),
      /** What it read. */
      snapshots: z.array(z.string()),
      /** What it made. */
      models: z.array(z.string()),
    }),
    async handler({ store, params: { run: id } }) {
      const found = await store.runs.get(id);
      const [metrics, steps, up, made] = await Promise.all([
        latestOf(store, id),
        store.steps.list(id),
        store.lineage.upstream({ run: id }),
        store.models.list({ run: id }),
      ]);
      return {
        ...found,
        metrics,
        steps: [...steps],
        snapshots: [...up.snapshots],
        models: made.map((model) => model.id),
      };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/runs/:run/series',
    access: readers,
    tag: 'Runs',
    summary: 'The history of metrics as curves, each thinned to so many points.',
    operation: 'getSeries',
    params,
    query: z.object({
      name: z.union([
        z
          .string()
          .max(250)
          .transform((one) => [one]),
        z.array(z.string().max(250)).max(50),
      ]),
      points: z.coerce.number().int().min(2).max(20_000).default(1000),
      /** Only what came after that step: a curve that is already there goes on. */
      afterStep: z.coerce.number().int().optional(),
    }),
    result: z.object({ series: z.record(z.string(), z.array(metricPoint)) }),
    async handler({ store, params: { run: id }, query: { name, points, afterStep } }) {
      await store.runs.get(id);
      const after = afterStep === undefined ? undefined : { step: afterStep, id: Number.MAX_SAFE_INTEGER };
      const page = { limit: mostValues, ...(after && { after: { ...after, value: 0, at: new Date(0) } }) };
      const curve = async (metric: string) =>
        thinned(await store.metrics.history(id, metric, page), points).map(({ step, value, at }) => ({
          step,
          value: toMetricValue(value),
          at,
        }));
      const curves: [string, Awaited<ReturnType<typeof curve>>][] = [];
      for (const metric of name) curves.push([metric, await curve(metric)]);
      // Not set one by one: a metric may be named __proto__.
      return { series: Object.fromEntries(curves) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/run-comparison',
    access: readers,
    tag: 'Runs',
    summary: 'Runs side by side: settings that differ, and the last value of each metric.',
    operation: 'compareRuns',
    query: z.object({ run: z.array(z.string().max(64)).min(2).max(20) }),
    result: z.object({
      runs: z.array(run.pick({ id: true, name: true, kind: true, state: true, createdAt: true })),
      /** By path such as `settings.epochs`; one value a run, null where a run has none. */
      settings: z.record(z.string(), z.array(z.unknown())),
      metrics: z.record(z.string(), z.array(metricPoint.shape.value.nullable())),
    }),
    async handler({ store, query: { run: ids } }) {
      const runs = await Promise.all(ids.map((id) => store.runs.get(id)));
      const configs = runs.map(({ config }) => new Map(leavesOf(config)));
      const latest = await Promise.all(ids.map((id) => latestOf(store, id)));
      const rows = <T>(maps: readonly ReadonlyMap<string, T>[]) =>
        [...new Set(maps.flatMap((map) => [...map.keys()]))]
          .sort()
          .map((name) => [name, maps.map((map) => map.get(name) ?? null)] as const);
      const differing = rows(configs).filter(
        ([, values]) => new Set(values.map((value) => JSON.stringify(value))).size > 1,
      );
      const metrics = rows(
        latest.map((of) => new Map(Object.entries(of).map(([name, { value }]) => [name, value]))),
      );
      return { runs, settings: Object.fromEntries(differing), metrics: Object.fromEntries(metrics) };
    },
  }),
  route({
    method: 'PUT',
    url: '/v1/projects/:project/runs/:run/tags',
    access: engineers,
    tag: 'Runs',
    summary: 'Set tags of a run one by one; the others stay.',
    operation: 'tagRun',
    params,
    body: z.record(z.string().max(250), z.string().max(5000)),
    handler: ({ store, params: { run: id }, body }) => store.runs.setTags(id, body),
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/runs/:run',
    access: engineers,
    tag: 'Runs',
    summary: 'Hide a run; nothing is lost.',
    operation: 'deleteRun',
    params,
    handler: ({ store, params: { run: id } }) => store.runs.delete(id),
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/runs/:run/restoration',
    access: engineers,
    tag: 'Runs',
    summary: 'Show a hidden run again.',
    operation: 'restoreRun',
    params,
    handler: ({ store, params: { run: id } }) => store.runs.restore(id),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/runs/:run/artifacts',
    access: readers,
    tag: 'Runs',
    summary: 'The files of a run.',
    operation: 'listRunArtifacts',
    params,
    result: z.object({ files: z.array(file) }),
    handler: async ({ store, params: { run: id } }) => ({ files: [...(await store.files.of(id))] }),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/runs/:run/artifacts/*',
    access: readers,
    tag: 'Runs',
    summary: 'One file of a run.',
    operation: 'getRunArtifact',
    params: params.extend({ '*': z.string().max(1000) }),
    handler: ({ store, params: { run: id, '*': path }, reply }) =>
      sendArtifact(store, artifacts, reply, id, path),
  }),
];

/** Every value of a configuration that is no object, by its path. */
const leavesOf = (value: unknown, path: readonly string[] = []): [string, unknown][] =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
    : [[path.join('.'), value]];
