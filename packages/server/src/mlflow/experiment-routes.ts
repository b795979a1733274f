/** @file MLflow's experiments: our groups of runs, and one of the runs that are in none. */
import type { RunGroup, Store } from '@plaudit/store';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { defaultExperiment, experimentDocument } from './documents.ts';
import { errorBody, fromToken, int64, key, tags, toToken } from './protocol.ts';
import { type FieldOf, parseFilter, parseOrder } from './search.ts';

const base = '/api/2.0/mlflow/experiments';
/** A training loop logs some times a second. */
const shared = { tag: 'MLflow', errorBody, perMinute: 30_000 } as const;
/** Groups that are searched. */
const mostGroups = 10_000;

const recordOf = (given: readonly { key: string; value: string }[]) =>
  Object.fromEntries(given.map(({ key: name, value }) => [name, value]));

const allGroups = async (store: Store): Promise<readonly (RunGroup | null)[]> => {
  const groups: RunGroup[] = [];
  for (let more = true; more && groups.length < mostGroups; ) {
    const before = groups.at(-1)?.id;
    const page = await store.runGroups.list({ limit: 1000, ...(before !== undefined && { before }) });
    groups.push(...page);
    more = page.length === 1000;
  }
  return [...groups, null];
};

const fieldsOf = (group: RunGroup | null): FieldOf => {
  const { name, creation_time, last_update_time, experiment_id } = experimentDocument(group);
  const attributes: Record<string, string | number> = {
    name,
    experiment_id,
    creation_time,
    last_update_time,
  };
  return (kind, field) =>
    kind === 'tags' ? group?.tags[field] : kind === 'attributes' ? attributes[field] : undefined;
};

const searchShape = {
  max_results: int64.pipe(z.number().min(1).max(50_000)).default(1000),
  page_token: z.string().optional(),
  filter: z.string().default(''),
  view_type: z.string().optional(),
};

const search = async (
  store: Store,
  {
    max_results,
    page_token,
    filter,
    order_by,
    view_type,
  }: {
    max_results: number;
    page_token?: string | undefined;
    filter: string;
    order_by: readonly string[];
    view_type?: string | undefined;
  },
) => {
  const matches = parseFilter(filter);
  const order = parseOrder(order_by);
  // None is ever deleted.
  const all = view_type === 'DELETED_ONLY' ? [] : await allGroups(store);
  const found = all.filter((group) => matches(fieldsOf(group)));
  if (order_by.length > 0) found.sort((a, b) => order(fieldsOf(a), fieldsOf(b)));
  const from = fromToken(z.number().int().nonnegative(), page_token) ?? 0;
  const page = found.slice(from, from + max_results);
  return {
    experiments: page.map(experimentDocument),
    ...(from + max_results < found.length && { next_page_token: toToken(from + max_results) }),
  };
};

const find = async (store: Store, id: string) => ({
  experiment: experimentDocument(id === defaultExperiment ? null : await store.runGroups.get(id)),
});

export const mlflowExperimentRoutes = (): readonly Route[] => [
  route({
    ...shared,
    method: 'POST',
    url: `${base}/create`,
    access: engineers,
    summary: 'Make an experiment: a group of runs.',
    operation: 'mlflowCreateExperiment',
    body: z.object({ name: z.string(), tags }),
    handler: async ({ store, body }) => ({
      experiment_id: (await store.runGroups.create(body.name, recordOf(body.tags))).id,
    }),
  }),
  route({
    ...shared,
    method: 'GET',
    url: `${base}/get`,
    access: readers,
    summary: 'An experiment by its id.',
    operation: 'mlflowGetExperiment',
    query: z.object({ experiment_id: z.string().max(64) }),
    handler: ({ store, query }) => find(store, query.experiment_id),
  }),
  route({
    ...shared,
    method: 'GET',
    url: `${base}/get-by-name`,
    access: readers,
    summary: 'An experiment by its name.',
    operation: 'mlflowGetExperimentByName',
    query: z.object({ experiment_name: z.string() }),
    handler: async ({ store, query: { experiment_name: name } }) => ({
      experiment: experimentDocument(name === 'Default' ? null : await store.runGroups.find(name)),
    }),
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/search`,
    access: readers,
    summary: 'Experiments that fit a filter.',
    operation: 'mlflowSearchExperiments',
    body: z.object({ ...searchShape, order_by: z.array(z.string()).max(10).default([]) }),
    handler: ({ store, body }) => search(store, body),
  }),
  route({
    ...shared,
    method: 'GET',
    url: `${base}/search`,
    access: readers,
    summary: 'The same with the search in the address.',
    operation: 'mlflowSearchExperimentsByGet',
    query: z.object({
      ...searchShape,
      order_by: z.union([z.string().transform((one) => [one]), z.array(z.string()).max(10)]).default([]),
    }),
    handler: ({ store, query }) => search(store, query),
  }),
  route({
    ...shared,
    method: 'POST',
    url: `${base}/set-experiment-tag`,
    access: engineers,
    summary: 'Set a tag of an experiment.',
    operation: 'mlflowSetExperimentTag',
    body: z.object({ experiment_id: z.string().max(64), key, value: z.string().max(8000) }),
    async handler({ store, body }) {
      await store.runGroups.setTags(body.experiment_id, { [body.key]: body.value });
      return {};
    },
  }),
];
