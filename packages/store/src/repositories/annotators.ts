/** @file Annotators: who judges, under the name that the judgements give, and whether they are paused. */
import { storableName } from '../names.ts';
import type { AnnotatorKind, Row } from '../tables.ts';
import { subjectOf } from './annotator-ids.ts';
import { own, type Scope, unknown } from './scope.ts';

export type Annotator = Row<'annotators'>;

export const annotators = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const find = async (name: string): Promise<Annotator | undefined> => {
    const row = await db
      .selectFrom('annotators')
      .selectAll()
      .where('project', '=', project.id)
      .where('name', '=', storableName(name))
      .executeTakeFirst();
    return row && own(row);
  };

  const setPause = async (name: string, reason: string | null): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('annotators')
      .set(
        reason === null
          ? { pausedAt: null, pauseReason: null, resumedAt: now() }
          : { pausedAt: now(), pauseReason: reason },
      )
      .where('project', '=', project.id)
      .where('name', '=', storableName(name))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw unknown(scope, 'annotator', storableName(name));
  };

  return {
    /** The annotator of that name, made where it is not there. */
    async ensure(name: string, kind: AnnotatorKind): Promise<Annotator> {
      await db
        .insertInto('annotators')
        .values({
          project: project.id,
          id: newId(),
          name: storableName(name),
          kind,
          subject: subjectOf({ name: storableName(name), kind }),
          createdAt: now(),
        })
        .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
        .execute();
      return (await find(name))!;
    },

    /** @throws PlauditError store.unknown */
    async get(name: string): Promise<Annotator> {
      const found = await find(name);
      if (!found) throw unknown(scope, 'annotator', storableName(name));
      return found;
    },

    /** By name; those who have been erased are left out. */
    async list(): Promise<readonly Annotator[]> {
      const rows = await db
        .selectFrom('annotators')
        .selectAll()
        .where('project', '=', project.id)
        .where('erasedAt', 'is', null)
        .orderBy('name')
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.unknown */
    pause: (name: string, reason: string): Promise<void> => setPause(name, reason),
    /** @throws PlauditError store.unknown */
    resume: (name: string): Promise<void> => setPause(name, null),
  };
};
