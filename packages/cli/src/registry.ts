/** @file The registry that model commands work on: the store with its artifacts, and who is on record. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { BundleRegistry } from '@plaudit/server';
import type { Artifacts, Bundle, Model, Store } from '@plaudit/store';
import type { Command } from 'commander';
import { type StoreOptions, withStore } from './open-store.ts';

export interface RegistryOptions extends StoreOptions {
  readonly actor?: string;
  readonly artifacts?: string;
}

/** --store, --project, --artifacts and --actor. */
export const withRegistry = (command: Command): Command =>
  withStore(command)
    .option('--artifacts <place>', 'a folder, or s3://bucket/prefix; default artifacts in the store')
    .option('--actor <name>', 'who does it; default the user of this machine');

export interface OpenedRegistry {
  readonly store: Store;
  readonly artifacts: Artifacts;
  readonly registry: BundleRegistry;
  readonly actor: string;
}

/**
 * Opens the registry, does the work and closes it again, whatever happens. A server may run on the same store meanwhile.
 *
 * @throws store.*, and what the work throws
 */
export const useRegistry = async <T>(
  { store: folder, project, artifacts: place, actor = `local:${userInfo().username}` }: RegistryOptions,
  create: boolean,
  work: (opened: OpenedRegistry) => Promise<T>,
): Promise<T> => {
  const { openArtifacts, openDatabase, openStore } = await import('@plaudit/store');
  const { openRegistry } = await import('@plaudit/server');
  const database = await openDatabase({ folder: join(folder, 'postgres') });
  try {
    const store = await openStore(database, { project, create });
    const registry = await openRegistry({
      ...{ database, store, folder, actor },
      ...(place !== undefined && { artifacts: place }),
    });
    const artifacts = await openArtifacts(place ?? join(folder, 'artifacts'));
    return await work({ store, artifacts, registry, actor });
  } finally {
    await database.close();
  }
};

/** What `support@2` names, and `support` the newest of. @throws cli.usage */
const versionOf = (reference: string): [name: string, version?: number] => {
  const [, name, version] = /^([^@]+)(?:@([1-9]\d{0,8}))?$/.exec(reference) ?? [];
  if (name === undefined)
    throw plauditError('cli.usage', {
      problem: `Write it as NAME@VERSION, such as support@2, or as NAME for the newest; not as ${reference}.`,
    });
  return version === undefined ? [name] : [name, Number(version)];
};

export const findModel = (store: Store, reference: string): Promise<Model> =>
  store.models.find(...versionOf(reference));

export const findBundle = (store: Store, reference: string): Promise<Bundle> =>
  store.bundles.find(...versionOf(reference));

export const named = ({ name, version }: Pick<Bundle, 'name' | 'version'>): string => `${name}@${version}`;
