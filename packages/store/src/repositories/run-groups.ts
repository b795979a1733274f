/** @file Groups of runs that belong together, such as those of a sweep. */
import { plauditError } from '@plaudit/contract';
import { sql } from 'kysely';
import { checkName } from '../names.ts';
import type { Row } from '../tables.ts';
import { limitOf, own, type Page, type Scope, unknown, uuidOf } from './scope.ts';

export type RunGroup = Row<'runGroups'>;

export const runGroups = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  return {
    /** @throws PlauditError store.taken, store.bad_name */
    async create(name: string, tags: Readonly<Record<string, string>> = {}): Promise<RunGroup> {
      const [id, at] = [newId(), now()];
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('runGroups')
        .values({
          project: project.id,
          id,
          name: checkName('group of runs', name),
          tags: JSON.stringify(tags),
          createdAt: at,
          updatedAt: at,
        })
        .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows !== 1n)
        throw plauditError('store.taken', { what: 'group of runs', name, project: project.name });
      return { id, name, tags, createdAt: at, updatedAt: at };
    },

    /** @throws PlauditError store.unknown */
    async get(id: string): Promise<RunGroup> {
      const found = await db
        .selectFrom('runGroups')
        .selectAll()
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'group of runs', id))
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'group of runs', id);
      return own(found);
    },

    /** @throws PlauditError store.unknown */
    async find(name: string): Promise<RunGroup> {
      const found = await db
        .selectFrom('runGroups')
        .selectAll()
        .where('project', '=', project.id)
        .where('name', '=', name)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'group of runs', checkName('group of runs', name));
      return own(found);
    },

    /** The newest first. */
    async list(page: Page = {}): Promise<readonly RunGroup[]> {
      const rows = await db
        .selectFrom('runGroups')
        .selectAll()
        .where('project', '=', project.id)
        .$if(page.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'group of runs', page.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(page))
        .execute();
      return rows.map(own);
    },

    /** Tags are overwritten one by one. @throws PlauditError store.unknown */
    async setTags(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('runGroups')
        .set({ tags: sql<string>`tags || ${JSON.stringify(tags)}::jsonb`, updatedAt: now() })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'group of runs', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'group of runs', id);
    },
  };
};
