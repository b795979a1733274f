/** @file The files of registered models as folders on this machine's disk, which is what loads them. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plauditError } from '@plaudit/contract';
import type { Artifacts, Store } from '@plaudit/store';

/** The folder in which the files of a registered model lie. */
export type FolderOfModel = (store: Store, model: string) => Promise<string>;

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Folders under `cache`, one for each model; a model's files never change, so that one which is there is whole.
 *
 * @throws PlauditError store.unknown for a model without files; store.artifact_missing, store.artifact_corrupt
 */
export const modelFolders = (artifacts: Artifacts, cache: string): FolderOfModel => {
  const making = new Map<string, Promise<string>>();

  const make = async (store: Store, model: string, folder: string): Promise<string> => {
    const files = await store.files.of(model);
    if (files.length === 0)
      throw plauditError('store.unknown', {
        what: 'files of model',
        name: model,
        project: store.project.name,
      });
    const staging = `${folder}.${randomUUID()}`;
    try {
      for (const { path, digest } of files) {
        const to = resolve(staging, path);
        if (!to.startsWith(resolve(staging) + sep))
          throw new RangeError('a path of an artifact leaves its root');
        await mkdir(dirname(to), { recursive: true });
        await pipeline(Readable.from(artifacts.get(digest)), createWriteStream(to, { flags: 'wx' }));
      }
      await rename(staging, folder);
    } catch (error) {
      await rm(staging, { recursive: true, force: true });
      // Another process may have been quicker.
      if (!(await isFolder(folder))) throw error;
    }
    return folder;
  };

  return async (store, model) => {
    const { id } = await store.models.get(model);
    const folder = join(cache, id);
    if (await isFolder(folder)) return folder;
    await mkdir(cache, { recursive: true });
    const made = making.get(id) ?? make(store, id, folder).finally(() => making.delete(id));
    making.set(id, made);
    return made;
  };
};
