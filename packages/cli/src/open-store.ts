/** @file The store that data commands work on: its options, opening and closing it, and the key of its pseudonyms. */
import { join } from 'node:path';
import type { MasterKey } from '@plaudit/feedback';
import type { Store } from '@plaudit/store';
import type { Command } from 'commander';

export interface StoreOptions {
  readonly store: string;
  readonly project: string;
}

/** --store and --project. */
export const withStore = (command: Command): Command =>
  command
    .option('--store <folder>', 'where the store lies; with DATABASE_URL only its keys', '.plaudit')
    .option('--project <name>', 'whose data it is: projects do not see each other', 'default');

/**
 * Opens the store, does the work and closes it again, whatever happens.
 *
 * @param create Whether a project that is not there is made
 * @throws store.*, and what the work throws
 */
export const useStore = async <T>(
  { store: folder, project }: StoreOptions,
  create: boolean,
  work: (store: Store) => Promise<T>,
): Promise<T> => {
  const { openDatabase, openStore } = await import('@plaudit/store');
  const database = await openDatabase({ folder: join(folder, 'postgres') });
  try {
    return await work(await openStore(database, { project, create }));
  } finally {
    await database.close();
  }
};

/** The store's master key, made at the first need. Whoever loses it cannot find a person's rows by their address again. */
export const masterKeyOfStore = async (folder: string): Promise<MasterKey> => {
  const { openMasterKey } = await import('@plaudit/feedback');
  return openMasterKey(folder);
};
