/** @file Tests: one database a test file, an app over it, and requests as every role. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase, openStore, type Store } from '@plaudit/store';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll } from 'vitest';
import { type AppOptions, createApp } from './app.ts';
import type { Identities, Identity } from './http/identities.ts';
import { type Role, roles } from './http/roles.ts';
import type { Route } from './http/route.ts';

/** Who calls: a member of the test's project, a member of another one, an administrator, or nobody. */
export type Caller = Role | 'stranger' | 'administrator' | 'nobody';
export const callers: readonly Caller[] = [...roles, 'stranger', 'administrator', 'nobody'];

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Of a JSON answer; undefined for any other. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  readonly body: any;
}

export interface TestApp {
  readonly app: () => FastifyInstance;
  readonly database: () => Database;
  /** The store of the project that the roles belong to, named `test`. */
  readonly store: () => Store;
  /**
   * @param url Such as `/v1/projects/test/runs`
   * @param body Sent as JSON; a Buffer as it is
   */
  readonly request: (
    as: Caller,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
}

/**
 * An app over a database in a temporary folder, there while the tests of the file run.
 *
 * @param routes Is given what routes are made from, once the database is open
 * @example const { request } = testApp(() => runRoutes());
 */
export const testApp = (
  routes: (services: { readonly database: Database; readonly store: Store }) => readonly Route[],
  options: Partial<Omit<AppOptions, 'routes' | 'database'>> = {},
): TestApp => {
  let folder: string;
  let database: Database;
  let store: Store;
  let app: FastifyInstance;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plaudit-server-'));
    // Quick, and nothing that is tested here depends on it.
    const settings = { fsync: 'off', shared_buffers: '32MB' };
    database = await openDatabase({ folder, settings, environment: {} });
    store = await openStore(database, { project: 'test' });
    await openStore(database, { project: 'other' });
    app = await createApp({
      database,
      identities: rolesAsKeys,
      perMinute: Number.POSITIVE_INFINITY,
      ...options,
      routes: routes({ database, store }),
    });
  }, 180_000);
  afterAll(async () => {
    await app?.close();
    await database?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return {
    app: () => app,
    database: () => database,
    store: () => store,
    async request(as, method, url, body, headers = {}) {
      const asked: InjectOptions = {
        method,
        url,
        headers: { ...(as !== 'nobody' && { authorization: `Bearer ${as}` }), ...headers },
        ...(body !== undefined && { payload: body as Buffer }),
      };
      const { statusCode, headers: answered, body: text } = await app.inject(asked);
      const isJson = /\bjson\b/.test(String(answered['content-type']));
      return {
        status: statusCode,
        headers: answered,
        text,
        body: isJson && text !== '' ? JSON.parse(text) : undefined,
      };
    },
  };
};

/** A key that is the name of a caller stands for one. */
const rolesAsKeys: Identities = {
  bySession: async () => null,
  async byKey(key): Promise<Identity | null> {
    if (!callers.includes(key as Caller)) return null;
    const administrator = key === 'administrator';
    const id = `user:${key}`;
    const actor = { id, userId: key, person: id, name: key, administrator };
    if (administrator || key === 'nobody') return { actor, session: null, key: null };
    const isRole = roles.includes(key as Role);
    return {
      actor,
      session: null,
      key: { project: isRole ? 'test' : 'other', role: isRole ? (key as Role) : 'owner' },
    };
  },
  roleOf: async () => null,
};
