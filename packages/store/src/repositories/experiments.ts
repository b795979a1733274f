/** @file Experiments: a plan that is fixed before the first user sees an arm, and the conclusion drawn from it. */
import { plauditError } from '@plaudit/contract';
import { checkName } from '../names.ts';
import type { ExperimentState, JsonObject, Row } from '../tables.ts';
import { overtaken, own, type Scope, unknown, uuidOf } from './scope.ts';

export type Experiment = Row<'experiments'>;

export const experiments = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Experiment> => {
    const found = await db
      .selectFrom('experiments')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'experiment', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'experiment', id);
    return own(found);
  };

  const change = async (
    id: string,
    from: ExperimentState,
    set: Partial<{
      plan: string;
      state: ExperimentState;
      conclusion: string;
      startedAt: Date;
      endedAt: Date;
    }>,
  ): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('experiments')
      .set(set)
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'experiment', id))
      .where('state', '=', from)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 1n) return;
    await get(id);
    throw overtaken('experiment', id);
  };

  return {
    /** A draft. @throws PlauditError store.taken, store.bad_name */
    async create(name: string, plan: JsonObject): Promise<Experiment> {
      const added = await db
        .insertInto('experiments')
        .values({
          project: project.id,
          id: newId(),
          name: checkName('experiment', name),
          state: 'draft',
          plan: JSON.stringify(plan),
          createdAt: now(),
        })
        .onConflict((conflict) => conflict.columns(['project', 'name']).doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!added) throw plauditError('store.taken', { what: 'experiment', name, project: project.name });
      return own(added);
    },

    get,

    /** The newest first. */
    async list(): Promise<readonly Experiment[]> {
      const rows = await db
        .selectFrom('experiments')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(own);
    },

    /** Only of a draft: a plan that runs is not changed. @throws PlauditError store.overtaken, store.unknown */
    plan: (id: string, plan: JsonObject): Promise<void> =>
      change(id, 'draft', { plan: JSON.stringify(plan) }),
    /** @throws as `plan` */
    start: (id: string): Promise<void> => change(id, 'draft', { state: 'running', startedAt: now() }),
    /** @throws as `plan` */
    stop: (id: string, conclusion: JsonObject): Promise<void> =>
      change(id, 'running', {
        state: 'stopped',
        conclusion: JSON.stringify(conclusion),
        endedAt: now(),
      }),
  };
};
