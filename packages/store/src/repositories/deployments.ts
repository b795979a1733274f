/** @file Deployments: which bundle serves under a name, with the whole history of that. */
import { checkName } from '../names.ts';
import type { JsonObject, Row } from '../tables.ts';
import { overtaken, own, referring, type Scope, unknown, uuidOf } from './scope.ts';

/** One revision: what serves since it was made, until the next. */
export type Deployment = Row<'deployments'>;

export interface DeploymentChange {
  /** The revision that the change was decided on; 0 for a new name. */
  readonly after: number;
  readonly bundle?: string | undefined;
  readonly shadow?: string | undefined;
  readonly canary?: string | undefined;
  /** Share of the traffic that the canary takes, 0 to 1. */
  readonly canaryShare?: number;
  readonly actor: string;
  readonly reason: string;
  /** Gates, tests, alerts that it was decided by. */
  readonly evidence?: JsonObject;
}

export const deployments = (scope: Scope) => {
  const { db, project, now } = scope;

  const history = async (name: string, limit = 100): Promise<readonly Deployment[]> => {
    const rows = await db
      .selectFrom('deployments')
      .selectAll()
      .where('project', '=', project.id)
      .where('name', '=', name)
      .orderBy('revision', 'desc')
      .limit(limit)
      .execute();
    return rows.map(own);
  };

  const one = (found: Deployment | undefined, name: string): Deployment => {
    if (!found) throw unknown(scope, 'deployment', checkName('deployment', name));
    return found;
  };

  return {
    /**
     * Adds a revision. Two that were decided on the same one cannot both be added.
     *
     * @throws PlauditError store.overtaken; store.unknown for a bundle; store.bad_name
     */
    async change(name: string, change: DeploymentChange): Promise<Deployment> {
      const bundleOf = (id: string | undefined): string | null =>
        id === undefined ? null : uuidOf(scope, 'bundle', id);
      const last = (await history(checkName('deployment', name), 1))[0]?.revision ?? 0;
      if (last !== change.after) throw overtaken('deployment', name);
      const added = await referring(scope, () =>
        db
          .insertInto('deployments')
          .values({
            project: project.id,
            name,
            revision: change.after + 1,
            bundle: bundleOf(change.bundle),
            shadow: bundleOf(change.shadow),
            canary: bundleOf(change.canary),
            canaryShare: change.canaryShare ?? 0,
            actor: change.actor,
            reason: change.reason,
            evidence: JSON.stringify(change.evidence ?? {}),
            createdAt: now(),
          })
          .onConflict((conflict) => conflict.columns(['project', 'name', 'revision']).doNothing())
          .returningAll()
          .executeTakeFirst(),
      );
      if (!added) throw overtaken('deployment', name);
      return own(added);
    },

    /** What serves now. @throws PlauditError store.unknown */
    async current(name: string): Promise<Deployment> {
      return one((await history(name, 1))[0], name);
    },

    /** What served at a time. @throws PlauditError store.unknown for a time before the first revision too */
    async asOf(name: string, at: Date): Promise<Deployment> {
      const found = await db
        .selectFrom('deployments')
        .selectAll()
        .where('project', '=', project.id)
        .where('name', '=', name)
        .where('createdAt', '<=', at)
        .orderBy('revision', 'desc')
        .limit(1)
        .executeTakeFirst();
      return one(found && own(found), name);
    },

    /** The newest first. */
    history,

    /** The current revision of every name, by name. */
    async list(): Promise<readonly Deployment[]> {
      const rows = await db
        .selectFrom('deployments')
        .distinctOn('name')
        .selectAll()
        .where('project', '=', project.id)
        .orderBy('name')
        .orderBy('revision', 'desc')
        .execute();
      return rows.map(own);
    },
  };
};
