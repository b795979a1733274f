/** @file Exposures: which unit saw which arm of an experiment, and what came of it. */
import { storableName } from '../names.ts';
import type { JsonObject } from '../tables.ts';
import { referring, type Scope, uuidOf } from './scope.ts';

export interface Exposure {
  readonly unit: string;
  readonly arm: string;
  readonly conflicting: boolean;
  readonly covariate: number | null;
  readonly segments: Readonly<Record<string, string>>;
  readonly outcomes: Readonly<Record<string, number>>;
}

export const exposures = (scope: Scope) => {
  const { db, project, now } = scope;
  const finite = (value: number): number => {
    if (!Number.isFinite(value)) throw new RangeError('the number of a unit is finite');
    return value;
  };
  return {
    /**
     * Says that a unit was shown an arm. The first arm stays; another one marks the unit.
     *
     * @throws PlauditError store.unknown
     */
    async expose(
      experiment: string,
      unit: string,
      arm: string,
      more: { readonly covariate?: number; readonly segments?: Readonly<Record<string, string>> } = {},
    ): Promise<void> {
      await referring(scope, () =>
        db
          .insertInto('exposures')
          .values({
            project: project.id,
            experiment: uuidOf(scope, 'experiment', experiment),
            unit: storableName(unit),
            arm: storableName(arm),
            covariate: more.covariate === undefined ? null : finite(more.covariate),
            segments: JSON.stringify(more.segments ?? {}),
            createdAt: now(),
          })
          .onConflict((conflict) =>
            conflict
              .columns(['project', 'experiment', 'unit'])
              .doUpdateSet({ conflicting: true })
              .where('exposures.arm', '<>', storableName(arm)),
          )
          .execute(),
      );
    },

    /** The value of a metric for a unit; one that comes later replaces it. @throws PlauditError store.unknown for a unit that was not exposed */
    async record(experiment: string, unit: string, metric: string, value: number): Promise<void> {
      const values = { value: finite(value), at: now() };
      await referring(scope, () =>
        db
          .insertInto('outcomes')
          .values({
            project: project.id,
            experiment: uuidOf(scope, 'experiment', experiment),
            unit: storableName(unit),
            metric: storableName(metric),
            ...values,
          })
          .onConflict((conflict) =>
            conflict.columns(['project', 'experiment', 'unit', 'metric']).doUpdateSet(values),
          )
          .execute(),
      );
    },

    /** All units of an experiment; memory stays flat. */
    async *units(experiment: string, page = 5000): AsyncGenerator<Exposure> {
      const id = uuidOf(scope, 'experiment', experiment);
      for (let after: string | undefined, more = true; more; ) {
        const rows = await db
          .selectFrom('exposures')
          .selectAll()
          .where('project', '=', project.id)
          .where('experiment', '=', id)
          .$if(after !== undefined, (query) => query.where('unit', '>', after!))
          .orderBy('unit')
          .limit(page)
          .execute();
        if (rows.length === 0) return;
        const values = await db
          .selectFrom('outcomes')
          .select(['unit', 'metric', 'value'])
          .where('project', '=', project.id)
          .where('experiment', '=', id)
          .where('unit', '>=', rows[0]!.unit)
          .where('unit', '<=', rows.at(-1)!.unit)
          .execute();
        const of = Map.groupBy(values, ({ unit }) => unit);
        for (const { unit, arm, conflicting, covariate, segments } of rows)
          yield {
            unit,
            arm,
            conflicting,
            covariate,
            segments: segments as Readonly<Record<string, string>> & JsonObject,
            outcomes: Object.fromEntries((of.get(unit) ?? []).map(({ metric, value }) => [metric, value])),
          };
        after = rows.at(-1)!.unit;
        more = rows.length === page;
      }
    },
  };
};
