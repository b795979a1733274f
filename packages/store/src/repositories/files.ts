/** @file Which artifacts a run or a model has, by path. The bytes themselves are in the artifact store. */
import { lockAgainstRemoval, lockForRemoval } from './artifact-lock.ts';
import { digestOf, type Scope, unknown, uuidOf } from './scope.ts';

export interface StoredFile {
  readonly path: string;
  /** SHA-256 of the content. */
  readonly digest: string;
  readonly bytes: number;
  readonly mediaType: string;
}

export const files = (scope: Scope) => {
  const { db, project, now } = scope;

  /** Owners share one column, so that the reference is checked here. */
  const checkOwner = async (owner: string): Promise<string> => {
    const key = uuidOf(scope, 'run or model', owner);
    for (const table of ['runs', 'models'] as const) {
      const found = await db
        .selectFrom(table)
        .select('id')
        .where('project', '=', project.id)
        .where('id', '=', key)
        .executeTakeFirst();
      if (found) return key;
    }
    throw unknown(scope, 'run or model', owner);
  };

  return {
    /**
     * Records files that are in the artifact store, in place of those at the same paths.
     *
     * @param owner Id of a run or of a model.
     * @throws PlauditError store.unknown; RangeError for a path that leaves its root
     */
    async attach(owner: string, wanted: readonly StoredFile[]): Promise<void> {
      for (const { path } of wanted)
        if (path === '' || path.startsWith('/') || /(^|\/)\.{1,2}(\/|$)|[\\\0]/.test(path))
          throw new RangeError('a path of an artifact is relative and stays below its root');
      const key = await checkOwner(owner);
      if (wanted.length === 0) return;
      const createdAt = now();
      const keyed = wanted.map((file) => ({ ...file, digest: digestOf(scope, 'artifact', file.digest) }));
      await db.transaction().execute(async (query) => {
        await lockAgainstRemoval(query);
        await query
          .insertInto('artifacts')
          .values(
            keyed.map(({ digest, bytes, mediaType }) => ({
              project: project.id,
              digest,
              bytes,
              mediaType,
              createdAt,
            })),
          )
          .onConflict((conflict) => conflict.columns(['project', 'digest']).doNothing())
          .execute();
        await query
          .insertInto('files')
          .values(
            keyed.map(({ path, digest }) => ({ project: project.id, owner: key, path, digest, createdAt })),
          )
          .onConflict((conflict) =>
            conflict
              .columns(['project', 'owner', 'path'])
              .doUpdateSet(({ ref }) => ({ digest: ref('excluded.digest'), createdAt })),
          )
          .execute();
      });
    },

    /** By path. @throws PlauditError store.unknown */
    async of(owner: string): Promise<readonly StoredFile[]> {
      const key = await checkOwner(owner);
      return db
        .selectFrom('files')
        .innerJoin('artifacts', (join) =>
          join
            .onRef('artifacts.project', '=', 'files.project')
            .onRef('artifacts.digest', '=', 'files.digest'),
        )
        .select(['files.path', 'files.digest', 'artifacts.bytes', 'artifacts.mediaType'])
        .where('files.project', '=', project.id)
        .where('files.owner', '=', key)
        .orderBy('files.path')
        .execute();
    },

    /**
     * Takes the file at a path away, or all files below it.
     *
     * @returns The contents that they had: what nobody else has may leave the artifact store
     * @throws PlauditError store.unknown
     */
    async detach(owner: string, path: string): Promise<readonly string[]> {
      const key = await checkOwner(owner);
      const rows = await db
        .deleteFrom('files')
        .where('project', '=', project.id)
        .where('owner', '=', key)
        .where(({ eb, fn, or }) =>
          or([eb('path', '=', path), eb(fn('starts_with', ['path', eb.val(`${path}/`)]), '=', true)]),
        )
        .returning('digest')
        .execute();
      return rows.map(({ digest }) => digest);
    },

    /**
     * Removes contents that no file of any project has any more, each with a function that takes it out of the artifact
     * store. Nobody records a file meanwhile: whoever put such a content there finds it gone once the file is recorded.
     *
     * @returns How many were removed
     */
    async removeUnused(
      digests: readonly string[],
      remove: (digest: string) => Promise<void>,
    ): Promise<number> {
      if (digests.length === 0) return 0;
      const keys = digests.map((digest) => digestOf(scope, 'artifact', digest));
      return db.transaction().execute(async (query) => {
        await lockForRemoval(query);
        await query
          .deleteFrom('artifacts')
          .where('project', '=', project.id)
          .where('digest', 'in', keys)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('files')
                  .select('files.path')
                  .where('files.project', '=', project.id)
                  .whereRef('files.digest', '=', 'artifacts.digest'),
              ),
            ),
          )
          .execute();
        const kept = await query
          .selectFrom('artifacts')
          .select('digest')
          .distinct()
          .where('digest', 'in', keys)
          .execute();
        const needed = new Set(kept.map(({ digest }) => digest));
        const unused = digests.filter((digest) => !needed.has(digest));
        for (const digest of unused) await remove(digest);
        return unused.length;
      });
    },
  };
};
