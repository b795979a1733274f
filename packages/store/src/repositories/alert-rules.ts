/** @file Alert rules: what is watched, what was found last, and until when nobody wants to hear of it. */
import { plauditError } from '@plaudit/contract';
import { checkName } from '../names.ts';
import type { JsonObject, Row } from '../tables.ts';
import { own, type Scope, unknown, uuidOf } from './scope.ts';

export type AlertRule = Row<'alertRules'>;

export const alertRules = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const change = async (
    id: string,
    set: Partial<{ rule: string; state: string; silencedUntil: Date | null; removedAt: Date }>,
  ): Promise<AlertRule> => {
    const found = await db
      .updateTable('alertRules')
      .set(set)
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'alert rule', id))
      .where('removedAt', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'alert rule', id);
    return own(found);
  };

  return {
    /** @throws PlauditError store.taken, store.bad_name */
    async create(name: string, rule: JsonObject, createdBy: string): Promise<AlertRule> {
      const added = await db
        .insertInto('alertRules')
        .values({
          project: project.id,
          id: newId(),
          name: checkName('alert rule', name),
          rule: JSON.stringify(rule),
          createdBy,
          createdAt: now(),
        })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      if (!added) throw plauditError('store.taken', { what: 'alert rule', name, project: project.name });
      return own(added);
    },

    /** @throws PlauditError store.unknown */
    async get(id: string): Promise<AlertRule> {
      const found = await db
        .selectFrom('alertRules')
        .selectAll()
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'alert rule', id))
        .where('removedAt', 'is', null)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'alert rule', id);
      return own(found);
    },

    /** By name. */
    async list(): Promise<readonly AlertRule[]> {
      const rows = await db
        .selectFrom('alertRules')
        .selectAll()
        .where('project', '=', project.id)
        .where('removedAt', 'is', null)
        .orderBy('name')
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.unknown, as the next ones */
    change: (id: string, rule: JsonObject): Promise<AlertRule> => change(id, { rule: JSON.stringify(rule) }),
    remember: (id: string, state: JsonObject): Promise<AlertRule> =>
      change(id, { state: JSON.stringify(state) }),
    /** @param until null ends the silence */
    silence: (id: string, until: Date | null): Promise<AlertRule> => change(id, { silencedUntil: until }),
    remove: (id: string): Promise<AlertRule> => change(id, { removedAt: now() }),
  };
};
