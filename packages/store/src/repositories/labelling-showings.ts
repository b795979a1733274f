/** @file Showings: what an annotator was shown, passed over or took back. */
import { sql } from 'kysely';
import { type Showing, showingAccess } from './labelling-access.ts';
import { overtaken, own, type Scope, uuidOf } from './scope.ts';

export const labellingShowings = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  const { showings, get, lockTask, changeClaims } = showingAccess(scope);

  return {
    /** @param annotator Only if it is this annotator's. @throws PlauditError store.unknown */
    showing: (id: string, annotator?: string): Promise<Showing> => get(db, id, annotator),

    /** Passes an item over; again changes nothing. @throws PlauditError store.unknown, store.overtaken */
    pass: (id: string, annotator: string): Promise<void> =>
      db.transaction().execute(async (query) => {
        const { task, item } = await get(query, id, annotator);
        await lockTask(query, task);
        const { state } = await get(query, id, annotator);
        if (state === 'skipped' || state === 'cancelled') return;
        const { answered } = await query
          .selectFrom('labellingAnswers')
          .select((of) => of.fn.countAll<number>().as('answered'))
          .where('project', '=', project.id)
          .where('assignment', '=', id)
          .executeTakeFirstOrThrow();
        if (state !== 'open' || Number(answered) > 0) throw overtaken('assignment', id);
        await query
          .updateTable('assignments')
          .set({ state: 'skipped', endedAt: now() })
          .where('project', '=', project.id)
          .where('id', '=', id)
          .execute();
        await changeClaims(query, [item], -1);
      }),

    /**
     * Takes an answer or a skip back: its judgements are retracted and the item is shown again, in the same order. Undoing
     * again gives the same showing.
     *
     * @param last Only if it is among so many of the annotator's last.
     * @returns The new showing; undefined where it is too long ago.
     */
    undo: (id: string, annotator: string, actor: string, last: number): Promise<Showing | undefined> =>
      db.transaction().execute(async (query) => {
        const { task } = await get(query, id, annotator);
        await lockTask(query, task);
        const old = await get(query, id, annotator);
        if (old.replacedBy !== null && old.replacedBy !== id) return get(query, old.replacedBy, annotator);
        if (old.replacedBy === id || (old.state !== 'done' && old.state !== 'skipped'))
          throw overtaken('assignment', id);
        const recent = await showings(query)
          .where('s.task', '=', task)
          .where('s.annotator', '=', annotator)
          .where('s.replacedBy', 'is', null)
          .where('a.state', 'in', ['done', 'skipped'])
          .orderBy('a.endedAt', 'desc')
          .limit(last)
          .execute();
        if (!recent.some((one) => one.id === id)) return undefined;
        const at = now();
        await sql`insert into retractions (project, judgement, actor, reason, created_at)
          select g.project, judgement, ${actor}, 'undone', ${at}
          from labelling_answers as g, unnest(g.judgements) as judgement
          where g.project = ${project.id} and g.assignment = ${id}
          on conflict do nothing`.execute(query);
        const again = newId();
        await sql`insert into assignments (project, id, annotator, prompt, responses, rubric, purpose, selected_by,
            probability, state, created_at)
          select project, ${again}, annotator, prompt, responses, rubric, purpose, selected_by, probability, 'open', ${at}
          from assignments where project = ${project.id} and id = ${id}`.execute(query);
        await query
          .updateTable('labellingShowings')
          .set({ replacedBy: again })
          .where('project', '=', project.id)
          .where('assignment', '=', id)
          .execute();
        await query
          .insertInto('labellingShowings')
          .values({ project: project.id, assignment: again, task, item: old.item, annotator })
          .execute();
        if (old.state === 'skipped') await changeClaims(query, [old.item], 1);
        return get(query, again, annotator);
      }),

    /** The last answers and skips of an annotator that count, the newest first. */
    async recent(task: string, annotator: string, limit: number): Promise<readonly Showing[]> {
      const rows = await showings(db)
        .where('s.task', '=', uuidOf(scope, 'labelling task', task))
        .where('s.annotator', '=', uuidOf(scope, 'annotator', annotator))
        .where('s.replacedBy', 'is', null)
        .where('a.state', 'in', ['done', 'skipped'])
        .orderBy('a.endedAt', 'desc')
        .limit(limit)
        .execute();
      return rows.map(own);
    },

    /** How many an annotator has judged in a task, checks among them: the annotator cannot tell them apart. */
    async judgedBy(task: string, annotator: string): Promise<number> {
      const { judged } = await showings(db)
        .clearSelect()
        .select((of) => of.fn.countAll<number>().as('judged'))
        .where('s.task', '=', uuidOf(scope, 'labelling task', task))
        .where('s.annotator', '=', uuidOf(scope, 'annotator', annotator))
        .where('s.replacedBy', 'is', null)
        .where('a.state', '=', 'done')
        .executeTakeFirstOrThrow();
      return Number(judged);
    },
  };
};
