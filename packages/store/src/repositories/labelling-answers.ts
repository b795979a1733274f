/** @file Answers: on record before anything is made of them, and settled when their judgements are stored. */
import { sql } from 'kysely';
import type { Row } from '../tables.ts';
import { showingAccess } from './labelling-access.ts';
import { bytes, overtaken, own, type Scope, uuidOf } from './scope.ts';

export type LabellingAnswer = Row<'labellingAnswers'>;

export const labellingAnswers = (scope: Scope) => {
  const { db, project, now } = scope;
  const { get, lockTask, changeClaims } = showingAccess(scope);

  return {
    /**
     * Records an answer, before anything is made of it. The first one stands.
     *
     * @param digest SHA-256 of the answer, 64 hexadecimal digits.
     * @returns What is on record: this one, or that which came before.
     * @throws PlauditError store.unknown; store.overtaken for what was skipped or undone
     */
    record: (
      id: string,
      annotator: string,
      given: { readonly answer: unknown; readonly digest: string; readonly seconds: number },
    ): Promise<LabellingAnswer> =>
      db.transaction().execute(async (query) => {
        const { state, task } = await get(query, id, annotator);
        await lockTask(query, task);
        const found = () =>
          query
            .selectFrom('labellingAnswers')
            .selectAll()
            .where('project', '=', project.id)
            .where('assignment', '=', id)
            .executeTakeFirst();
        const before = await found();
        if (before) return own(before);
        // An answer to what has been given to somebody else meanwhile was work all the same.
        if (state !== 'open' && state !== 'cancelled') throw overtaken('assignment', id);
        await query
          .insertInto('labellingAnswers')
          .values({
            project: project.id,
            assignment: id,
            digest: bytes(given.digest),
            answer: JSON.stringify(given.answer),
            seconds: given.seconds,
            answeredAt: now(),
          })
          .execute();
        return own((await found())!);
      }),

    /** Ends a showing whose answer's judgements are stored; again changes nothing. */
    settle: (
      id: string,
      made: {
        readonly judgements: readonly string[];
        readonly vote: unknown;
        readonly isRight: boolean | null;
      },
    ): Promise<void> =>
      db.transaction().execute(async (query) => {
        const { task, item, state, seconds } = await get(query, id);
        await lockTask(query, task);
        const settled = await query
          .updateTable('labellingAnswers')
          .set({
            answer: null,
            judgements: made.judgements.map(bytes),
            vote: made.vote === null ? null : JSON.stringify(made.vote),
            isRight: made.isRight,
          })
          .where('project', '=', project.id)
          .where('assignment', '=', uuidOf(scope, 'assignment', id))
          .where('judgements', 'is', null)
          .returning(['seconds', 'answeredAt'])
          .executeTakeFirst();
        if (!settled) return;
        await query
          .updateTable('assignments')
          .set({
            state: 'done',
            judgement: bytes(made.judgements[0]!),
            seconds: seconds ?? settled.seconds,
            endedAt: settled.answeredAt,
          })
          .where('project', '=', project.id)
          .where('id', '=', id)
          .execute();
        if (state !== 'cancelled') return;
        // It counts again, unless its annotator has had the item anew meanwhile.
        const again = await sql`
          update labelling_showings as s set replaced_by = null
          where s.project = ${project.id} and s.assignment = ${id} and not exists (
            select from labelling_showings as o
            where o.project = s.project and o.item = s.item and o.annotator = s.annotator and o.replaced_by is null)`.execute(
          query,
        );
        if (again.numAffectedRows === 1n) await changeClaims(query, [item], 1);
      }),

    /** Answers of an annotator that are on record and whose judgements are not yet stored, as after a crash. */
    async unsettled(annotator: string): Promise<readonly LabellingAnswer[]> {
      const rows = await db
        .selectFrom('labellingAnswers as g')
        .innerJoin('labellingShowings as s', (join) =>
          join.onRef('s.project', '=', 'g.project').onRef('s.assignment', '=', 'g.assignment'),
        )
        .selectAll('g')
        .where('g.project', '=', project.id)
        .where('s.annotator', '=', uuidOf(scope, 'annotator', annotator))
        .where('g.judgements', 'is', null)
        .orderBy('g.assignment')
        .execute();
      return rows.map(own);
    },
  };
};
