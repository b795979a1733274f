/** @file Steps of runs: each is done once, and what a resumed run finds done it does not do again. */
import type { JsonObject, Row } from '../tables.ts';
import { digestOf, referring, type Scope, unknown, uuidOf } from './scope.ts';

export type Step = Omit<Row<'steps'>, 'run'>;

export const steps = (scope: Scope) => {
  const { db, project, now } = scope;

  const change = async (
    run: string,
    name: string,
    set: Partial<{ state: Step['state']; checkpoint: string; result: string; error: string; endedAt: Date }>,
  ): Promise<void> => {
    const { numUpdatedRows } = await db
      .updateTable('steps')
      .set(set)
      .where('project', '=', project.id)
      .where('run', '=', uuidOf(scope, 'run', run))
      .where('name', '=', name)
      .where('state', '=', 'running')
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw unknown(scope, 'running step', name);
  };

  const list = async (run: string): Promise<readonly Step[]> =>
    db
      .selectFrom('steps')
      .select([
        'name',
        'position',
        'state',
        'attempts',
        'checkpoint',
        'result',
        'error',
        'startedAt',
        'endedAt',
      ])
      .where('project', '=', project.id)
      .where('run', '=', uuidOf(scope, 'run', run))
      .orderBy('position')
      .orderBy('startedAt')
      .execute();

  return {
    /**
     * Begins a step, or finds it: one that is `finished` has its result and is not to be done again; one that was
     * interrupted begins anew, at its checkpoint where it has one.
     *
     * @throws PlauditError store.unknown for the run
     */
    async begin(run: string, name: string, position: number): Promise<Step> {
      const key = uuidOf(scope, 'run', run);
      await referring(scope, () =>
        db
          .insertInto('steps')
          .values({ project: project.id, run: key, name, position, state: 'running', startedAt: now() })
          .onConflict((conflict) =>
            conflict
              .columns(['project', 'run', 'name'])
              .doUpdateSet(({ eb }) => ({
                state: 'running',
                attempts: eb('steps.attempts', '+', 1),
                error: null,
                endedAt: null,
              }))
              .where('steps.state', '<>', 'finished'),
          )
          .execute(),
      );
      return (await list(run)).find((step) => step.name === name)!;
    },

    /** @param digest The artifact to go on from. @throws PlauditError store.unknown for a step that does not run */
    checkpoint: (run: string, name: string, digest: string): Promise<void> =>
      change(run, name, { checkpoint: digestOf(scope, 'artifact', digest) }),

    /** @throws as `checkpoint` */
    finish: (run: string, name: string, result: JsonObject): Promise<void> =>
      change(run, name, { state: 'finished', result: JSON.stringify(result), endedAt: now() }),

    /** @throws as `checkpoint` */
    fail: (run: string, name: string, error: string): Promise<void> =>
      change(run, name, { state: 'failed', error, endedAt: now() }),

    /** In order. */
    list,
  };
};
