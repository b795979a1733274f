/** @file Models: reward models, policies and references, versioned by name, with the run that made them. */
import { sql } from 'kysely';
import { checkName } from '../names.ts';
import type { JsonObject, ModelRole, Row } from '../tables.ts';
import { deleteModel } from './delete-model.ts';
import { nextVersion } from './next-version.ts';
import { limitOf, own, type Page, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type Model = Row<'models'>;

export interface NewModel {
  readonly name: string;
  readonly role: ModelRole;
  /** Id of the run that made it; absent for one that was brought in. */
  readonly run?: string;
  /** Kind, objectives, calibration, metrics, licence: what its `plaudit.json` says. */
  readonly card: JsonObject;
}

const roleNames: Readonly<Record<ModelRole, string>> = {
  reward: 'reward model',
  policy: 'policy',
  reference: 'reference model',
};

export const models = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Model> => {
    const found = await db
      .selectFrom('models')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'model', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'model', id);
    return own(found);
  };

  return {
    /** Registers the next version of a name. @throws PlauditError store.unknown for its run, store.bad_name */
    async register({ name, role, run, card }: NewModel): Promise<Model> {
      const id = newId();
      await referring(scope, () =>
        db.transaction().execute(async (query) => {
          await query
            .insertInto('models')
            .values({
              project: project.id,
              id,
              name: checkName('model', name),
              version: await nextVersion(query, 'models', project.id, name),
              role,
              run: run === undefined ? null : uuidOf(scope, 'run', run),
              card: JSON.stringify(card),
              createdAt: now(),
            })
            .execute();
        }),
      );
      return get(id);
    },

    /** One that has been deleted too: what it was is on record. @throws PlauditError store.unknown */
    get,

    /**
     * Deletes its files and hides it.
     *
     * @returns The contents that its files had: what nobody else has may leave the artifact store
     * @throws PlauditError store.unknown; store.model_needed where it may serve or come back, a run reads it, or a policy
     *   stands on it
     */
    delete: (id: string): Promise<readonly string[]> => deleteModel(scope, id),

    /** @throws PlauditError store.unknown, also for a model that is something else or has been deleted */
    async ofRole(id: string, role: ModelRole): Promise<Model> {
      const found = await get(id);
      if (found.role !== role || found.deletedAt !== null) throw unknown(scope, roleNames[role], id);
      return found;
    },

    /** The newest model that was distilled from another one, and can answer in its place; null without any. */
    async distilledFrom(teacher: string): Promise<Model | null> {
      const found = await db
        .selectFrom('models')
        .selectAll()
        .where('project', '=', project.id)
        .where('role', '=', 'reward')
        .where('deletedAt', 'is', null)
        .where(sql`card ->> 'distilledFrom'`, '=', uuidOf(scope, 'model', teacher))
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return found ? own(found) : null;
    },

    /** @param version Default the newest. @throws PlauditError store.unknown */
    async find(name: string, version?: number): Promise<Model> {
      const found = await db
        .selectFrom('models')
        .selectAll()
        .where('project', '=', project.id)
        .where('name', '=', name)
        .where('deletedAt', 'is', null)
        .$if(version !== undefined, (query) => query.where('version', '=', version!))
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'model', checkName('model', name));
      return own(found);
    },

    /** The newest first. */
    async list(
      filter: Page & { readonly role?: ModelRole; readonly run?: string } = {},
    ): Promise<readonly Model[]> {
      const rows = await db
        .selectFrom('models')
        .selectAll()
        .where('project', '=', project.id)
        .where('deletedAt', 'is', null)
        .$if(filter.role !== undefined, (query) => query.where('role', '=', filter.role!))
        .$if(filter.run !== undefined, (query) => query.where('run', '=', uuidOf(scope, 'run', filter.run!)))
        .$if(filter.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'model', filter.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(filter))
        .execute();
      return rows.map(own);
    },
  };
};
