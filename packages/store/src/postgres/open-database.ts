/** @file Opening the database: a server that is named, or else the embedded one in a folder. */
import { plauditError } from '@plaudit/contract';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { migrate } from '../migrations/migrate.ts';
import type { Tables } from '../tables.ts';
import { databaseError } from './database-error.ts';
import { type EmbeddedOptions, type EmbeddedServer, startEmbeddedServer } from './embedded-server.ts';

/** PostgreSQL's oldest major version that everything is tested on. */
const oldestMajor = 15;

export interface OpenDatabaseOptions extends EmbeddedOptions {
  /** `postgres://user:password@host:port/database`. Default: the environment's DATABASE_URL. */
  readonly url?: string;
  /** Where the embedded server lives when there is no address. Default `.plaudit/postgres`. */
  readonly folder?: string;
  /** Whether tables are made and brought up to date; without it a database of an older version is refused. Default true. */
  readonly migrate?: boolean;
  /** Sessions at most. Default 8. */
  readonly sessions?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface Database {
  /** For other processes; holds the password. */
  readonly url: string;
  readonly kysely: Kysely<Tables>;
  readonly pool: Pool;
  /** Waits for statements that run, then stops the embedded server, if it is one. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the database and brings its tables up to date.
 *
 * @example const database = await openDatabase({ folder: '.plaudit/postgres' })
 * @throws PlauditError store.*
 */
export const openDatabase = async (options: OpenDatabaseOptions = {}): Promise<Database> => {
  const url = options.url ?? (options.environment ?? process.env).DATABASE_URL ?? '';
  let server: EmbeddedServer | undefined;
  if (url === '') server = await startEmbeddedServer(options.folder ?? '.plaudit/postgres', options);
  else checkUrl(url);
  const pool = new Pool({
    connectionString: server?.url ?? url,
    max: options.sessions ?? 8,
    connectionTimeoutMillis: 30_000,
    // A command that forgets to close still ends.
    allowExitOnIdle: true,
    types: { getTypeParser },
  });
  // An idle session that breaks is replaced; without a listener it would end the process.
  pool.on('error', () => undefined);
  // One that breaks between two statements of a transaction: the next statement says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const kysely = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
  const close = async (): Promise<void> => {
    await pool.end();
    await server?.stop();
  };
  try {
    await checkVersion(pool);
    await migrate(pool, { allowed: options.migrate ?? true });
  } catch (cause) {
    await close().catch(() => undefined);
    throw databaseError(cause);
  }
  return { url: server?.url ?? url, kysely, pool, close };
};

/** The driver takes anything for an address and then looks for a host named `base`. */
const checkUrl = (url: string): void => {
  const found = URL.parse(url);
  // What was given is not repeated: it may hold a password.
  if (!found) throw plauditError('store.bad_url', { problem: 'it is not an address' });
  if (!['postgres:', 'postgresql:'].includes(found.protocol))
    throw plauditError('store.bad_url', { problem: 'it does not begin with postgres://' });
};

const checkVersion = async (pool: Pool): Promise<void> => {
  const { rows } = await pool.query<{ server_version_num: string; server_version: string }>(
    "select current_setting('server_version_num') as server_version_num, current_setting('server_version') as server_version",
  );
  if (Number(rows[0]!.server_version_num) < oldestMajor * 10_000)
    throw plauditError('store.server_too_old', { found: rows[0]!.server_version, needed: oldestMajor });
};

const oid = { bytea: 17, int8: 20, byteaArray: 1001 } as const;

/** Bytes come as lower-case hexadecimal digits, which is what ids are everywhere else, and counts as numbers. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  [oid.bytea]: (text) => text.slice(2),
  [oid.byteaArray]: (text) => text.match(/(?<=\\\\x)[0-9a-f]*/g) ?? [],
  [oid.int8]: Number,
};

const getTypeParser = ((id: number, format?: 'text') =>
  parsers[id] ?? types.getTypeParser(id, format)) as typeof types.getTypeParser;
