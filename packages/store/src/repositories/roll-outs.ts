/** @file Roll-outs: a canary on its way to all of the traffic, and what its controller remembers. */
import { plauditError } from '@plaudit/contract';
import { checkName } from '../names.ts';
import type { JsonObject, RollOutStatus, Row } from '../tables.ts';
import { overtaken, own, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type RollOut = Row<'rollOuts'>;

export interface NewRollOut {
  readonly deployment: string;
  /** Id of the bundle. */
  readonly canary: string;
  readonly plan: JsonObject;
  readonly state: JsonObject;
  readonly actor: string;
}

const underWay: readonly RollOutStatus[] = ['running', 'paused'];

export const rollOuts = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<RollOut> => {
    const found = await db
      .selectFrom('rollOuts')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'roll-out', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'roll-out', id);
    return own(found);
  };

  return {
    /** @throws PlauditError store.taken where one is under way for the deployment; store.unknown for the canary */
    async start({ deployment, canary, plan, state, actor }: NewRollOut): Promise<RollOut> {
      const added = await referring(scope, () =>
        db
          .insertInto('rollOuts')
          .values({
            project: project.id,
            id: newId(),
            deployment: checkName('deployment', deployment),
            canary: uuidOf(scope, 'bundle', canary),
            plan: JSON.stringify(plan),
            state: JSON.stringify(state),
            status: 'running',
            actor,
            startedAt: now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst(),
      );
      if (!added)
        throw plauditError('store.taken', {
          what: 'roll-out of',
          name: deployment,
          project: project.name,
        });
      return own(added);
    },

    get,

    /** Of a deployment, or all; the newest first. */
    async list(
      filter: { readonly deployment?: string; readonly underWay?: boolean } = {},
    ): Promise<readonly RollOut[]> {
      const rows = await db
        .selectFrom('rollOuts')
        .selectAll()
        .where('project', '=', project.id)
        .$if(filter.deployment !== undefined, (query) => query.where('deployment', '=', filter.deployment!))
        .$if(filter.underWay === true, (query) => query.where('status', 'in', underWay))
        .orderBy('id', 'desc')
        .limit(200)
        .execute();
      return rows.map(own);
    },

    /** @param after The revision that the change was decided on. @throws PlauditError store.overtaken, store.unknown */
    async change(
      id: string,
      after: number,
      to: { readonly status: RollOutStatus; readonly state: JsonObject },
    ): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('rollOuts')
        .set({
          status: to.status,
          state: JSON.stringify(to.state),
          revision: after + 1,
          endedAt: underWay.includes(to.status) ? null : now(),
        })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'roll-out', id))
        .where('revision', '=', after)
        .where('status', 'in', underWay)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 1n) return;
      await get(id);
      throw overtaken('roll-out', id);
    },
  };
};
