/** @file Models over HTTP: versions of names, their cards and their files. */
import { z } from 'zod';
import { backwards, nextCursor } from '../data/shapes.ts';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { deleteModel, type ModelFiles } from './delete-model.ts';
import { mistakesOf, samplesOf } from './model-texts.ts';
import { sendArtifact } from './send-artifact.ts';
import { file, mistake, model, policySample } from './shapes.ts';

const params = z.object({ model: z.string().max(64) });

export const modelRoutes = ({ artifacts, folder }: ModelFiles): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects/:project/models',
    access: readers,
    tag: 'Models',
    summary: 'Models, the newest first.',
    operation: 'listModels',
    query: backwards.extend({ role: model.shape.role.optional() }),
    result: z.object({ models: z.array(model), next: z.string().nullable() }),
    async handler({ store, query: { before, limit, role } }) {
      const models = await store.models.list({
        limit,
        ...(before !== undefined && { before }),
        ...(role !== undefined && { role }),
      });
      return { models: [...models], next: nextCursor(models, limit) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/models/:model',
    access: readers,
    tag: 'Models',
    summary: 'One model with its card, its files and what it was made from.',
    operation: 'getModel',
    params,
    result: model.extend({ files: z.array(file), snapshots: z.array(z.string()), runs: z.array(z.string()) }),
    async handler({ store, params: { model: id } }) {
      const found = await store.models.get(id);
      const [files, up] = await Promise.all([store.files.of(id), store.lineage.upstream({ model: id })]);
      return { ...found, files: [...files], snapshots: [...up.snapshots], runs: [...up.runs] };
    },
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/models/:model',
    access: engineers,
    tag: 'Models',
    summary: 'Delete the files of a model that nobody needs; what it was stays on record.',
    operation: 'deleteModel',
    params,
    handler: ({ store, params: { model: id }, actor }) =>
      deleteModel(store, id, actor.id, { artifacts, folder }),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/models/:model/mistakes',
    access: readers,
    tag: 'Models',
    summary: 'The held-out pairs that a reward model got most wrong, with their texts, the worst first.',
    operation: 'listMistakes',
    params,
    result: z.object({ mistakes: z.array(mistake) }),
    handler: async ({ store, params: { model: id } }) => ({
      mistakes: [...(await mistakesOf(store, artifacts, id))],
    }),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/models/:model/samples',
    access: readers,
    tag: 'Models',
    summary: 'Held-out prompts answered by a policy before and after its training, with the rewards of both.',
    operation: 'listSamples',
    params,
    result: z.object({ samples: z.array(policySample) }),
    handler: async ({ store, params: { model: id } }) => ({
      samples: [...(await samplesOf(store, artifacts, id))],
    }),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/models/:model/files/*',
    access: readers,
    tag: 'Models',
    summary: 'One file of a model.',
    operation: 'getModelFile',
    params: params.extend({ '*': z.string().max(1000) }),
    handler: ({ store, params: { model: id, '*': path }, reply }) =>
      sendArtifact(store, artifacts, reply, id, path),
  }),
];
