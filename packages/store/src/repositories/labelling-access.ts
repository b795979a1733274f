/** @file What claims, answers and showings have in common: finding a showing, and one change of a task at a time. */
import type { Row } from '../tables.ts';
import { own, type Query, type Scope, unknown, uuidOf } from './scope.ts';

/** An assignment of a task's item. */
export interface Showing extends Row<'assignments'> {
  readonly task: string;
  readonly item: string;
  readonly replacedBy: string | null;
}

export const showingAccess = (scope: Scope) => {
  const { project } = scope;

  const showings = (query: Query) =>
    query
      .selectFrom('assignments as a')
      .innerJoin('labellingShowings as s', (join) =>
        join.onRef('s.project', '=', 'a.project').onRef('s.assignment', '=', 'a.id'),
      )
      .selectAll('a')
      .select(['s.task', 's.item', 's.replacedBy'])
      .where('a.project', '=', project.id);

  const get = async (query: Query, id: string, annotator?: string): Promise<Showing> => {
    const found = await showings(query)
      .where('a.id', '=', uuidOf(scope, 'assignment', id))
      .$if(annotator !== undefined, (of) => of.where('a.annotator', '=', annotator!))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'assignment', id);
    return own(found);
  };

  /** One labelling change of a task at a time, so that no item is given out more often than it should be. */
  const lockTask = async (query: Query, task: string): Promise<Row<'labellingTasks'>> => {
    const found = await query
      .selectFrom('labellingTasks')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'labelling task', task))
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'labelling task', task);
    return own(found);
  };

  const changeClaims = (query: Query, items: readonly string[], by: 1 | -1): Promise<unknown> =>
    query
      .updateTable('labellingItems')
      .set((of) => ({ claims: of('claims', '+', by) }))
      .where('project', '=', project.id)
      .where('id', 'in', items)
      .execute();

  return { showings, get, lockTask, changeClaims };
};
