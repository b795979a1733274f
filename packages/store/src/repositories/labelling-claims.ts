/** @file Claims: which items an annotator is given next. */
import type { AssignmentPurpose, Row } from '../tables.ts';
import { type Showing, showingAccess } from './labelling-access.ts';
import { bytes, own, type Query, type Scope } from './scope.ts';

/** A draw among the items that nobody has begun. */
export interface ItemDraw {
  /** Ids of items that a model would like to be judged, the most wanted first. Those that are taken are left out of the draw. */
  readonly wanted: readonly string[];
  /**
   * @param wanted How many of the wanted ones are left
   * @param left How many items nobody has begun
   * @returns Which of the wanted ones, or null for the next in the order of the task, and how probable each choice was
   */
  readonly choose: (wanted: number, left: number) => DrawnItem;
}

interface DrawnItem {
  readonly wanted: number | null;
  readonly selectedBy: string;
  /** Of an item by its place among the wanted ones; null for one that is not among them. */
  readonly probabilityOf: (wanted: number | null) => number;
}

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
  /** How the n-th showing comes by an item that nobody has begun. Default: the next in the order of the task. */
  readonly drawOf?: ((showing: number) => ItemDraw) | undefined;
}

/** What is no check. */
const work: readonly AssignmentPurpose[] = ['label', 'control'];

export const labellingClaims = (scope: Scope) => {
  const { db, project, now, newId } = scope;
  const { showings, lockTask, changeClaims } = showingAccess(scope);

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

  /** Items that this annotator has not had. */
  const unseen = (query: Query, { task, annotator }: ClaimOptions, purposes: readonly AssignmentPurpose[]) =>
    query
      .selectFrom('labellingItems as i')
      .where('i.project', '=', project.id)
      .where('i.task', '=', task)
      .where('i.purpose', 'in', purposes)
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
      );

  /** The next of them: one that others have begun comes first, so that items get done. */
  const nextOf = (
    query: Query,
    options: ClaimOptions,
    purposes: readonly AssignmentPurpose[],
    redundancy: number,
  ): Promise<Row<'labellingItems'> | undefined> =>
    unseen(query, options, purposes)
      .selectAll('i')
      .where('i.claims', '<', redundancy)
      .orderBy('i.claims', 'desc')
      .orderBy('i.position')
      .limit(1)
      .executeTakeFirst();

  /** The next item, or one that a model wants, where nobody has begun it: then it is on record how it was come by. */
  const drawn = async (
    query: Query,
    options: ClaimOptions,
    showing: number,
    next: Row<'labellingItems'>,
  ): Promise<Row<'labellingItems'>> => {
    const draw = next.claims === 0 ? options.drawOf?.(showing) : undefined;
    if (!draw) return next;
    const free = unseen(query, options, work).where('i.claims', '=', 0);
    const { left } = await free.select((of) => of.fn.countAll<number>().as('left')).executeTakeFirstOrThrow();
    const found =
      draw.wanted.length === 0 ? [] : await free.selectAll('i').where('i.id', 'in', draw.wanted).execute();
    const byId = new Map(found.map((item) => [item.id, item]));
    const wanted = draw.wanted.flatMap((id) => byId.get(id) ?? []);
    const chosen = draw.choose(wanted.length, Number(left));
    const item = chosen.wanted === null ? next : wanted[chosen.wanted]!;
    const place = wanted.findIndex(({ id }) => id === item.id);
    const how = {
      selectedBy: chosen.selectedBy,
      probability: chosen.probabilityOf(place < 0 ? null : place),
    };
    await query
      .updateTable('labellingItems')
      .set(how)
      .where('project', '=', project.id)
      .where('id', '=', item.id)
      .execute();
    return { ...item, ...how };
  };

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
          const next = await nextOf(query, options, work, task.redundancy);
          // Checks end with the work: nobody is shown checks only.
          if (!next) break;
          const check = isCheck ? await nextOf(query, options, [purpose], 2 ** 31 - 1) : undefined;
          const item = check ?? (await drawn(query, options, showing, next));
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
  };
};
