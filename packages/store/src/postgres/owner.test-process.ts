/** @file A process that owns a database folder, for tests that kill it: writes numbers and prints each that is stored. */
import { writeSync } from 'node:fs';
import { openDatabase } from './open-database.ts';

const [folder = ''] = process.argv.slice(2);
const print = (line: string): number => writeSync(1, `${line}\n`);

const database = await openDatabase({ folder, environment: {} }).catch((error: { code?: string }) => {
  print(`refused ${error.code}`);
  process.exit(1);
});
const { rows } = await database.pool.query<{ pid: number }>(
  "select pg_stat_file('postmaster.pid') is not null, split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int as pid",
);
print(`open ${rows[0]!.pid}`);
await database.pool.query('create table if not exists numbers (number bigint primary key)');
const last = await database.pool.query<{ last: number }>(
  'select coalesce(max(number), 0) as last from numbers',
);
for (let number = last.rows[0]!.last + 1; ; number++) {
  await database.pool.query('insert into numbers values ($1)', [number]);
  print(`stored ${number}`);
}
