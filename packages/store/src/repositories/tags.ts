/** @file Tags: names that point at snapshots and can be moved. */
import { checkName } from '../names.ts';
import { digestOf, own, referring, type Scope, unknown } from './scope.ts';

export interface Tag {
  readonly name: string;
  readonly snapshot: string;
  readonly updatedAt: Date;
}

export const tags = (scope: Scope) => {
  const { db, project, now } = scope;
  return {
    /** Points a name at a snapshot, wherever it pointed before. @throws PlauditError store.unknown, store.bad_name */
    async set(name: string, snapshot: string): Promise<void> {
      const target = { snapshot: digestOf(scope, 'snapshot', snapshot), updatedAt: now() };
      await referring(scope, () =>
        db
          .insertInto('tags')
          .values({ project: project.id, name: checkName('tag', name), ...target })
          .onConflict((conflict) => conflict.columns(['project', 'name']).doUpdateSet(target))
          .execute(),
      );
    },

    /** By name. */
    async list(): Promise<readonly Tag[]> {
      const rows = await db
        .selectFrom('tags')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('name')
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.unknown */
    async remove(name: string): Promise<void> {
      const { numDeletedRows } = await db
        .deleteFrom('tags')
        .where('project', '=', project.id)
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw unknown(scope, 'tag', checkName('tag', name));
    },
  };
};
