/** @file Writing a snapshot inside a transaction: its rows, its id from them, and its record. */
import { type RawBuilder, sql } from 'kysely';
import { ManifestDigest } from '../ids.ts';
import type { JsonObject } from '../tables.ts';
import { bytes, type Query } from './scope.ts';

/** Row ids that are fetched at once. */
const idsAtOnce = 20_000;

export interface SnapshotRecord {
  readonly project: string;
  /** What was asked for. */
  readonly query: JsonObject;
  readonly parent: string | null;
  readonly rubric: string | null;
  readonly createdAt: Date;
}

/**
 * Writes the rows that a query gives, hashes them, and writes the record under the hash. Where there is a snapshot of the
 * same rows already, nothing is written. Nobody sees the rows before the transaction is committed.
 *
 * @param rows SQL that gives a column `row`, each id once.
 * @returns The snapshot's id; undefined where there are no rows.
 */
export const writeSnapshot = async (
  transaction: Query,
  record: SnapshotRecord,
  rows: RawBuilder<unknown>,
): Promise<string | undefined> => {
  await sql`savepoint snapshot`.execute(transaction);
  const next = await sql<{ number: number }>`
    select nextval(pg_get_serial_sequence('snapshots', 'number')) as number`.execute(transaction);
  const { number } = next.rows[0]!;
  await sql`
    insert into snapshot_rows (project, snapshot, "row")
    select ${record.project}::uuid, ${number}::bigint, chosen."row" from (${rows}) as chosen order by chosen."row"`.execute(
    transaction,
  );
  const manifest = new ManifestDigest();
  for await (const ids of manifestOf(transaction, number, idsAtOnce)) manifest.add(ids);
  const id = manifest.rows === 0 ? undefined : manifest.digest();
  const inserted =
    id !== undefined &&
    (await transaction
      .insertInto('snapshots')
      .values({
        project: record.project,
        id: bytes(id),
        number,
        rows: manifest.rows,
        query: JSON.stringify(record.query),
        parent: record.parent === null ? null : bytes(record.parent),
        rubric: record.rubric,
        createdAt: record.createdAt,
      })
      // Waits for another transaction that is writing the same snapshot.
      .onConflict((conflict) => conflict.columns(['project', 'id']).doNothing())
      .executeTakeFirstOrThrow());
  if (inserted && inserted.numInsertedOrUpdatedRows === 1n)
    await sql`release savepoint snapshot`.execute(transaction);
  else await sql`rollback to savepoint snapshot`.execute(transaction);
  return id;
};

/** The ids of a snapshot's rows, in order and in pages. */
export async function* manifestOf(
  query: Query,
  snapshot: number,
  page: number,
): AsyncGenerator<readonly string[]> {
  for (let after = '', more = true; more; ) {
    const rows = await query
      .selectFrom('snapshotRows')
      .select('row')
      .where('snapshot', '=', snapshot)
      .where('row', '>', bytes(after))
      .orderBy('row')
      .limit(page)
      .execute();
    yield rows.map(({ row }) => row);
    after = rows.at(-1)?.row ?? after;
    more = rows.length === page;
  }
}

/** The ids that one snapshot has and the other has not, in order. */
export async function* differenceOf(
  query: Query,
  has: number,
  hasNot: number,
  page = idsAtOnce,
): AsyncGenerator<string> {
  for (let after = '', more = true; more; ) {
    const rows = await query
      .selectFrom('snapshotRows as mine')
      .select('mine.row')
      .where('mine.snapshot', '=', has)
      .where('mine.row', '>', bytes(after))
      .where((where) =>
        where.not(
          where.exists(
            where
              .selectFrom('snapshotRows as theirs')
              .select('theirs.row')
              .where('theirs.snapshot', '=', hasNot)
              .whereRef('theirs.row', '=', 'mine.row'),
          ),
        ),
      )
      .orderBy('mine.row')
      .limit(page)
      .execute();
    for (const { row } of rows) yield row;
    after = rows.at(-1)?.row ?? after;
    more = rows.length === page;
  }
}
