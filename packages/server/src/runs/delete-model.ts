/** @file Deleting a model: its record stays; its files leave the artifact store, and this machine's folders of it go. */
import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Artifacts, Store } from '@plaudit/store';
import { requireModelUnused } from '../registry/bundle-life.ts';

export interface ModelFiles {
  readonly artifacts: Artifacts;
  /** Of the store. */
  readonly folder: string;
}

/** The folder in which a run of the server made it; null for one that was brought in from elsewhere, which is not ours. */
const ownFolder = (folder: string, run: string | null, made: unknown): string | null => {
  if (run === null || typeof made !== 'string') return null;
  const path = resolve(made);
  const ours = dirname(path) === join(resolve(folder), 'models') && basename(path).endsWith(`-${run}`);
  return ours ? path : null;
};

/**
 * @throws PlauditError registry.in_use for what serves, or was trained against; store.model_needed; store.unknown
 */
export const deleteModel = async (
  store: Store,
  id: string,
  actor: string,
  { artifacts, folder }: ModelFiles,
): Promise<void> => {
  await requireModelUnused(store, id);
  const { name, version, run, card } = await store.models.get(id);
  const contents = await store.models.delete(id);
  await store.audit.append({
    ...{ actor, action: 'model.delete', resource: `model:${id}` },
    details: { name, version, files: contents.length },
  });
  await store.files.removeUnused(contents, artifacts.delete);
  const folders = [join(resolve(folder), 'served', id), ownFolder(folder, run, card.folder)];
  for (const path of folders) if (path !== null) await rm(path, { recursive: true, force: true });
};
