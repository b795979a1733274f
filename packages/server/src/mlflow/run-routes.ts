/** @file MLflow's runs: ours, with metrics that are added, parameters that are written once and tags that are overwritten. */
import type { Run, Store } from '@plaudit/store';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { toMetricValue } from '../runs/shapes.ts';
import { groupOf, infoDocument, inputsTag, paramsOf, runDocument, statusOf } from './documents.ts';
import { errorBody, fromToken, int64, key, metric, param, runId, tag, tags, toToken } from './protocol.ts';
import { type FieldOf, parseFilter, parseOrder } from './search.ts';

const base = '/api/2.0/mlflow/runs';
/** A training loop logs some times a second. */
const shared = { tag: 'MLflow', errorBody, perMinute: 30_000 } as const;
/** Runs that are searched. */
const mostRuns = 20_000;
const name = z.string().max(200);
const status = z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']);
/** Older clients name a run twice. */
const ofRun = { run_id: runId.optional(), run_uuid: runId.optional() };
const idOf = ({ run_id, run_uuid }: { run_id?: string | undefined; run_uuid?: string | undefined }) =>
  run_id ?? run_uuid ?? '';
const recordOf = (given: readonly { key: string; value: string }[]) =>
  Object.fromEntries(given.map(({ key: of, value }) => [of, value]));

type LoggedMetric = z.output<typeof metric>;
const logged = ({ key: of, value, timestamp, step }: LoggedMetric) => ({
  name: of,
  step,
  value,
  ...(timestamp > 0 && { at: new Date(timestamp) }),
});

const end = async (store: Store, id: string, to: z.output<typeof status>): Promise<void> => {
  const { state } = await store.runs.get(id);
  if (statusOf[state] === to) return;
  if (to === 'RUNNING') return store.runs.start(id);
  if (to === 'FINISHED') return store.runs.end(id, { state: 'finished' });
  if (to === 'KILLED') return store.runs.end(id, { state: 'stopped' });
  if (to === 'FAILED')
    return store.runs.end(id, { state: 'failed', error: 'The program that ran it said so.' });
};

const document = async (store: Store, id: string) =>
  runDocument(await store.runs.get(id), await store.metrics.latest(id));

const ofExperiment = async (store: Store, experiment: string): Promise<readonly Run[]> => {
  const runs: Run[] = [];
  for (let more = true; more && runs.length < mostRuns; ) {
    const before = runs.at(-1)?.id;
    const page = await store.runs.list({
      ...{ limit: 1000, deleted: true, group: groupOf(experiment) },
      ...(before !== undefined && { before }),
    });
    runs.push(...page);
    more = page.length === 1000;
  }
  return runs;
};

type Latest = Awaited<ReturnType<Store['metrics']['latest']>>;
const fieldsOf = (run: Run, latest: Latest | undefined): FieldOf => {
  const params = new Map(paramsOf(run.config));
  const info: Record<string, string | number | undefined> = { ...infoDocument(run) };
  const attributes = {
    ...info,
    created: info.start_time,
    'Run Name': info.run_name,
    run_name: info.run_name,
  };
  return (kind, of) => {
    if (kind === 'metrics') return latest?.get(of)?.value;
    if (kind === 'params') return params.get(of);
    if (kind === 'tags') return run.tags[of];
    return (attributes as Record<string, string | number | undefined>)[of];
  };
};

export const mlflowRunRoutes = (): readonly Route[] => [
  route({
    ...shared,
    method: 'POST',
    url: `${base}/create`,
    access: engineers,
    summary: 'Begin a run.',
    operation: 'mlflowCreateRun',
    body: z.object({
      experiment_id: z.string().max(64).default('0'),
      run_name: name.optional(),
      user_id: z.string().max(250).optional(),
      tags,
    }),
    async handler({ store, body }) {
      const given = recordOf(body.tags);
      const group = groupOf(body.experiment_id);
      const named = (body.run_name || given['mlflow.runName'] || 'run').trim();
      const { id } = await store.runs.create({
        name: named,
        kind: 'mlflow',
        config: {},
        tags: { ...(body.user_id !== undefined && { 'mlflow.user': body.user_id }), ...given },
        ...(group !== null && { group }),
      });
      await store.runs.start(id);
      return { run: await document(store, id) };
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/update`,
    access: engineers,
    summary: 'Change the status or the name of a run.',
    operation: 'mlflowUpdateRun',
    body: z.object({ ...ofRun, status: status.optional(), run_name: name.optional() }),
    async handler({ store, body }) {
      const id = idOf(body);
      if (body.run_name) await store.runs.rename(id, body.run_name.trim());
      if (body.status) await end(store, id, body.status);
      return { run_info: infoDocument(await store.runs.get(id)) };
    },
  }),
  route({
    ...shared,
    method: 'GET',
    url: `${base}/get`,
    access: readers,
    summary: 'A run with its metrics, parameters and tags.',
    operation: 'mlflowGetRun',
    query: z.object(ofRun),
    handler: async ({ store, query }) => ({ run: await document(store, idOf(query)) }),
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/log-batch`,
    access: engineers,
    summary: 'Log metrics, parameters and tags together; a thousand at most.',
    operation: 'mlflowLogBatch',
    body: z
      .object({
        run_id: runId,
        metrics: z.array(metric).max(1000).default([]),
        params: z.array(param).max(100).default([]),
        tags: z.array(tag).max(100).default([]),
      })
      .refine(
        ({ metrics, params, tags: set }) => metrics.length + params.length + set.length <= 1000,
        'it has more than 1000 entries',
      ),
    async handler({ store, body }) {
      // First what can be refused.
      if (body.params.length > 0) await store.runs.addSettings(body.run_id, recordOf(body.params));
      if (body.tags.length > 0) await store.runs.setTags(body.run_id, recordOf(body.tags));
      await store.metrics.log(body.run_id, body.metrics.map(logged));
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/log-metric`,
    access: engineers,
    summary: 'Log one value of a metric.',
    operation: 'mlflowLogMetric',
    body: metric.extend(ofRun),
    async handler({ store, body }) {
      await store.metrics.log(idOf(body), [logged(body)]);
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/log-parameter`,
    access: engineers,
    summary: 'Log one parameter; it is written once.',
    operation: 'mlflowLogParameter',
    body: param.extend(ofRun),
    async handler({ store, body }) {
      await store.runs.addSettings(idOf(body), { [body.key]: body.value });
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/set-tag`,
    access: engineers,
    summary: 'Set a tag of a run.',
    operation: 'mlflowSetTag',
    body: tag.extend(ofRun),
    async handler({ store, body }) {
      await store.runs.setTags(idOf(body), { [body.key]: body.value });
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/delete-tag`,
    access: engineers,
    summary: 'Take a tag away from a run.',
    operation: 'mlflowDeleteTag',
    body: z.object({ run_id: runId, key }),
    async handler({ store, body }) {
      await store.runs.removeTag(body.run_id, body.key);
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/log-inputs`,
    access: engineers,
    summary: 'Say which data sets a run reads; one whose source is a snapshot of ours is linked to it.',
    operation: 'mlflowLogInputs',
    body: z.object({
      run_id: runId,
      datasets: z
        .array(
          z.object({
            tags: z.array(tag).max(100).default([]),
            dataset: z.object({
              name: z.string().max(500),
              digest: z.string().max(36),
              source_type: z.string().max(500).default(''),
              source: z.string().max(65_535).default(''),
              schema: z.string().max(1_048_575).optional(),
              profile: z.string().max(16_777_215).optional(),
            }),
          }),
        )
        .max(1000)
        .default([]),
    }),
    async handler({ store, body: { run_id: id, datasets } }) {
      const { [inputsTag]: before } = (await store.runs.get(id)).tags;
      const all = [...(before === undefined ? [] : (JSON.parse(before) as unknown[])), ...datasets];
      await store.runs.setTags(id, { [inputsTag]: JSON.stringify(all) });
      for (const { dataset, tags: set } of datasets)
        if (dataset.source_type === 'plaudit') {
          const snapshot = await store.snapshots.find(dataset.source);
          const purpose = recordOf(set)['mlflow.data.context'] ?? 'train';
          await store.runs.addInputs(id, { snapshots: [{ id: snapshot.id, purpose }] });
        }
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/search`,
    access: readers,
    summary: 'Runs that fit a filter, in an order.',
    operation: 'mlflowSearchRuns',
    body: z.object({
      experiment_ids: z.array(z.string().max(64)).max(100).default([]),
      filter: z.string().default(''),
      run_view_type: z.enum(['ACTIVE_ONLY', 'DELETED_ONLY', 'ALL']).default('ACTIVE_ONLY'),
      max_results: int64.pipe(z.number().min(1).max(50_000)).default(1000),
      order_by: z.array(z.string()).max(10).default([]),
      page_token: z.string().optional(),
    }),
    async handler({ store, body }) {
      const { filter, order_by, run_view_type, max_results, page_token } = body;
      const matches = parseFilter(filter);
      const order = parseOrder(order_by);
      const runs = (await Promise.all(body.experiment_ids.map((id) => ofExperiment(store, id))))
        .flat()
        .filter(
          ({ deletedAt }) =>
            run_view_type === 'ALL' || (deletedAt === null) === (run_view_type === 'ACTIVE_ONLY'),
        );
      const latest = await store.metrics.latestOf(runs.map(({ id }) => id));
      const none: Latest = new Map();
      const found = runs
        .map((run) => ({ run, of: fieldsOf(run, latest.get(run.id)) }))
        .filter(({ of }) => matches(of))
        // The newest first where nothing else is asked for; ids are in the order of time.
        .sort((a, b) => order(a.of, b.of) || (a.run.id < b.run.id ? 1 : -1));
      const from = fromToken(z.number().int().nonnegative(), page_token) ?? 0;
      const page = found.slice(from, from + max_results);
      return {
        runs: page.map(({ run }) => runDocument(run, latest.get(run.id) ?? none)),
        ...(from + max_results < found.length && { next_page_token: toToken(from + max_results) }),
      };
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/delete`,
    access: engineers,
    summary: 'Hide a run.',
    operation: 'mlflowDeleteRun',
    body: z.object({ run_id: runId }),
    async handler({ store, body }) {
      await store.runs.delete(body.run_id);
      return {};
    },
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/restore`,
    access: engineers,
    summary: 'Show a hidden run again.',
    operation: 'mlflowRestoreRun',
    body: z.object({ run_id: runId }),
    async handler({ store, body }) {
      await store.runs.restore(body.run_id);
      return {};
    },
  }),
  route({
    ...shared,
    method: 'GET',
    url: '/api/2.0/mlflow/metrics/get-history',
    access: readers,
    summary: 'All values of a metric, page by page.',
    operation: 'mlflowMetricHistory',
    query: z.object({
      ...ofRun,
      metric_key: key,
      max_results: int64.pipe(z.number().min(1).max(25_000)).default(25_000),
      page_token: z.string().optional(),
    }),
    async handler({ store, query }) {
      const id = idOf(query);
      await store.runs.get(id);
      const after = fromToken(z.object({ step: z.number(), id: z.number() }), query.page_token);
      const values = await store.metrics.history(id, query.metric_key, {
        limit: query.max_results,
        ...(after && { after: { ...after, value: 0, at: new Date(0) } }),
      });
      const last = values.at(-1);
      return {
        metrics: values.map(({ step, value, at }) => ({
          key: query.metric_key,
          value: toMetricValue(value),
          timestamp: at.getTime(),
          step,
        })),
        ...(last &&
          values.length === query.max_results && {
            next_page_token: toToken({ step: last.step, id: last.id }),
          }),
      };
    },
  }),
];
