/** @file Metrics: numbers that runs report as they go, only ever added. */
import type { Row } from '../tables.ts';
import { referring, type Scope, uuidOf } from './scope.ts';

export interface Metric {
  readonly name: string;
  readonly step: number;
  /** NaN and the infinities are kept as they are. */
  readonly value: number;
  readonly at?: Date;
}

export type LoggedMetric = Omit<Row<'metrics'>, 'run' | 'name'>;

export const metrics = (scope: Scope) => {
  const { db, project, now } = scope;
  return {
    /** @throws PlauditError store.unknown */
    async log(run: string, values: readonly Metric[]): Promise<void> {
      const key = uuidOf(scope, 'run', run);
      if (values.length === 0) return;
      await referring(scope, () =>
        db
          .insertInto('metrics')
          .values(
            values.map(({ name, step, value, at = now() }) => ({
              project: project.id,
              run: key,
              name,
              step,
              value,
              at,
            })),
          )
          .execute(),
      );
    },

    /** The values of one metric in the order of steps, then of logging. `after` is the last id of the page before. */
    async history(
      run: string,
      name: string,
      page: { readonly after?: LoggedMetric; readonly limit?: number } = {},
    ): Promise<readonly LoggedMetric[]> {
      const { after, limit = 10_000 } = page;
      return db
        .selectFrom('metrics')
        .select(['id', 'step', 'value', 'at'])
        .where('project', '=', project.id)
        .where('run', '=', uuidOf(scope, 'run', run))
        .where('name', '=', name)
        .$if(after !== undefined, (query) =>
          query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('step', 'id'), '>', tuple(after!.step, after!.id)),
          ),
        )
        .orderBy('step')
        .orderBy('id')
        .limit(limit)
        .execute();
    },

    /** The last value of each metric of several runs, by run, then by name. */
    async latestOf(runs: readonly string[]): Promise<ReadonlyMap<string, ReadonlyMap<string, LoggedMetric>>> {
      const latest = new Map<string, Map<string, LoggedMetric>>();
      if (runs.length === 0) return latest;
      const rows = await db
        .selectFrom('metrics')
        .distinctOn(['run', 'name'])
        .select(['run', 'name', 'id', 'step', 'value', 'at'])
        .where('project', '=', project.id)
        .where(
          'run',
          'in',
          runs.map((run) => uuidOf(scope, 'run', run)),
        )
        .orderBy('run')
        .orderBy('name')
        .orderBy('step', 'desc')
        .orderBy('id', 'desc')
        .execute();
      for (const { run, name, ...value } of rows) {
        const of = latest.get(run) ?? new Map<string, LoggedMetric>();
        latest.set(run, of.set(name, value));
      }
      return latest;
    },

    /** The last value of each metric of a run, by name. */
    async latest(run: string): Promise<ReadonlyMap<string, LoggedMetric>> {
      const rows = await db
        .selectFrom('metrics')
        .distinctOn('name')
        .select(['name', 'id', 'step', 'value', 'at'])
        .where('project', '=', project.id)
        .where('run', '=', uuidOf(scope, 'run', run))
        .orderBy('name')
        .orderBy('step', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return new Map(rows.map(({ name, ...value }) => [name, value]));
    },
  };
};
