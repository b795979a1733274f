/** @file A store: everything of one project. */
import { plauditError } from '@plaudit/contract';
import { erasures } from './erasure/erase-subject.ts';
import { idsInOrder } from './ids.ts';
import { checkName } from './names.ts';
import { databaseError } from './postgres/database-error.ts';
import type { Database } from './postgres/open-database.ts';
import { alertRules } from './repositories/alert-rules.ts';
import { annotators } from './repositories/annotators.ts';
import { assignments } from './repositories/assignments.ts';
import { audit } from './repositories/audit.ts';
import { bundleRecords } from './repositories/bundle-records.ts';
import { bundles } from './repositories/bundles.ts';
import { datasets } from './repositories/datasets.ts';
import { deployments } from './repositories/deployments.ts';
import { experiments } from './repositories/experiments.ts';
import { exposures } from './repositories/exposures.ts';
import { files } from './repositories/files.ts';
import { impressions } from './repositories/impressions.ts';
import { incidents } from './repositories/incidents.ts';
import { judgements } from './repositories/judgements.ts';
import { keptAnswers } from './repositories/kept-answers.ts';
import { labellingAnswers } from './repositories/labelling-answers.ts';
import { labellingClaims } from './repositories/labelling-claims.ts';
import { labellingItems } from './repositories/labelling-items.ts';
import { labellingShowings } from './repositories/labelling-showings.ts';
import { labellingTasks } from './repositories/labelling-tasks.ts';
import { labellingVotes } from './repositories/labelling-votes.ts';
import { lineage } from './repositories/lineage.ts';
import { metrics } from './repositories/metrics.ts';
import { models } from './repositories/models.ts';
import { observations } from './repositories/observations.ts';
import { promotions } from './repositories/promotions.ts';
import { prompts } from './repositories/prompts.ts';
import { reviews } from './repositories/reviews.ts';
import { rollOuts } from './repositories/roll-outs.ts';
import { rubrics } from './repositories/rubrics.ts';
import { runGroups } from './repositories/run-groups.ts';
import { runs } from './repositories/runs.ts';
import type { Scope } from './repositories/scope.ts';
import { snapshots } from './repositories/snapshots.ts';
import { steps } from './repositories/steps.ts';
import { tags } from './repositories/tags.ts';
import { vault } from './repositories/vault.ts';
import type { JsonObject } from './tables.ts';

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly settings: JsonObject;
  readonly createdAt: Date;
}

export interface OpenStoreOptions {
  /** Name of the project. Default `default`. */
  readonly project?: string;
  /** Whether a project that is not there is made. Default true. */
  readonly create?: boolean;
  readonly now?: () => Date;
  /** Makes ids whose order is that of time. Default UUIDs of version 7. */
  readonly newId?: () => string;
}

/**
 * Everything of one project. Every statement names the project and every reference between tables includes it, so that
 * nothing of another project can be read, changed or pointed at.
 *
 * @example
 * const store = await openStore(database, { project: 'support' });
 * await store.judgements.import(streamJudgements('votes.jsonl'), { dataset: 'votes', source: 'votes.jsonl' });
 * const snapshot = await store.snapshots.create({ datasets: ['votes'] });
 * for await (const judgement of store.snapshots.rows(snapshot.id)) console.log(judgement.kind);
 * @throws PlauditError store.no_project, store.bad_name
 */
export const openStore = async (database: Database, options: OpenStoreOptions = {}) => {
  const { project: name = 'default', create = true, now = () => new Date() } = options;
  const { kysely: db, pool } = database;
  const newId = options.newId ?? idsInOrder(now);
  checkName('project', name);
  const project = await translated(async () => {
    if (create)
      await db
        .insertInto('projects')
        .values({ id: newId(), name, createdAt: now() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
    return db.selectFrom('projects').selectAll().where('name', '=', name).executeTakeFirst();
  });
  if (!project) throw plauditError('store.no_project', { name });
  const scope: Scope = { db, pool, project, now, newId };
  const versions = snapshots(scope);
  return {
    project: project as Project,
    alertRules: guarded(alertRules(scope)),
    annotators: guarded(annotators(scope)),
    assignments: guarded(assignments(scope)),
    audit: guarded(audit(scope)),
    bundleRecords: guarded(bundleRecords(scope)),
    bundles: guarded(bundles(scope)),
    datasets: guarded(datasets(scope)),
    deployments: guarded(deployments(scope)),
    erase: guarded(erasures(scope)),
    experiments: guarded(experiments(scope)),
    exposures: guarded(exposures(scope)),
    files: guarded(files(scope)),
    impressions: guarded(impressions(scope)),
    incidents: guarded(incidents(scope)),
    judgements: guarded(judgements(scope)),
    keptAnswers: guarded(keptAnswers(scope)),
    labelling: guarded({
      ...labellingTasks(scope),
      ...labellingItems(scope),
      ...labellingClaims(scope),
      ...labellingAnswers(scope),
      ...labellingShowings(scope),
      ...labellingVotes(scope),
    }),
    lineage: guarded(lineage(scope, versions.containing)),
    metrics: guarded(metrics(scope)),
    models: guarded(models(scope)),
    observations: guarded(observations(scope)),
    promotions: guarded(promotions(scope)),
    prompts: guarded(prompts(scope)),
    reviews: guarded(reviews(scope)),
    rollOuts: guarded(rollOuts(scope)),
    rubrics: guarded(rubrics(scope)),
    runGroups: guarded(runGroups(scope)),
    runs: guarded(runs(scope)),
    snapshots: guarded(versions),
    steps: guarded(steps(scope)),
    tags: guarded(tags(scope)),
    vault: guarded(vault(scope)),
  };
};

export type Store = Awaited<ReturnType<typeof openStore>>;

/** Every project, by name. */
export const listProjects = ({ kysely }: Database): Promise<readonly Project[]> =>
  translated(() => kysely.selectFrom('projects').selectAll().orderBy('name').execute());

const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw databaseError(cause);
  }
};

/** The same repository, whose errors of the database are errors of the table: the one place where that is done. */
export const guarded = <T extends Readonly<Record<string, unknown>>>(repository: T): T =>
  Object.fromEntries(
    Object.entries(repository).map(([name, method]) => [name, guardedCall(repository, method)]),
  ) as T;

type Call = (...args: unknown[]) => Promise<unknown> | AsyncGenerator<unknown>;

const guardedCall =
  (repository: object, method: unknown): Call =>
  (...args) => {
    const made = (method as Call).apply(repository, args);
    return made instanceof Promise ? translated(() => made) : guardedRows(made);
  };

async function* guardedRows(rows: AsyncGenerator<unknown>): AsyncGenerator<unknown> {
  try {
    yield* rows;
  } catch (cause) {
    throw databaseError(cause);
  }
}
