/** @file Tests: every route against every role and nobody, from the list itself; a new route is covered by being in it. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { openArtifacts, openStore } from '@plaudit/store';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountsFeature } from './accounts/account-routes.ts';
import { sessions } from './accounts/sessions.ts';
import { newKey, tokenDigest } from './accounts/tokens.ts';
import { createApp } from './app.ts';
import { openApiDocument } from './http/open-api.ts';
import { mayDo, type Role, roles } from './http/roles.ts';
import type { Route } from './http/route.ts';
import { routesOf } from './routes.ts';
import type { Services } from './services.ts';
import { type Caller, callers, testApp } from './testing.ts';

const { database } = testApp(() => []);

/** The routes, made from what has no database: which there are does not depend on it. */
const listed = async (): Promise<readonly Route[]> => routesOf(await servicesFor());
const servicesFor = async (): Promise<Services> => {
  const folder = await mkdtemp(`${tmpdir()}/plaudit-access-`);
  return {
    database: database(),
    artifacts: await openArtifacts(`${folder}/artifacts`),
    accounts: accountsFeature(database(), { address: () => 'http://localhost' }),
    folder,
    masterKey: () => {
      throw new RangeError('no key is needed here');
    },
    now: () => new Date(),
    jobs: { enqueue: async () => true },
    // Which routes there are does not depend on what they are made from.
    features: { serving: {}, rollOut: {}, monitoring: {}, feedback: {} } as never,
  };
};

let routes: readonly Route[];
let app: FastifyInstance;
/** Headers by which each caller is known. */
const known = new Map<Caller | `key of ${Role}`, Record<string, string>>();

beforeAll(async () => {
  routes = await listed();
  const { accounts, identities } = (await servicesFor()).accounts;
  // The guards are those of the server; what they let through answers with nothing, so that nothing else is changed.
  const guarded = routes.map(
    ({ params, query, body, result, status, ...route }): Route => ({
      ...route,
      perMinute: Number.POSITIVE_INFINITY,
      handler: async () => undefined,
    }),
  );
  app = await createApp({ database: database(), identities, routes: guarded });
  const { begin } = sessions({ accounts });
  const idOf = async (name: string): Promise<string> =>
    (await openStore(database(), { project: name })).project.id;
  const [test, other] = [await idOf('test'), await idOf('other')];
  const later = new Date(Date.now() + 60_000);
  for (const caller of callers.filter((name) => name !== 'nobody')) {
    const digest = tokenDigest(caller);
    const to =
      caller === 'administrator'
        ? { administrator: true as const }
        : caller === 'stranger'
          ? { project: other, role: 'owner' as const }
          : { project: test, role: caller };
    await accounts.invitations.add(digest, to, 'test', later);
    const invited = { email: `${caller}@example.org`, name: caller, password: 'no hash' };
    const user = await accounts.invitations.accept(digest, invited);
    known.set(caller, { cookie: `plaudit_session=${await begin(user)}` });
  }
  for (const role of roles) {
    const { key, start } = newKey();
    await accounts.keys.add(test, { name: role, digest: tokenDigest(key), start, role }, 'test');
    known.set(`key of ${role}`, { authorization: `Bearer ${key}` });
  }
  known.set('nobody', {});
});
afterAll(() => app?.close());

const expected = ({ access }: Route, caller: string): number => {
  if (access === 'public') return 204;
  if (caller === 'nobody') return 401;
  if (access === 'account') return 204;
  if (caller === 'administrator') return 204;
  if (access === 'administrator') return 403;
  if (caller === 'stranger') return 403;
  return mayDo(caller.replace('key of ', '') as Role, access) ? 204 : 403;
};

const ask = async (route: Route, caller: string, project = 'test'): Promise<number> => {
  const { statusCode } = await app.inject({
    method: route.method,
    url: route.url.replace(':project', project).replaceAll(/:\w+|\*/g, 'x'),
    headers: { ...known.get(caller as Caller), 'plaudit-project': project },
  });
  return statusCode;
};

describe('every route', () => {
  it('lets in exactly whom its access names, by session and by key', async () => {
    const faults: string[] = [];
    for (const route of routes)
      await Promise.all(
        [...known.keys()].map(async (caller) => {
          const status = await ask(route, caller);
          const wanted = expected(route, caller);
          if (status !== wanted) faults.push(`${route.operation} as ${caller}: ${status}, not ${wanted}`);
        }),
      );
    expect(faults).toEqual([]);
    expect(routes.length * known.size).toBeGreaterThan(300);
  });

  it('of a project refuses the members and keys of every other project', async () => {
    const faults: string[] = [];
    for (const route of routes.filter(({ access }) => typeof access !== 'string'))
      await Promise.all(
        [...roles, ...roles.map((role) => `key of ${role}`)].flatMap((caller) =>
          ['other', 'nowhere'].map(async (project) => {
            const status = await ask(route, caller, project);
            if (status !== 403) faults.push(`${route.operation} as ${caller} in ${project}: ${status}`);
          }),
        ),
      );
    expect(faults).toEqual([]);
  });

  it('is in the OpenAPI document with all that its address names', async () => {
    const document = openApiDocument(routes, { version: '1', sessionCookie: 'plaudit_session' });
    const paths = JSON.parse(JSON.stringify(document)).paths as Record<
      string,
      Record<string, { operationId: string; parameters: { name: string; in: string }[] }>
    >;
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(operations).toHaveLength(routes.length);
    for (const { path, operationId, parameters } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(inPath.sort(), operationId).toEqual(named.sort());
    }
  });

  it('has an address, a name and a sentence of its own', () => {
    const addresses = routes.map(({ method, url }) => `${method} ${url.replaceAll(/:\w+/g, ':')}`);
    expect(new Set(addresses).size).toBe(routes.length);
    expect(new Set(routes.map(({ operation }) => operation)).size).toBe(routes.length);
    for (const { operation, summary, tag } of routes) {
      expect(operation).toMatch(/^[a-z][A-Za-z0-9]+$/);
      expect(summary, operation).toMatch(/\.$/);
      expect(tag, operation).toMatch(/^[A-Z]/);
    }
  });
});
