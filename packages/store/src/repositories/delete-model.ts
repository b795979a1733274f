/** @file Deleting a model: its files go, and what it was stays on record for whoever asks what served or was trained. */
import { plauditError } from '@plaudit/contract';
import { type Query, type Scope, unknown, uuidOf } from './scope.ts';

/** What of a bundle a model can be. */
const parts = ['policy', 'rewardModel', 'reference'] as const;

const named = ({ name, version }: { readonly name: string; readonly version: number }): string =>
  `${name}@${version}`;

/** Bundles that may serve, or have served and can come back in one step. */
const bundlesWith = async (query: Query, project: string, model: string): Promise<readonly string[]> => {
  const found = await query
    .selectFrom('bundles')
    .select(['name', 'version'])
    .where('project', '=', project)
    .where((where) => where.or(parts.map((part) => where(part, '=', model))))
    .where((where) =>
      where.or([
        where('state', '!=', 'retired'),
        where.exists(
          where
            .selectFrom('deployments')
            .select('deployments.name')
            .where('deployments.project', '=', project)
            .where((one) =>
              one.or(
                (['bundle', 'canary', 'shadow'] as const).map((as) =>
                  one(`deployments.${as}`, '=', one.ref('bundles.id')),
                ),
              ),
            ),
        ),
      ]),
    )
    .orderBy('id')
    .execute();
  return found.map((bundle) => `bundle ${named(bundle)}`);
};

/** Runs that read it and have not ended. */
const runsWith = async (query: Query, project: string, model: string): Promise<readonly string[]> => {
  const found = await query
    .selectFrom('runs')
    .innerJoin('runModels', (join) =>
      join.onRef('runModels.project', '=', 'runs.project').onRef('runModels.run', '=', 'runs.id'),
    )
    .select('runs.name')
    .distinct()
    .where('runs.project', '=', project)
    .where('runModels.model', '=', model)
    .where('runs.state', 'in', ['waiting', 'running'])
    .execute();
  return found.map(({ name }) => `run ${name}`);
};

/** Policies that a run made from it: an adapter stands on the files of what it started from. */
const policiesFrom = async (query: Query, project: string, model: string): Promise<readonly string[]> => {
  const found = await query
    .selectFrom('models')
    .innerJoin('runModels', (join) =>
      join.onRef('runModels.project', '=', 'models.project').onRef('runModels.run', '=', 'models.run'),
    )
    .select(['models.name', 'models.version'])
    .distinct()
    .where('models.project', '=', project)
    .where('runModels.model', '=', model)
    .where('runModels.purpose', '=', 'policy')
    .where('models.id', '!=', model)
    .where('models.deletedAt', 'is', null)
    .execute();
  return found.map((policy) => `policy ${named(policy)}`);
};

/**
 * @returns The contents that its files had: what nobody else has may leave the artifact store
 * @throws PlauditError store.unknown, also for one that has been deleted; store.model_needed
 */
export const deleteModel = async (scope: Scope, id: string): Promise<readonly string[]> => {
  const { db, project, now } = scope;
  const key = uuidOf(scope, 'model', id);
  return db.transaction().execute(async (query) => {
    // Waits for a bundle or a run that is being recorded with it, and holds up new ones.
    const found = await query
      .selectFrom('models')
      .select(['name', 'version'])
      .where('project', '=', project.id)
      .where('id', '=', key)
      .where('deletedAt', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'model', id);
    const needed = [
      ...(await bundlesWith(query, project.id, key)),
      ...(await runsWith(query, project.id, key)),
      ...(await policiesFrom(query, project.id, key)),
    ];
    if (needed.length > 0)
      throw plauditError('store.model_needed', { model: named(found), needed: needed.join(', ') });
    const files = await query
      .deleteFrom('files')
      .where('project', '=', project.id)
      .where('owner', '=', key)
      .returning('digest')
      .execute();
    await query
      .updateTable('models')
      .set({ deletedAt: now() })
      .where('project', '=', project.id)
      .where('id', '=', key)
      .execute();
    return [...new Set(files.map(({ digest }) => digest))];
  });
};

/**
 * Holds models in place until the transaction ends, so that what is recorded with them is recorded with files.
 *
 * @throws PlauditError store.unknown for one that has been deleted
 */
export const holdModels = async (
  scope: Scope,
  query: Query,
  ids: readonly (string | null)[],
): Promise<void> => {
  const wanted = ids.filter((id) => id !== null);
  if (wanted.length === 0) return;
  const deleted = await query
    .selectFrom('models')
    .select(['id', 'deletedAt'])
    .where('project', '=', scope.project.id)
    .where('id', 'in', wanted)
    .forShare()
    .execute();
  for (const { id, deletedAt } of deleted) if (deletedAt !== null) throw unknown(scope, 'model', id);
};
