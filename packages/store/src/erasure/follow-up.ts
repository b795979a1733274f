/** @file The second half of an erasure: snapshots that held the rows get successors, what was made from them is marked. */
import { sql } from 'kysely';
import { bytes, type Query } from '../repositories/scope.ts';
import { writeSnapshot } from '../repositories/write-snapshot.ts';
import type { JsonObject } from '../tables.ts';
import type { ErasureReport } from './erasure-report.ts';

type Snapshots = ErasureReport['snapshots'];

/**
 * A successor for every snapshot with a row of the table `erased_rows`: the same rows without any that have been
 * erased, now or before. The quality gates of a successor have not been run.
 */
export const writeSuccessors = async (query: Query, project: string, at: Date): Promise<Snapshots> => {
  const { rows: affected } = await sql<{
    id: string;
    number: number;
    rows: number;
    query: JsonObject;
    rubric: string | null;
  }>`
    select s.id, s.number, s.rows, s.query, s.rubric from snapshots as s
    where s.project = ${project} and exists (
      select from erased_rows as e join snapshot_rows as r on r.snapshot = s.number and r."row" = e."row")
    order by s.number`.execute(query);
  const written: Snapshots[number][] = [];
  for (const { id, number, rows, query: asked, rubric } of affected) {
    const successor = await writeSnapshot(
      query,
      { project, query: { ...asked, successorOf: id }, parent: id, rubric, createdAt: at },
      sql`select r."row" from snapshot_rows as r
        join judgements as j on j.project = r.project and j.id = r."row" and j.erased_at is null
        where r.snapshot = ${number}`,
    );
    const left =
      successor === undefined
        ? 0
        : (
            await query
              .selectFrom('snapshots')
              .select('rows')
              .where('project', '=', project)
              .where('id', '=', bytes(successor))
              .executeTakeFirstOrThrow()
          ).rows;
    await query
      .updateTable('snapshots')
      .set({ erasedRows: rows - left, successor: successor === undefined ? null : bytes(successor) })
      .where('project', '=', project)
      .where('id', '=', bytes(id))
      .execute();
    written.push({ id, rows, erased: rows - left, successor: successor ?? null });
  }
  return written;
};

/** Tags follow to the successor; where nothing is left they go. */
export const moveTags = async (
  query: Query,
  project: string,
  snapshots: Snapshots,
  at: Date,
): Promise<ErasureReport['tags']> => {
  const moved: ErasureReport['tags'][number][] = [];
  for (const { id, successor } of snapshots) {
    const names =
      successor === null
        ? await query
            .deleteFrom('tags')
            .where('project', '=', project)
            .where('snapshot', '=', bytes(id))
            .returning('name')
            .execute()
        : await query
            .updateTable('tags')
            .set({ snapshot: bytes(successor), updatedAt: at })
            .where('project', '=', project)
            .where('snapshot', '=', bytes(id))
            .returning('name')
            .execute();
    for (const { name } of names) moved.push({ name, from: id, to: successor });
  }
  return moved.sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Marks what was made from the erased. One that an earlier erasure has marked keeps that mark. */
export const taint = async (
  query: Query,
  project: string,
  erasure: string,
  made: Readonly<Record<'runs' | 'models' | 'bundles', readonly string[]>>,
): Promise<void> => {
  for (const table of ['runs', 'models', 'bundles'] as const)
    if (made[table].length > 0)
      await query
        .updateTable(table)
        .set({ taintedBy: erasure })
        .where('project', '=', project)
        .where('id', 'in', [...made[table]])
        .where('taintedBy', 'is', null)
        .execute();
};
