/** @file Votes: what annotators said of items, and where they differ. */
import { sql } from 'kysely';
import type { AssignmentPurpose } from '../tables.ts';
import { type Scope, uuidOf } from './scope.ts';

/** A vote on an item, without texts. */
export interface Vote {
  readonly item: string;
  readonly annotator: string;
  readonly purpose: AssignmentPurpose;
  readonly vote: unknown;
  readonly isRight: boolean | null;
}

export const labellingVotes = (scope: Scope) => {
  const { db, project } = scope;
  return {
    /**
     * Votes that count, in the order in which they were given: on some items, on all of a task that are no checks, or an
     * annotator's on checks since being last resumed.
     */
    async votes(
      of:
        | { readonly items: readonly string[] }
        | { readonly task: string }
        | { readonly annotator: string; readonly checks: true },
    ): Promise<readonly Vote[]> {
      const { rows } = await sql<Vote>`
        select s.item, s.annotator, a.purpose, g.vote, g.is_right
        from labelling_showings as s
        join assignments as a on a.project = s.project and a.id = s.assignment
        join labelling_answers as g on g.project = s.project and g.assignment = s.assignment
        where s.project = ${project.id} and s.replaced_by is null and g.judgements is not null and ${
          'items' in of
            ? sql`s.item = any(${of.items}::uuid[])`
            : 'task' in of
              ? sql`s.task = ${uuidOf(scope, 'labelling task', of.task)} and a.purpose in ('label', 'control')`
              : sql`s.annotator = ${uuidOf(scope, 'annotator', of.annotator)} and a.purpose in ('gold', 'attention')
                and g.answered_at > coalesce((select n.resumed_at from annotators as n
                  where n.project = s.project and n.id = s.annotator), '-infinity')`
        } order by g.answered_at, s.assignment`.execute(db);
      return rows;
    },

    /** Items that have all their votes, which differ, and no verdict. */
    async disputed(task: string, limit: number): Promise<readonly string[]> {
      const { rows } = await sql<{ item: string }>`
        select i.id as item from labelling_items as i
        join labelling_tasks as t on t.project = i.project and t.id = i.task
        join labelling_showings as s on s.project = i.project and s.item = i.id and s.replaced_by is null
        join labelling_answers as g on g.project = s.project and g.assignment = s.assignment and g.judgements is not null
        where i.project = ${project.id} and i.task = ${uuidOf(scope, 'labelling task', task)}
          and i.purpose in ('label', 'control')
          and not exists (select from labelling_verdicts as v where v.project = i.project and v.item = i.id)
        group by i.id, i.position, t.redundancy
        having count(*) >= t.redundancy and count(*) > 1
          and (count(distinct g.vote) > 1 or bool_and(g.vote is null))
        order by i.position limit ${limit}`.execute(db);
      return rows.map(({ item }) => item);
    },

    /** The judgements that count, of each annotator of an item. */
    async judgementsOf(
      item: string,
    ): Promise<readonly { readonly annotator: string; readonly judgements: readonly string[] }[]> {
      const { rows } = await sql<{ annotator: string; judgements: readonly string[] }>`
        select s.annotator, g.judgements from labelling_showings as s
        join labelling_answers as g on g.project = s.project and g.assignment = s.assignment
        where s.project = ${project.id} and s.item = ${uuidOf(scope, 'labelling item', item)}
          and s.replaced_by is null and g.judgements is not null
        order by s.assignment`.execute(db);
      return rows;
    },
  };
};
