/** @file Showings: which item an annotator was given, what they answered, and what was undone. */
import { sql } from 'kysely';
import type { AssignmentPurpose, Row } from '../tables.ts';
import { bytes, overtaken, own, type Query, type Scope, unknown, uuidOf } from './scope.ts';

export interface Showing extends Row<'assignments'> {
  readonly task: string;
  readonly item: string;
  readonly replacedBy: string | null;
}

export type LabellingAnswer = Row<'labellingAnswers'>;

export interface ClaimOptions {
  readonly task: string;
  /** Id of the annotator. */
  readonly annotator: string;
  /** How many the annotator should have open. */
  readonly open: number;
  /** What the n-th showing of this annotator in this task is for; counted from 0. */
  readonly purposeOf: (showing: number) => AssignmentPurpose;
  /** The order in which the n-th showing has its responses. */
  readonly orderOf: (showing: number, responses: number) => ArrayLike<number>;
  /** Seconds after which another annotator may have what this one left open. */
  readonly lease: number;
}

export const labellingShowings = (scope: Scope) => {
  const { db, project, now, newId } = scope;

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

  const open = async (query: Query, { task, annotator, open }: ClaimOptions): Promise<Showing[]> => {
    const rows = await showings(query)
      .where('s.task', '=', task)
      .where('s.annotator', '=', annotator)
      .where('s.replacedBy', 'is', null)
      .where('a.state', '=', 'open')
      .orderBy('a.id')
      .limit(open)
      .execute();
    return rows.map(own);
  };

  /** The next items that this annotator has not had: those that others have begun come first, so that items get done. */
  const candidates = (
    query: Query,
    { task, annotator }: ClaimOptions,
    purposes: readonly AssignmentPurpose[],
    redundancy: number,
    limit: number,
  ) =>
    query
      .selectFrom('labellingItems as i')
      .selectAll('i')
      .where('i.project', '=', project.id)
      .where('i.task', '=', task)
      .where('i.purpose', 'in', purposes)
      .where('i.claims', '<', redundancy)
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('labellingShowings as s')
              .select('s.assignment')
              .where('s.project', '=', project.id)
              .whereRef('s.item', '=', 'i.id')
              .where('s.annotator', '=', annotator)
              .where('s.replacedBy', 'is', null),
          ),
        ),
      )
      .orderBy('i.claims', 'desc')
      .orderBy('i.position')
      .limit(limit)
      .execute();

  const releaseStale = async (query: Query, { task, annotator, lease }: ClaimOptions): Promise<void> => {
    const at = now();
    const stale = await query
      .updateTable('assignments')
      .set({ state: 'cancelled', endedAt: at })
      .where('project', '=', project.id)
      .where('state', '=', 'open')
      .where('annotator', '<>', annotator)
      .where('createdAt', '<', new Date(at.getTime() - lease * 1000))
      .where('id', 'in', (from) =>
        from
          .selectFrom('labellingShowings as s')
          .select('s.assignment')
          .where('s.project', '=', project.id)
          .where('s.task', '=', task)
          .where('s.replacedBy', 'is', null),
      )
      .returning('id')
      .execute();
    if (stale.length === 0) return;
    // The annotator may come back to it, so it is as if it had never been shown.
    const given = await query
      .updateTable('labellingShowings')
      .set((of) => ({ replacedBy: of.ref('assignment') }))
      .where('project', '=', project.id)
      .where(
        'assignment',
        'in',
        stale.map(({ id }) => id),
      )
      .returning('item')
      .execute();
    for (const { item } of given) await changeClaims(query, [item], -1);
  };

  return {
    /**
     * Gives an annotator items until so many are open, and returns these, the oldest first.
     *
     * @throws PlauditError store.unknown
     */
    claim: (options: ClaimOptions): Promise<readonly Showing[]> =>
      db.transaction().execute(async (query) => {
        const task = await lockTask(query, options.task);
        const before = await open(query, options);
        if (task.state === 'closed' || before.length >= options.open) return before;
        await releaseStale(query, options);
        const { shown } = await query
          .selectFrom('labellingShowings')
          .select((of) => of.fn.countAll<number>().as('shown'))
          .where('project', '=', project.id)
          .where('task', '=', options.task)
          .where('annotator', '=', options.annotator)
          .executeTakeFirstOrThrow();
        for (let at = 0; at < options.open - before.length; at++) {
          const showing = Number(shown) + at;
          const purpose = options.purposeOf(showing);
          const isCheck = purpose === 'gold' || purpose === 'attention';
          const [work] = await candidates(query, options, ['label', 'control'], task.redundancy, 1);
          // Checks end with the work: nobody is shown checks only.
          if (!work) break;
          const [check] = isCheck ? await candidates(query, options, [purpose], 2 ** 31 - 1, 1) : [];
          const item = check ?? work;
          const order = Array.from(options.orderOf(showing, item.responses.length));
          const assignment = newId();
          await query
            .insertInto('assignments')
            .values({
              project: project.id,
              id: assignment,
              annotator: options.annotator,
              prompt: bytes(item.prompt),
              responses: order.map((i) => bytes(item.responses[i]!)),
              rubric: task.rubric,
              purpose: item.purpose,
              selectedBy: item.selectedBy,
              probability: item.probability,
              state: 'open',
              createdAt: now(),
            })
            .execute();
          await query
            .insertInto('labellingShowings')
            .values({
              project: project.id,
              assignment,
              task: options.task,
              item: item.id,
              annotator: options.annotator,
            })
            .execute();
          await changeClaims(query, [item.id], 1);
        }
        return open(query, options);
      }),

    /** @param annotator Only if it is this annotator's. @throws PlauditError store.unknown */
    showing: (id: string, annotator?: string): Promise<Showing> => get(db, id, annotator),

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
