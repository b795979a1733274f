/** @file MLflow's artifacts: files of runs, in our artifact store. */
import { plauditError } from '@plaudit/contract';
import type { Artifacts, Store } from '@plaudit/store';
import { z } from 'zod';
import { engineers, readers } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { sendArtifact } from '../runs/send-artifact.ts';
import { infoDocument } from './documents.ts';
import { errorBody, runId } from './protocol.ts';

const base = '/api/2.0/mlflow-artifacts/artifacts';
/** A training loop logs some times a second. */
const shared = { tag: 'MLflow', errorBody, perMinute: 30_000 } as const;
const largestFile = 64 * 1024 ** 3;
const path = z.string().max(1000);

/** `EXPERIMENT/RUN/artifacts/PATH`: the run, and the path of its file. */
const located = (whole: string): { run: string; file: string } => {
  const [, run, file = ''] =
    /^[\w-]+\/([\w-]+)\/artifacts(?:\/(.*))?$/.exec(whole) ??
    (() => {
      throw plauditError('request.invalid', {
        problem: 'a path of an artifact is EXPERIMENT/RUN/artifacts/PATH',
      });
    })();
  return { run: run!, file };
};

/** What lies directly in a folder. Folders are there as far as a file is in them. */
const listing = async (store: Store, run: string, folder: string, absolute: boolean) => {
  const prefix = folder === '' ? '' : `${folder.replace(/\/+$/, '')}/`;
  const entries = new Map<string, { path: string; is_dir: boolean; file_size?: number }>();
  for (const file of await store.files.of(run)) {
    if (!file.path.startsWith(prefix)) continue;
    const [first, ...rest] = file.path.slice(prefix.length).split('/');
    const shown = absolute ? `${prefix}${first}` : first!;
    entries.set(
      first!,
      rest.length > 0 ? { path: shown, is_dir: true } : { path: shown, is_dir: false, file_size: file.bytes },
    );
  }
  return [...entries.values()];
};

export const artifactRoutes = ({ artifacts }: { readonly artifacts: Artifacts }): readonly Route[] => [
  route({
    ...shared,
    method: 'GET',
    url: '/api/2.0/mlflow/artifacts/list',
    access: readers,
    summary: 'The files of a run in one of its folders.',
    operation: 'mlflowListArtifacts',
    query: z.object({ run_id: runId, path: path.default('') }),
    async handler({ store, query }) {
      const run = await store.runs.get(query.run_id);
      return {
        root_uri: infoDocument(run).artifact_uri,
        files: await listing(store, run.id, query.path, true),
      };
    },
  }),
  route({
    ...shared,
    method: 'GET',
    url: base,
    access: readers,
    summary: 'The same by the address of the artifacts.',
    operation: 'mlflowListArtifactsByPath',
    query: z.object({ path }),
    async handler({ store, query }) {
      const { run, file } = located(query.path);
      return { files: await listing(store, run, file, false) };
    },
  }),
  route({
    ...shared,
    method: 'PUT',
    url: `${base}/*`,
    access: engineers,
    summary: 'Keep a file of a run.',
    operation: 'mlflowUploadArtifact',
    params: z.object({ '*': path }),
    upload: true,
    bodyLimit: largestFile,
    async handler({ store, params, upload }) {
      const { run, file } = located(params['*']);
      await store.runs.get(run);
      const { digest, bytes } = await artifacts.put(upload);
      try {
        await store.files.attach(run, [{ path: file, digest, bytes, mediaType: 'application/octet-stream' }]);
      } catch (cause) {
        if (cause instanceof RangeError)
          throw plauditError('request.invalid', { problem: 'the path leaves the files of the run' });
        throw cause;
      }
      return {};
    },
  }),
  route({
    ...shared,
    method: 'GET',
    url: `${base}/*`,
    access: readers,
    summary: 'A file of a run.',
    operation: 'mlflowDownloadArtifact',
    params: z.object({ '*': path }),
    handler({ store, params, reply }) {
      const { run, file } = located(params['*']);
      return sendArtifact(store, artifacts, reply, run, file);
    },
  }),
  route({
    ...shared,
    method: 'DELETE',
    url: `${base}/*`,
    access: engineers,
    summary: 'Take away a file of a run, or all that lie in a folder of it.',
    operation: 'mlflowDeleteArtifact',
    params: z.object({ '*': path }),
    async handler({ store, params, actor }) {
      const { run, file } = located(params['*']);
      await store.runs.get(run);
      const digests = await store.files.detach(run, file.replace(/\/+$/, ''));
      await store.audit.append({
        ...{ actor: actor.id, action: 'run.delete_files', resource: `run:${run}` },
        details: { files: digests.length },
      });
      await store.files.removeUnused(digests, (digest) => artifacts.delete(digest));
      return {};
    },
  }),
];
