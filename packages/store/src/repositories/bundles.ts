/** @file Bundles: a policy, its reward model, reference, normaliser and guardrails, versioned and promoted as one. */
import { checkName } from '../names.ts';
import type { BundleState, JsonObject, Row } from '../tables.ts';
import { holdModels } from './delete-model.ts';
import { nextVersion } from './next-version.ts';
import { limitOf, overtaken, own, type Page, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type Bundle = Row<'bundles'>;

export interface NewBundle {
  readonly name: string;
  readonly rewardModel: string;
  readonly policy?: string;
  readonly reference?: string;
  readonly normaliser?: JsonObject;
  readonly guardrails?: JsonObject;
  readonly createdBy: string;
}

export const bundles = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Bundle> => {
    const found = await db
      .selectFrom('bundles')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'bundle', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'bundle', id);
    return own(found);
  };

  return {
    /** Makes the next version of a name, a draft. @throws PlauditError store.unknown for its models, store.bad_name */
    async create(bundle: NewBundle): Promise<Bundle> {
      const id = newId();
      const at = now();
      const modelOf = (model: string | undefined): string | null =>
        model === undefined ? null : uuidOf(scope, 'model', model);
      await referring(scope, () =>
        db.transaction().execute(async (query) => {
          await holdModels(scope, query, [
            modelOf(bundle.policy),
            modelOf(bundle.rewardModel),
            modelOf(bundle.reference),
          ]);
          await query
            .insertInto('bundles')
            .values({
              project: project.id,
              id,
              name: checkName('bundle', bundle.name),
              version: await nextVersion(query, 'bundles', project.id, bundle.name),
              policy: modelOf(bundle.policy),
              rewardModel: uuidOf(scope, 'model', bundle.rewardModel),
              reference: modelOf(bundle.reference),
              normaliser: JSON.stringify(bundle.normaliser ?? {}),
              guardrails: JSON.stringify(bundle.guardrails ?? {}),
              state: 'draft',
              createdBy: bundle.createdBy,
              createdAt: at,
              updatedAt: at,
            })
            .execute();
        }),
      );
      return get(id);
    },

    get,

    /** @param version Default the newest. @throws PlauditError store.unknown */
    async find(name: string, version?: number): Promise<Bundle> {
      const found = await db
        .selectFrom('bundles')
        .selectAll()
        .where('project', '=', project.id)
        .where('name', '=', name)
        .$if(version !== undefined, (query) => query.where('version', '=', version!))
        .orderBy('version', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!found) throw unknown(scope, 'bundle', checkName('bundle', name));
      return own(found);
    },

    /** The newest first. */
    async list(filter: Page & { readonly state?: BundleState } = {}): Promise<readonly Bundle[]> {
      const rows = await db
        .selectFrom('bundles')
        .selectAll()
        .where('project', '=', project.id)
        .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state!))
        .$if(filter.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'bundle', filter.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(filter))
        .execute();
      return rows.map(own);
    },

    /** @throws PlauditError store.overtaken where it is no longer in the state it is thought to be in; store.unknown */
    async move(id: string, from: BundleState, to: BundleState): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('bundles')
        .set({ state: to, updatedAt: now() })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'bundle', id))
        .where('state', '=', from)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 1n) return;
      await get(id);
      throw overtaken('bundle', id);
    },
  };
};
