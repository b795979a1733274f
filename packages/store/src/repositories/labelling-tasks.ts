/** @file Labelling tasks: what is to be judged, how, how often and by whom. */
import { plauditError } from '@plaudit/contract';
import { checkName } from '../names.ts';
import type { AssignmentPurpose, JsonObject, LabellingKind, Row } from '../tables.ts';
import { bytes, digestOf, own, referring, type Scope, unknown, uuidOf } from './scope.ts';

export interface LabellingTask extends Row<'labellingTasks'> {
  /** Ids of the annotators to whom it is given; nobody: open to all who label. */
  readonly annotators: readonly string[];
}

export interface NewLabellingItem {
  readonly prompt: string;
  /** In the order of the record. */
  readonly responses: readonly string[];
  readonly purpose: AssignmentPurpose;
  readonly selectedBy: string;
  readonly probability?: number;
  /** The right vote of a gold or attention item. */
  readonly known?: unknown;
  readonly facts?: JsonObject;
}

export interface NewLabellingTask {
  readonly name: string;
  readonly kind: LabellingKind;
  readonly rubric?: string;
  readonly dataset: string;
  readonly redundancy: number;
  readonly settings: JsonObject;
  /** Ids of annotators. */
  readonly annotators: readonly string[];
  readonly createdBy: string;
}

/** How far a task is. Gold and attention items are not counted. */
export interface TaskCounts {
  readonly items: number;
  /** Items times redundancy. */
  readonly wanted: number;
  readonly judged: number;
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const portion = 2000;

export const labellingTasks = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const withAnnotators = async (task: Row<'labellingTasks'>): Promise<LabellingTask> => {
    const rows = await db
      .selectFrom('labellingAnnotators')
      .select('annotator')
      .where('project', '=', project.id)
      .where('task', '=', task.id)
      .orderBy('annotator')
      .execute();
    return { ...task, annotators: rows.map(({ annotator }) => annotator) };
  };

  return {
    /**
     * Makes a task with its items, in one transaction.
     *
     * @throws PlauditError store.bad_name, store.taken, store.unknown
     */
    async create(task: NewLabellingTask, items: readonly NewLabellingItem[]): Promise<string> {
      checkName('labelling task', task.name);
      const id = newId();
      const { annotators, rubric, settings, ...plain } = task;
      const rows = items.map((item, position) => ({
        project: project.id,
        id: newId(),
        task: id,
        position,
        prompt: digestOf(scope, 'prompt', item.prompt),
        responses: item.responses.map((one) => digestOf(scope, 'response', one)),
        purpose: item.purpose,
        selectedBy: item.selectedBy,
        probability: item.probability ?? null,
        known: item.known === undefined ? null : JSON.stringify(item.known),
        facts: JSON.stringify(item.facts ?? {}),
      }));
      await referring(scope, () =>
        db.transaction().execute(async (query) => {
          const added = await query
            .insertInto('labellingTasks')
            .values({
              ...plain,
              project: project.id,
              id,
              rubric: rubric === undefined ? null : uuidOf(scope, 'rubric', rubric),
              settings: JSON.stringify(settings),
              state: 'open',
              createdAt: now(),
            })
            .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
            .returning('id')
            .executeTakeFirst();
          if (!added)
            throw plauditError('store.taken', {
              what: 'labelling task',
              name: task.name,
              project: project.name,
            });
          if (annotators.length > 0)
            await query
              .insertInto('labellingAnnotators')
              .values(
                [...new Set(annotators)].map((annotator) => ({
                  project: project.id,
                  task: id,
                  annotator: uuidOf(scope, 'annotator', annotator),
                })),
              )
              .execute();
          for (let at = 0; at < rows.length; at += portion)
            await query
              .insertInto('labellingItems')
              .values(rows.slice(at, at + portion))
              .execute();
        }),
      );
      return id;
    },

    /** @throws PlauditError store.unknown */
    async task(id: string): Promise<LabellingTask> {
      const found = await db
        .selectFrom('labellingTasks')
        .selectAll()
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'labelling task', id))
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'labelling task', id);
      return withAnnotators(own(found));
    },

    /** The newest first. */
    async tasks(): Promise<readonly LabellingTask[]> {
      const rows = await db
        .selectFrom('labellingTasks')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('id', 'desc')
        .execute();
      return Promise.all(rows.map((row) => withAnnotators(own(row))));
    },

    /** Nothing more is given out of a closed task; what is open can still be answered. @throws PlauditError store.unknown */
    async setState(id: string, state: LabellingTask['state']): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('labellingTasks')
        .set({ state })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'labelling task', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'labelling task', id);
    },

    /** The rubric of a task as its id names it. @throws PlauditError store.unknown */
    async rubricName(id: string): Promise<{ readonly name: string; readonly version: number }> {
      const found = await db
        .selectFrom('rubrics')
        .select(['name', 'version'])
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'rubric', id))
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'rubric', id);
      return found;
    },

    async counts(id: string): Promise<TaskCounts> {
      const key = uuidOf(scope, 'labelling task', id);
      const { redundancy, items } = await db
        .selectFrom('labellingTasks as t')
        .leftJoin('labellingItems as i', (join) =>
          join
            .onRef('i.project', '=', 't.project')
            .onRef('i.task', '=', 't.id')
            .on('i.purpose', 'in', ['label', 'control']),
        )
        .select((of) => ['t.redundancy', of.fn.count<number>('i.id').as('items')])
        .where('t.project', '=', project.id)
        .where('t.id', '=', key)
        .groupBy('t.redundancy')
        .executeTakeFirst()
        .then((found) => found ?? { redundancy: 0, items: 0 });
      const { judged } = await db
        .selectFrom('labellingShowings as s')
        .innerJoin('assignments as a', (join) =>
          join.onRef('a.project', '=', 's.project').onRef('a.id', '=', 's.assignment'),
        )
        .select((of) => of.fn.countAll<number>().as('judged'))
        .where('s.project', '=', project.id)
        .where('s.task', '=', key)
        .where('s.replacedBy', 'is', null)
        .where('a.state', '=', 'done')
        .where('a.purpose', 'in', ['label', 'control'])
        .executeTakeFirstOrThrow();
      return { items: Number(items), wanted: Number(items) * redundancy, judged: Number(judged) };
    },

    /** Records what a reviewer made of an item; the first verdict stands. @returns Whether this was the first. */
    async decide(
      item: string,
      verdict: { readonly judgements: readonly string[]; readonly actor: string; readonly reason: string },
    ): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await referring(scope, () =>
        db
          .insertInto('labellingVerdicts')
          .values({
            project: project.id,
            item: uuidOf(scope, 'labelling item', item),
            judgements: verdict.judgements.map(bytes),
            actor: verdict.actor,
            reason: verdict.reason,
            createdAt: now(),
          })
          .onConflict((conflict) => conflict.columns(['project', 'item']).doNothing())
          .executeTakeFirstOrThrow(),
      );
      return numInsertedOrUpdatedRows === 1n;
    },
  };
};
