/** @file Snapshots: immutable versions of data sets, under the hash of the ids of their rows. */
import { type Judgement, plauditError } from '@plaudit/contract';
import { type RawBuilder, sql } from 'kysely';
import type { JsonObject, JudgementKind, Row } from '../tables.ts';
import { datasets } from './datasets.ts';
import { lockAgainstErasure } from './erasure-lock.ts';
import { judgementsById, recordOf } from './judgements.ts';
import { bytes, digestOf, limitOf, own, type Page, referring, type Scope, unknown, uuidOf } from './scope.ts';
import { differenceOf, manifestOf, writeSnapshot } from './write-snapshot.ts';

/** Which rows a snapshot takes: of the data sets those that fit all lists that are given. */
export interface SnapshotQuery {
  /** Names; at least one. */
  readonly datasets: readonly string[];
  /** Ids of imports that brought the row into its data set. */
  readonly imports?: readonly string[];
  readonly sources?: readonly string[];
  readonly kinds?: readonly JudgementKind[];
  readonly criteria?: readonly string[];
  readonly languages?: readonly string[];
}

export interface SnapshotOptions {
  /** Id of the snapshot that this one follows. */
  readonly parent?: string;
  /** Id of the rubric that the judgements were made by. */
  readonly rubric?: string;
}

export interface Snapshot extends Omit<Row<'snapshots'>, 'query'> {
  readonly query: SnapshotQuery;
}

export interface SnapshotDiff {
  readonly added: number;
  readonly removed: number;
  readonly kept: number;
  /** Ids of the rows, in order; asked for as they are read. */
  readonly addedRows: () => AsyncGenerator<string>;
  readonly removedRows: () => AsyncGenerator<string>;
}

/** Rows that are fetched at once. */
const idsAtOnce = 20_000;
const rowsAtOnce = 1000;

export const snapshots = (scope: Scope) => {
  const { db, project, now } = scope;
  const sets = datasets(scope);

  const get = async (id: string): Promise<Snapshot> => {
    const row = await db
      .selectFrom('snapshots')
      .selectAll()
      .where('project', '=', project.id)
      .where('id', '=', digestOf(scope, 'snapshot', id))
      .executeTakeFirst();
    if (!row) throw unknown(scope, 'snapshot', id);
    return { ...own(row), query: row.query as unknown as SnapshotQuery };
  };

  const readable = async (id: string): Promise<Snapshot> => {
    const found = await get(id);
    if (found.erasedRows > 0)
      throw plauditError('store.snapshot_erased', {
        snapshot: id,
        successor: found.successor ?? 'none, all of its rows are erased',
      });
    return found;
  };

  return {
    /**
     * Fixes what is in the data sets now. Rows that were taken back are left out. The same rows have the same id, on any
     * machine, and there is one snapshot of them. It is there as a whole or not at all.
     *
     * @throws PlauditError store.empty_snapshot, store.unknown
     */
    async create(query: SnapshotQuery, options: SnapshotOptions = {}): Promise<Snapshot> {
      const chosen = await Promise.all(query.datasets.map((name) => sets.get(name)));
      const parent = options.parent === undefined ? null : (await get(options.parent)).id;
      const rubric = options.rubric === undefined ? null : uuidOf(scope, 'rubric', options.rubric);
      for (const id of query.imports ?? []) uuidOf(scope, 'import', id);
      const rows = rowsOf(
        project.id,
        chosen.map(({ id }) => id),
        query,
      );
      const id = await referring(scope, () =>
        db.transaction().execute(async (transaction) => {
          await lockAgainstErasure(transaction, project.id);
          const record = { project: project.id, query: { ...query }, parent, rubric, createdAt: now() };
          return writeSnapshot(transaction, record, rows);
        }),
      );
      if (id === undefined) throw plauditError('store.empty_snapshot');
      return get(id);
    },

    get,

    /** The snapshot of an id, or of a tag's name. @throws PlauditError store.unknown */
    async find(idOrTag: string): Promise<Snapshot> {
      const tagged = await db
        .selectFrom('tags')
        .select('snapshot')
        .where('project', '=', project.id)
        .where('name', '=', idOrTag)
        .executeTakeFirst();
      return get(tagged?.snapshot ?? idOrTag);
    },

    /** The newest first. @throws PlauditError store.unknown for a cursor that is no snapshot */
    async list(page: Page = {}): Promise<readonly Snapshot[]> {
      const before = page.before === undefined ? null : (await get(page.before)).number;
      const rows = await db
        .selectFrom('snapshots')
        .selectAll()
        .where('project', '=', project.id)
        .$if(before !== null, (query) => query.where('number', '<', before!))
        .orderBy('number', 'desc')
        .limit(limitOf(page))
        .execute();
      return rows.map((row) => ({ ...own(row), query: row.query as unknown as SnapshotQuery }));
    },

    /**
     * The judgements of a snapshot in the order of its manifest; memory stays flat.
     *
     * @throws PlauditError store.unknown; store.snapshot_erased, also in the middle of it
     */
    async *rows(id: string): AsyncGenerator<Judgement> {
      const { number } = await readable(id);
      for await (const ids of manifestOf(db, number, rowsAtOnce)) {
        const found = await judgementsById(db, project.id, ids);
        for (const row of ids) {
          const judgement = recordOf(found.get(row)!);
          if (!judgement) {
            await readable(id);
            throw new Error('a row of a snapshot that is whole has no content');
          }
          yield judgement;
        }
      }
    },

    /**
     * A page of a snapshot's judgements in the order of its manifest; those that are erased are left out.
     *
     * @param after The last id of the page before
     * @throws PlauditError store.unknown
     */
    async page(
      id: string,
      { after, limit }: { readonly after?: string; readonly limit?: number } = {},
    ): Promise<readonly { readonly id: string; readonly judgement: Judgement }[]> {
      const { number } = await get(id);
      const most = limitOf(limit === undefined ? {} : { limit });
      const from = after === undefined ? bytes('') : digestOf(scope, 'judgement', after);
      const rows = await db
        .selectFrom('snapshotRows')
        .select('row')
        .where('snapshot', '=', number)
        .where('row', '>', from)
        .orderBy('row')
        .limit(most)
        .execute();
      const ids = rows.map(({ row }) => row);
      const found = await judgementsById(db, project.id, ids);
      return ids.flatMap((row) => {
        const judgement = recordOf(found.get(row)!);
        return judgement ? [{ id: row, judgement }] : [];
      });
    },

    /** The ids of the rows in order, also of a snapshot with erased rows: the manifest stays. */
    async *rowIds(id: string): AsyncGenerator<string> {
      const { number } = await get(id);
      for await (const ids of manifestOf(db, number, idsAtOnce)) yield* ids;
    },

    /** Which rows `to` has and `from` has not, and the other way round. @throws PlauditError store.unknown */
    async diff(from: string, to: string): Promise<SnapshotDiff> {
      const [before, after] = [await get(from), await get(to)];
      const { rows } = await sql<{ kept: number }>`
        select count(*) as kept from snapshot_rows as a join snapshot_rows as b using ("row")
        where a.snapshot = ${before.number} and b.snapshot = ${after.number}`.execute(db);
      const kept = rows[0]!.kept;
      return {
        added: after.rows - kept,
        removed: before.rows - kept,
        kept,
        addedRows: () => differenceOf(db, after.number, before.number),
        removedRows: () => differenceOf(db, before.number, after.number),
      };
    },

    /** The snapshots that hold a judgement, the newest first. */
    async containing(row: string): Promise<readonly string[]> {
      const found = await db
        .selectFrom('snapshots')
        .select('id')
        .where('project', '=', project.id)
        .where((where) =>
          where.exists(
            where
              .selectFrom('snapshotRows')
              .select('row')
              .whereRef('snapshotRows.snapshot', '=', 'snapshots.number')
              .where('snapshotRows.row', '=', digestOf(scope, 'judgement', row)),
          ),
        )
        .orderBy('number', 'desc')
        .execute();
      return found.map(({ id }) => id);
    },

    /** Keeps the report of the quality gates with a snapshot, in place of an earlier one. */
    async setGates(id: string, report: JsonObject): Promise<void> {
      const { numUpdatedRows } = await db
        .updateTable('snapshots')
        .set({ gates: JSON.stringify(report) })
        .where('project', '=', project.id)
        .where('id', '=', digestOf(scope, 'snapshot', id))
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknown(scope, 'snapshot', id);
    },
  };
};

/** The rows that a snapshot takes, as SQL. Judgements are looked at only where something is asked of them. */
const rowsOf = (project: string, sets: readonly string[], query: SnapshotQuery): RawBuilder<unknown> => {
  const fits = (column: string, values: readonly string[] | undefined): RawBuilder<unknown> =>
    values === undefined ? sql`` : sql` and ${sql.ref(column)} = any(${values})`;
  const { imports, sources, kinds, criteria, languages } = query;
  const looks = sources ?? kinds ?? criteria ?? languages;
  return sql`
    select distinct d."row" from dataset_rows as d
    ${looks ? sql`join judgements as j on j.project = d.project and j.id = d."row"` : sql``}
    where d.project = ${project} and d.dataset = any(${sets})
    and not exists (select from retractions as r where r.project = d.project and r.judgement = d."row")
    ${fits('d.import', imports)}${fits('j.source', sources)}${fits('j.kind', kinds)}${fits('j.criterion', criteria)}${fits('j.language', languages)}`;
};
