/** @file Runs: what was started with which configuration on which data, how far it came and how it ended. */
import { plauditError } from '@plaudit/contract';
import { sql } from 'kysely';
import { checkName } from '../names.ts';
import type { JsonObject, Row, RunState } from '../tables.ts';
import { holdModels } from './delete-model.ts';
import {
  digestOf,
  limitOf,
  overtaken,
  own,
  type Page,
  type Query,
  referring,
  type Scope,
  unknown,
  uuidOf,
} from './scope.ts';

export type Run = Row<'runs'>;

export interface NewRun {
  readonly name: string;
  /** What is run, such as `reward.train`. */
  readonly kind: string;
  readonly config: JsonObject;
  readonly tags?: Readonly<Record<string, string>>;
  /** Id of the run that this one continues or is a part of. */
  readonly parent?: string;
  readonly snapshots?: readonly { readonly id: string; readonly purpose: string }[];
  /** Id of the group that it belongs to. */
  readonly group?: string;
  /** Models that it starts from, trains against or compares. */
  readonly models?: readonly { readonly id: string; readonly purpose: string }[];
}

export type RunEnd =
  | { readonly state: 'finished' | 'stopped' }
  | { readonly state: 'failed'; readonly error: string };

export interface RunFilter extends Page {
  readonly kind?: string;
  readonly state?: RunState;
  /** Id of a group; null for runs that are in none. */
  readonly group?: string | null;
  /** Deleted ones too. */
  readonly deleted?: boolean;
}

export const runs = (scope: Scope) => {
  const { db, project, now, newId } = scope;

  const get = async (id: string): Promise<Run> => {
    const found = await db
      .selectFrom('runs')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'run', id))
      .executeTakeFirst();
    if (!found) throw unknown(scope, 'run', id);
    return own(found);
  };

  const change = async (
    id: string,
    from: readonly RunState[],
    set: Partial<Pick<Run, 'state' | 'startedAt' | 'endedAt' | 'error'>>,
  ): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('runs')
      .set(set)
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'run', id))
      .where('state', 'in', from)
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 1n) return;
    if ((await get(id)).state !== set.state) throw overtaken('run', id);
  };

  const setDeleted = async (id: string, at: Date | null): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('runs')
      .set({ deletedAt: at })
      .where('project', '=', project.id)
      .where('id', '=', uuidOf(scope, 'run', id))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw unknown(scope, 'run', id);
  };

  return {
    /** A run that waits to be started. @throws PlauditError store.unknown for what it should read, store.bad_name */
    async create(run: NewRun): Promise<Run> {
      const id = newId();
      const record = {
        project: project.id,
        id,
        name: checkName('run', run.name),
        kind: checkName('kind of run', run.kind),
        state: 'waiting' as const,
        parent: run.parent === undefined ? null : uuidOf(scope, 'run', run.parent),
        runGroup: run.group === undefined ? null : uuidOf(scope, 'group of runs', run.group),
        config: JSON.stringify(run.config),
        tags: JSON.stringify(run.tags ?? {}),
        createdAt: now(),
      };
      await referring(scope, () =>
        db.transaction().execute(async (query) => {
          await query.insertInto('runs').values(record).execute();
          await addInputs(query, id, run);
        }),
      );
      return get(id);
    },

    get,

    /** The newest first. */
    async list(filter: RunFilter = {}): Promise<readonly Run[]> {
      const rows = await db
        .selectFrom('runs')
        .selectAll()
        .where('project', '=', project.id)
        .$if(filter.deleted !== true, (query) => query.where('deletedAt', 'is', null))
        .$if(filter.kind !== undefined, (query) => query.where('kind', '=', filter.kind!))
        .$if(filter.state !== undefined, (query) => query.where('state', '=', filter.state!))
        .$if(filter.group === null, (query) => query.where('runGroup', 'is', null))
        .$if(typeof filter.group === 'string', (query) =>
          query.where('runGroup', '=', uuidOf(scope, 'group of runs', filter.group!)),
        )
        .$if(filter.before !== undefined, (query) =>
          query.where('id', '<', uuidOf(scope, 'run', filter.before!)),
        )
        .orderBy('id', 'desc')
        .limit(limitOf(filter))
        .execute();
      return rows.map(own);
    },

    /** Also starts one again that was stopped or failed: it is resumed. @throws PlauditError store.unknown, store.overtaken */
    start: (id: string): Promise<void> =>
      change(id, ['waiting', 'stopped', 'failed'], {
        state: 'running',
        startedAt: now(),
        endedAt: null,
        error: null,
      }),

    /** @throws PlauditError store.unknown, store.overtaken */
    end: (id: string, how: RunEnd): Promise<void> =>
      change(id, ['waiting', 'running'], { error: null, ...how, endedAt: now() }),

    /** Tags are overwritten one by one. @throws PlauditError store.unknown */
    async setTags(id: string, tags: Readonly<Record<string, string>>): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('runs')
        .set({ tags: sql<string>`tags || ${JSON.stringify(tags)}::jsonb` })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'run', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'run', id);
    },

    /** @throws PlauditError store.unknown */
    async removeTag(id: string, name: string): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('runs')
        .set({ tags: sql<string>`tags - ${name}::text` })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'run', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'run', id);
    },

    /** @throws PlauditError store.unknown, store.bad_name */
    async rename(id: string, name: string): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('runs')
        .set({ name: checkName('run', name) })
        .where('project', '=', project.id)
        .where('id', '=', uuidOf(scope, 'run', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'run', id);
    },

    /**
     * Adds to the configuration of a run that reports itself from outside. What is there keeps its value; the same value
     * again is no fault.
     *
     * @throws PlauditError store.unknown, run.setting_changed
     */
    async addSettings(id: string, settings: Readonly<Record<string, string>>): Promise<void> {
      const key = uuidOf(scope, 'run', id);
      await db.transaction().execute(async (query) => {
        const found = await query
          .selectFrom('runs')
          .select('config')
          .where('project', '=', project.id)
          .where('id', '=', key)
          .forUpdate()
          .executeTakeFirst();
        if (!found) throw unknown(scope, 'run', id);
        for (const [name, value] of Object.entries(settings))
          if (Object.hasOwn(found.config, name) && found.config[name] !== value)
            throw plauditError('run.setting_changed', { name });
        await query
          .updateTable('runs')
          .set({ config: JSON.stringify({ ...found.config, ...settings }) })
          .where('project', '=', project.id)
          .where('id', '=', key)
          .execute();
      });
    },

    /** Hides it; nothing is lost. */
    delete: (id: string): Promise<void> => setDeleted(id, now()),
    restore: (id: string): Promise<void> => setDeleted(id, null),

    /** Says later what a run reads. @throws PlauditError store.unknown */
    async addInputs(id: string, inputs: Pick<NewRun, 'snapshots' | 'models'>): Promise<void> {
      await get(id);
      await referring(scope, () => addInputs(db, id, inputs));
    },
  };

  async function addInputs(
    query: Query,
    run: string,
    { snapshots = [], models = [] }: Pick<NewRun, 'snapshots' | 'models'>,
  ): Promise<void> {
    if (snapshots.length > 0)
      await query
        .insertInto('runSnapshots')
        .values(
          snapshots.map(({ id, purpose }) => ({
            project: project.id,
            run,
            snapshot: digestOf(scope, 'snapshot', id),
            purpose,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    await holdModels(
      scope,
      query,
      models.map(({ id }) => uuidOf(scope, 'model', id)),
    );
    if (models.length > 0)
      await query
        .insertInto('runModels')
        .values(
          models.map(({ id, purpose }) => ({
            project: project.id,
            run,
            model: uuidOf(scope, 'model', id),
            purpose,
          })),
        )
        .onConflict((conflict) => conflict.doNothing())
        .execute();
  }
};
