/** @file Lineage: what was made from a row or a snapshot, and what a model or a bundle was made from. */
import { bytes, digestOf, type Query, type Scope, uuidOf } from './scope.ts';

/** Ids of everything that was reached, each list without doubles. */
export interface Lineage {
  readonly snapshots: readonly string[];
  readonly runs: readonly string[];
  readonly models: readonly string[];
  readonly bundles: readonly string[];
  /** Names of those that serve, or have served, one of the bundles. */
  readonly deployments: readonly string[];
}

export type LineageStart =
  | { readonly row: string }
  | { readonly snapshot: string }
  | { readonly run: string }
  | { readonly model: string };

/**
 * What follows from snapshots, runs and models: the runs that read them, the models those made, the runs that started
 * from or trained against these models, and so on; then the bundles with such a model, and where they serve.
 */
export const downstreamOf = async (
  query: Query,
  project: string,
  from: {
    readonly snapshots?: readonly string[];
    readonly runs?: readonly string[];
    readonly models?: readonly string[];
  },
): Promise<Omit<Lineage, 'snapshots'>> => {
  const runs = new Set(from.runs);
  const models = new Set(from.models);
  if (from.snapshots && from.snapshots.length > 0) {
    const readers = await query
      .selectFrom('runSnapshots')
      .select('run')
      .distinct()
      .where('project', '=', project)
      .where('snapshot', 'in', from.snapshots.map(bytes))
      .execute();
    for (const { run } of readers) runs.add(run);
  }
  for (let before = -1; before < runs.size + models.size; ) {
    before = runs.size + models.size;
    if (runs.size > 0) {
      const made = await query
        .selectFrom('models')
        .select('id')
        .where('project', '=', project)
        .where('run', 'in', [...runs])
        .execute();
      for (const { id } of made) models.add(id);
      // A run that continues another one, or is a part of it, starts from what that one left.
      const children = await query
        .selectFrom('runs')
        .select('id')
        .where('project', '=', project)
        .where('parent', 'in', [...runs])
        .execute();
      for (const { id } of children) runs.add(id);
    }
    if (models.size > 0) {
      const users = await query
        .selectFrom('runModels')
        .select('run')
        .distinct()
        .where('project', '=', project)
        .where('model', 'in', [...models])
        .execute();
      for (const { run } of users) runs.add(run);
    }
  }
  const all = [...models];
  const bundles =
    all.length === 0
      ? []
      : await query
          .selectFrom('bundles')
          .select('id')
          .where('project', '=', project)
          .where((where) =>
            where.or([
              where('policy', 'in', all),
              where('rewardModel', 'in', all),
              where('reference', 'in', all),
            ]),
          )
          .orderBy('id')
          .execute();
  const served = bundles.map(({ id }) => id);
  const deployments =
    served.length === 0
      ? []
      : await query
          .selectFrom('deployments')
          .select('name')
          .distinct()
          .where('project', '=', project)
          .where((where) =>
            where.or([
              where('bundle', 'in', served),
              where('shadow', 'in', served),
              where('canary', 'in', served),
            ]),
          )
          .orderBy('name')
          .execute();
  return {
    runs: [...runs].sort(),
    models: all.sort(),
    bundles: served,
    deployments: deployments.map(({ name }) => name),
  };
};

export const lineage = (scope: Scope, containing: (row: string) => Promise<readonly string[]>) => {
  const { db, project } = scope;
  return {
    /** What was made from it. */
    async downstream(from: LineageStart): Promise<Lineage> {
      const snapshots =
        'row' in from
          ? await containing(from.row)
          : 'snapshot' in from
            ? [digestOf(scope, 'snapshot', from.snapshot).slice(2)]
            : [];
      const rest = await downstreamOf(db, project.id, {
        snapshots,
        runs: 'run' in from ? [uuidOf(scope, 'run', from.run)] : [],
        models: 'model' in from ? [uuidOf(scope, 'model', from.model)] : [],
      });
      return { snapshots, ...rest };
    },

    /** What it was made from: of a bundle its models, their runs, what these read, and so on to the snapshots. */
    async upstream(
      from: { readonly bundle: string } | { readonly model: string } | { readonly run: string },
    ): Promise<Omit<Lineage, 'bundles' | 'deployments'>> {
      const runs = new Set<string>('run' in from ? [uuidOf(scope, 'run', from.run)] : []);
      const models = new Set<string>('model' in from ? [uuidOf(scope, 'model', from.model)] : []);
      if ('bundle' in from) {
        const found = await db
          .selectFrom('bundles')
          .select(['policy', 'rewardModel', 'reference'])
          .where('project', '=', project.id)
          .where('id', '=', uuidOf(scope, 'bundle', from.bundle))
          .execute();
        for (const { policy, rewardModel, reference } of found)
          for (const model of [policy, rewardModel, reference]) if (model !== null) models.add(model);
      }
      for (let before = -1; before < runs.size + models.size; ) {
        before = runs.size + models.size;
        if (models.size > 0) {
          const makers = await db
            .selectFrom('models')
            .select('run')
            .where('project', '=', project.id)
            .where('id', 'in', [...models])
            .execute();
          for (const { run } of makers) if (run !== null) runs.add(run);
        }
        if (runs.size > 0) {
          const read = await db
            .selectFrom('runModels')
            .select('model')
            .distinct()
            .where('project', '=', project.id)
            .where('run', 'in', [...runs])
            .execute();
          for (const { model } of read) models.add(model);
          const parents = await db
            .selectFrom('runs')
            .select('parent')
            .where('project', '=', project.id)
            .where('id', 'in', [...runs])
            .execute();
          for (const { parent } of parents) if (parent !== null) runs.add(parent);
        }
      }
      const snapshots =
        runs.size === 0
          ? []
          : await db
              .selectFrom('runSnapshots')
              .select('snapshot')
              .distinct()
              .where('project', '=', project.id)
              .where('run', 'in', [...runs])
              .orderBy('snapshot')
              .execute();
      return {
        snapshots: snapshots.map(({ snapshot }) => snapshot),
        runs: [...runs].sort(),
        models: [...models].sort(),
      };
    },
  };
};
