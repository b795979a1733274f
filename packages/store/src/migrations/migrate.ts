/** @file Bringing the tables up to date: forward only, all or nothing, one process at a time. */
import { plauditError } from '@plaudit/contract';
import type { Pool, PoolClient } from 'pg';
import { sha256 } from '../ids.ts';
import type { Migration } from './migration.ts';
import { migrations as released } from './migrations.ts';

/** Any number that nobody else uses for an advisory lock. */
const lockClass = 7_528_301;

export interface MigrateOptions {
  /** Whether tables may be changed; otherwise a database that needs it is refused. Default true. */
  readonly allowed?: boolean;
  readonly migrations?: readonly Migration[];
  readonly now?: () => Date;
}

/**
 * Runs the migrations that the database lacks, in one transaction.
 *
 * @returns The numbers of those that were run.
 * @throws PlauditError store.schema_newer, store.schema_older, store.schema_altered
 */
export const migrate = async (pool: Pool, options: MigrateOptions = {}): Promise<readonly number[]> => {
  const { allowed = true, migrations = released, now = () => new Date() } = options;
  const client = await pool.connect();
  let failed: unknown;
  try {
    // Most often nothing is to be done, and then no lock is needed and no right to change tables.
    if (missing(await applied(client), migrations).length === 0) return [];
    if (!allowed)
      throw plauditError('store.schema_older', {
        found: (await applied(client)).at(-1)?.number ?? 0,
        known: migrations.length,
      });
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(${lockClass}, hashtext(current_schema()))`);
    await client.query(
      'create table if not exists schema_migrations (number integer primary key, name text not null, digest text not null, applied_at timestamptz not null)',
    );
    const pending = missing(await applied(client), migrations);
    for (const { number, name, sql } of pending) {
      await client.query(sql);
      await client.query('insert into schema_migrations values ($1, $2, $3, $4)', [
        number,
        name,
        sha256(sql),
        now(),
      ]);
    }
    await client.query('commit');
    return pending.map(({ number }) => number);
  } catch (cause) {
    failed = cause;
    await client.query('rollback').catch(() => undefined);
    throw cause;
  } finally {
    client.release(failed instanceof Error && !('code' in failed));
  }
};

interface Applied {
  readonly number: number;
  readonly digest: string;
}

const applied = async (client: PoolClient): Promise<readonly Applied[]> => {
  const { rows } = await client.query<{ there: boolean }>(
    "select to_regclass('schema_migrations') is not null as there",
  );
  if (!rows[0]!.there) return [];
  const found = await client.query<Applied>('select number, digest from schema_migrations order by number');
  return found.rows;
};

const missing = (done: readonly Applied[], migrations: readonly Migration[]): readonly Migration[] => {
  const found = done.at(-1)?.number ?? 0;
  if (found > migrations.length)
    throw plauditError('store.schema_newer', { found, known: migrations.length });
  for (const [i, { digest }] of done.entries())
    if (digest !== sha256(migrations[i]!.sql)) throw plauditError('store.schema_altered', { number: i + 1 });
  return migrations.slice(done.length);
};
