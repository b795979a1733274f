/** @file Versions of a name: 1, 2, 3, without gaps and without two that are the same. */
import type { Query } from './scope.ts';

/**
 * The next version of a name in a table. Versions of a project are given out one after the other: the transaction holds
 * its project's row until it ends.
 */
export const nextVersion = async (
  transaction: Query,
  table: 'rubrics' | 'models' | 'bundles',
  project: string,
  name: string,
): Promise<number> => {
  await transaction.selectFrom('projects').select('id').where('id', '=', project).forNoKeyUpdate().execute();
  const { last } = await transaction
    .selectFrom(table)
    .select((of) => of.fn.max('version').as('last'))
    .where('project', '=', project)
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return (last ?? 0) + 1;
};
