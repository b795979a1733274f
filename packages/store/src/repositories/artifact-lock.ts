/** @file What records files against what removes artifacts: content that becomes somebody's file is not removed meanwhile. */
import { sql } from 'kysely';
import type { Query } from './scope.ts';

/** Any number that nobody else uses for an advisory lock. Projects share artifacts, so that there is one lock for all. */
const lockNumber = 7_528_303;

/** For those who record files; they do not hold up each other. */
export const lockAgainstRemoval = async (query: Query): Promise<void> => {
  await sql`select pg_advisory_xact_lock_shared(${sql.lit(lockNumber)})`.execute(query);
};

export const lockForRemoval = async (query: Query): Promise<void> => {
  await sql`select pg_advisory_xact_lock(${sql.lit(lockNumber)})`.execute(query);
};
