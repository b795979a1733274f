/** @file What every repository works with: a database, and the one project whose rows it may see. */
import { plauditError } from '@plaudit/contract';
import type { Kysely, Transaction } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import { isDigest, isUuid } from '../ids.ts';
import type { Tables } from '../tables.ts';

export interface Scope {
  readonly db: Kysely<Tables>;
  /** For COPY, which Kysely does not know. */
  readonly pool: Pool;
  readonly project: { readonly id: string; readonly name: string };
  readonly now: () => Date;
  /** A new id whose order is that of time. */
  readonly newId: () => string;
}

/** Statements by themselves or inside a transaction. */
export type Query = Kysely<Tables> | Transaction<Tables>;

/** A transaction on a session of the driver's, for what Kysely does not know. */
export const inTransaction = async <T>(
  { pool }: Pick<Scope, 'pool'>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  let healthy = false;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    healthy = true;
    return result;
  } finally {
    // The session is closed where it failed, which rolls back whatever state it is in.
    client.release(!healthy);
  }
};

/** Bytes as a parameter, from hexadecimal digits: PostgreSQL marks those with a backslash and x. */
export const bytes = (hex: string): string => `\\x${hex}`;

/** A list of bytes as one parameter, to be cast; the driver's own way with lists costs several times as much. */
export const bytesList = (ids: Iterable<string>): string => {
  const list = [...ids];
  return list.length === 0 ? '{}' : `{"\\\\x${list.join('","\\\\x')}"}`;
};

/** What is not in the project, be it elsewhere or nowhere. The name is repeated only where it has the form of an id. */
export const unknown = ({ project }: Pick<Scope, 'project'>, what: string, name: string): Error =>
  plauditError('store.unknown', { what, name, project: project.name });

/** @throws PlauditError store.unknown for what is no id at all */
export const uuidOf = (scope: Pick<Scope, 'project'>, what: string, id: string): string => {
  if (!isUuid(id)) throw unknown(scope, what, id.slice(0, 64));
  return id;
};

/** The bytes of a content id. @throws PlauditError store.unknown for what is no such id */
export const digestOf = (scope: Pick<Scope, 'project'>, what: string, id: string): string => {
  if (!isDigest(id)) throw unknown(scope, what, id.slice(0, 64));
  return bytes(id);
};

export const overtaken = (what: string, name: string): Error =>
  plauditError('store.overtaken', { what, name });

/**
 * Runs what refers to other rows. A reference that leads nowhere, which one to another project's row always does, is an
 * error of the caller's.
 *
 * @throws PlauditError store.unknown
 */
export const referring = async <T>(
  scope: Pick<Scope, 'project'>,
  statement: () => Promise<T>,
): Promise<T> => {
  try {
    return await statement();
  } catch (cause) {
    const { code, constraint } = cause as { code?: string; constraint?: string };
    if (code !== '23503') throw cause;
    // PostgreSQL names it after its columns: models_project_run_fkey.
    const what = /_project_(\w+)_fkey$/.exec(constraint ?? '')?.[1]?.replaceAll('_', ' ') ?? 'row';
    throw unknown(scope, what, 'of that id');
  }
};

/** A row without its project: a store has only one. */
export const own = <T extends { readonly project: string }>(row: T): Omit<T, 'project'> => {
  const { project, ...rest } = row;
  return rest;
};

export interface Page {
  /** Rows at most, 1 to 1000. Default 100. */
  readonly limit?: number;
  /** Go on after this id, towards the past. */
  readonly before?: string;
}

/** @throws RangeError for a limit out of its range */
export const limitOf = ({ limit = 100 }: Page): number => {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw new RangeError('a page has 1 to 1000 rows');
  return limit;
};
