/** @file Data sets: growing collections of judgements, of which snapshots are the fixed versions. */
import { plauditError } from '@plaudit/contract';
import { checkName } from '../names.ts';
import type { Row } from '../tables.ts';
import { own, type Scope, unknown } from './scope.ts';

export interface Dataset extends Row<'datasets'> {
  /** Judgements in it now. */
  readonly rows: number;
}

export const datasets = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const find = async (name: string): Promise<Row<'datasets'> | undefined> => {
    const row = await db
      .selectFrom('datasets')
      .selectAll()
      .where('project', '=', project.id)
      .where('name', '=', name)
      .executeTakeFirst();
    return row && own(row);
  };

  const insert = async (name: string, description: string): Promise<boolean> => {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('datasets')
      .values({
        project: project.id,
        id: newId(),
        name: checkName('data set', name),
        description,
        createdAt: now(),
      })
      .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 1n;
  };

  return {
    /** @throws PlauditError store.taken, store.bad_name */
    async create(name: string, description = ''): Promise<Row<'datasets'>> {
      if (!(await insert(name, description)))
        throw plauditError('store.taken', { what: 'data set', name, project: project.name });
      return (await find(name))!;
    },

    /** The data set of that name, made where it is not there. @throws PlauditError store.bad_name */
    async ensure(name: string): Promise<Row<'datasets'>> {
      const found = await find(name);
      if (found) return found;
      await insert(name, '');
      return (await find(name))!;
    },

    /** @throws PlauditError store.unknown */
    async get(name: string): Promise<Dataset> {
      const found = await find(name);
      if (!found) throw unknown(scope, 'data set', checkName('data set', name));
      const { rows } = await db
        .selectFrom('datasetRows')
        .select((of) => of.fn.countAll<number>().as('rows'))
        .where('project', '=', project.id)
        .where('dataset', '=', found.id)
        .executeTakeFirstOrThrow();
      return { ...found, rows };
    },

    /** By name. */
    async list(): Promise<readonly Row<'datasets'>[]> {
      const rows = await db
        .selectFrom('datasets')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('name')
        .execute();
      return rows.map(own);
    },

    /** What was imported into a data set, the newest first; one that was interrupted is still `running`. */
    async imports(name: string): Promise<readonly Row<'imports'>[]> {
      const { id } = (await find(name)) ?? {};
      if (id === undefined) throw unknown(scope, 'data set', checkName('data set', name));
      const rows = await db
        .selectFrom('imports')
        .selectAll()
        .where('project', '=', project.id)
        .where('dataset', '=', id)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(own);
    },
  };
};
