/**
 * @file Erasures against everything that adds rows to a project: an erasure waits for those that run and holds up new
 * ones, so that none brings back, or copies into a snapshot, what is being erased.
 */
import { sql } from 'kysely';
import type { Query } from './scope.ts';

/** Any number that nobody else uses for an advisory lock. */
const lockClass = 7_528_302;

/** For writers, with the project as its parameter; they do not hold up each other. */
export const beforeErasures = `select pg_advisory_xact_lock_shared(${lockClass}, hashtext($1::text))`;

export const lockAgainstErasure = async (query: Query, project: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock_shared(${sql.lit(lockClass)}, hashtext(${project}::text))`.execute(
    query,
  );
};

export const lockForErasure = async (query: Query, project: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockClass)}, hashtext(${project}::text))`.execute(query);
};
