/** @file Assignments: which annotator is asked to judge which responses, why, and what came of it. */
import type { AssignmentPurpose, Row } from '../tables.ts';
import { digestOf, overtaken, own, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type Assignment = Row<'assignments'>;

export interface NewAssignment {
  /** Id of the annotator. */
  readonly annotator: string;
  readonly prompt: string;
  /** Ids of the responses in the order in which they are shown. */
  readonly responses: readonly string[];
  readonly rubric?: string;
  /** Default `label`. */
  readonly purpose?: AssignmentPurpose;
  /** The rule that chose the item, and with which probability it did. */
  readonly selectedBy: string;
  readonly probability?: number;
}

export const assignments = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  /** Ends an open one; ending it again in the same way changes nothing, so that a client may repeat itself. */
  const end = async (
    id: string,
    to: Pick<Assignment, 'state'> & { readonly judgement?: string; readonly seconds?: number },
  ): Promise<void> => {
    const key = uuidOf(scope, 'assignment', id);
    const judgement = to.judgement === undefined ? null : digestOf(scope, 'judgement', to.judgement);
    const { numUpdatedRows } = await db
      .updateTable('assignments')
      .set({ state: to.state, judgement, seconds: to.seconds ?? null, endedAt: now() })
      .where('project', '=', project.id)
      .where('id', '=', key)
      .where('state', '=', 'open')
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 1n) return;
    const found = await get(id);
    if (found.state !== to.state || (found.judgement ?? undefined) !== to.judgement)
      throw overtaken('assignment', id);
  };

  const get = async (id: string): Promise<Assignment> => {
    const found = await db
      .selectFrom('assignments')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'assignment', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'assignment', id);
    return own(found);
  };

  return {
    /**
     * @returns Their ids.
     * @throws PlauditError store.unknown for what is not in the project; RangeError where no response is to be shown
     */
    async add(wanted: readonly NewAssignment[]): Promise<readonly string[]> {
      if (wanted.some(({ responses }) => responses.length === 0))
        throw new RangeError('an assignment shows at least one response');
      const rows = wanted.map((one) => ({
        project: project.id,
        id: newId(),
        annotator: uuidOf(scope, 'annotator', one.annotator),
        prompt: digestOf(scope, 'prompt', one.prompt),
        responses: one.responses.map((id) => digestOf(scope, 'response', id)),
        rubric: one.rubric === undefined ? null : uuidOf(scope, 'rubric', one.rubric),
        purpose: one.purpose ?? ('label' as const),
        selectedBy: one.selectedBy,
        probability: one.probability ?? null,
        state: 'open' as const,
        createdAt: now(),
      }));
      for (const { prompt, responses } of rows) {
        const { found } = await db
          .selectFrom('responses')
          .select((of) => of.fn.countAll<number>().as('found'))
          .where('project', '=', project.id)
          .where('prompt', '=', prompt)
          .where('id', 'in', responses)
          .executeTakeFirstOrThrow();
        if (found < new Set(responses).size) throw unknown(scope, 'response', 'of that prompt');
      }
      if (rows.length > 0) await referring(scope, () => db.insertInto('assignments').values(rows).execute());
      return rows.map(({ id }) => id);
    },

    get,

    /** What waits for an annotator, the oldest first. */
    async open(annotator: string, limit = 20): Promise<readonly Assignment[]> {
      const rows = await db
        .selectFrom('assignments')
        .selectAll()
        .where('project', '=', project.id)
        .where('annotator', '=', uuidOf(scope, 'annotator', annotator))
        .where('state', '=', 'open')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.unknown; store.overtaken where it has ended in another way */
    finish: (id: string, judgement: string, seconds?: number): Promise<void> =>
      referring(scope, () =>
        end(id, { state: 'done', judgement, ...(seconds !== undefined && { seconds }) }),
      ),
    /** @throws as `finish` */
    skip: (id: string): Promise<void> => end(id, { state: 'skipped' }),
    /** @throws as `finish` */
    cancel: (id: string): Promise<void> => end(id, { state: 'cancelled' }),
  };
};
