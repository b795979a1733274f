/** @file Tests: the first start, signing in and out, invitations, keys and lost passwords, over a real database. */

import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../app.ts';
import { testApp } from '../testing.ts';
import { type AccountsFeature, accountsFeature } from './account-routes.ts';
import { tokenDigest } from './tokens.ts';

const { database } = testApp(() => []);
const started = Date.UTC(2030, 0, 1);
let time = started;
let app: FastifyInstance;
let feature: AccountsFeature;
beforeAll(async () => {
  feature = accountsFeature(database(), {
    address: () => 'https://plaudit.example',
    now: () => new Date(time),
  });
  const { identities, routes } = feature;
  app = await createApp({
    database: database(),
    identities,
    routes: routes.map((route) => ({ ...route, perMinute: Number.POSITIVE_INFINITY })),
  });
});
afterAll(() => app?.close());

interface Sent {
  readonly cookie?: string;
  readonly key?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, sent: Sent = {}) => {
  const { cookie, key, body, headers } = sent;
  const answer = await app.inject({
    method,
    url,
    headers: {
      ...(cookie && { cookie: `plaudit_session=${cookie}` }),
      ...(key && { authorization: `Bearer ${key}` }),
      ...headers,
    },
    ...(body !== undefined && { payload: body as object }),
  });
  const { statusCode: status, body: text } = answer;
  const set = answer.cookies.find(({ name }) => name === 'plaudit_session');
  return { status, body: text === '' ? undefined : JSON.parse(text), set, cookie: set?.value ?? '' };
};
const tokenOf = (link: string): string => link.split('#')[1]!;
const ada = { email: 'Ada@Example.org', name: 'Ada', password: 'correct horse battery' };
const signIn = (password = ada.password, email = 'ada@example.org') =>
  send('POST', '/v1/session', { body: { email, password } });

let owner = '';
const invite = async (role: string): Promise<string> => {
  const { body } = await send('POST', '/v1/projects/support/invitations', { cookie: owner, body: { role } });
  return tokenOf(body.link);
};

describe('the first start', () => {
  it('gives one link, once, that makes the administrator; there is no account before', async () => {
    const old = tokenOf((await feature.links.firstStart())!);
    const link = (await feature.links.firstStart())!;
    expect(link).toMatch(/^https:\/\/plaudit\.example\/join#[\w-]{43}$/);
    const token = tokenOf(link);
    expect((await send('POST', '/v1/link', { body: { token: old } })).status).toBe(410);
    expect((await send('POST', '/v1/link', { body: { token } })).body).toMatchObject({
      opens: 'installation',
      project: null,
    });
    const weak = { ...ada, password: 'ada@example.org' };
    const refused = await send('POST', '/v1/link/accept', { body: { token, account: weak } });
    expect(refused).toMatchObject({ status: 422, body: { error: { code: 'account.weak_password' } } });
    const both = await Promise.all(
      [ada, { ...ada, email: 'eve@example.org' }].map((account) =>
        send('POST', '/v1/link/accept', { body: { token, account } }),
      ),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 410]);
    expect(await feature.links.firstStart()).toBeNull();
    const first = both.find(({ status }) => status === 200)!;
    expect(first.body).toMatchObject({ administrator: true });
    expect(first.set).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', secure: true });
    // Whichever of the two was first is ada from here on.
    await database().pool.query("update users set email = 'ada@example.org'");
    owner = first.cookie;
    const made = await send('POST', '/v1/projects', { cookie: owner, body: { name: 'support' } });
    expect(made.status).toBe(201);
  });

  it('keeps no secret: neither password nor token nor key can be read in the database', async () => {
    const { rows } = await database().pool.query<{ text: string }>(
      'select users::text as text from users union all select sessions::text from sessions union all select invitations::text from invitations',
    );
    const all = rows.map(({ text }) => text).join('\n');
    expect(all).not.toContain(ada.password);
    expect(all).not.toContain(owner);
    expect(all).toContain(tokenDigest(owner));
    expect(all).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });
});

describe('signing in', () => {
  it('needs the right password, and says the same for an account that is not there', async () => {
    expect((await signIn()).body).toMatchObject({ name: 'Ada', administrator: true });
    const wrong = await signIn('wrong horse battery');
    const nobody = await signIn(ada.password, 'nobody@example.org');
    expect(wrong.status).toBe(401);
    expect(nobody).toEqual(wrong);
    expect((await signIn()).status).toBe(200);
  });

  it('takes the same time for an account that is not there', async () => {
    const timed = async (email: string) => {
      const began = performance.now();
      await signIn('wrong horse battery', email);
      return performance.now() - began;
    };
    const times: Record<'there' | 'nowhere', number[]> = { there: [], nowhere: [] };
    for (let i = 0; i < 4; i++) {
      times.there.push(await timed('ada@example.org'));
      times.nowhere.push(await timed(`nobody${i}@example.org`));
    }
    await signIn();
    const [there, nowhere] = [Math.min(...times.there), Math.min(...times.nowhere)];
    expect(nowhere / there).toBeGreaterThan(0.5);
    expect(nowhere / there).toBeLessThan(2);
  });

  it('has to wait after several wrong passwords, with the right one too, and longer each time', async () => {
    for (let i = 0; i < 5; i++) expect((await signIn('wrong', 'victim@example.org')).status).toBe(401);
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      const { status, body } = await signIn('wrong', 'victim@example.org');
      expect(status).toBe(429);
      waits.push(body.error.parameters.seconds);
      time += body.error.parameters.seconds * 1000;
      expect((await signIn('wrong', 'victim@example.org')).status).toBe(401);
    }
    expect(waits).toEqual([2, 4, 8]);
    expect((await signIn()).status).toBe(200);
  });

  it('ends at once with signing out: a token that was stolen is worth nothing afterwards', async () => {
    const { cookie } = await signIn();
    expect((await send('GET', '/v1/me', { cookie })).status).toBe(200);
    const out = await send('DELETE', '/v1/session', { cookie });
    expect(out).toMatchObject({ status: 204, set: { value: '' } });
    expect((await send('GET', '/v1/me', { cookie })).status).toBe(401);
  });

  it('lasts a week after the last use and a month in all', async () => {
    const { cookie } = await signIn();
    const day = 24 * 3600 * 1000;
    const after = async (days: number) => {
      time += days * day;
      return (await send('GET', '/v1/me', { cookie })).status;
    };
    for (let i = 0; i < 4; i++) expect(await after(6.9)).toBe(200);
    expect(await after(2.5)).toBe(401);
    const unused = await signIn();
    time += 7.1 * day;
    expect((await send('GET', '/v1/me', { cookie: unused.cookie })).status).toBe(401);
    owner = (await signIn()).cookie;
  });

  it('is refused to a page of another site, and so is all that a session may do there', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const body = { email: 'ada@example.org', password: ada.password };
    expect((await send('POST', '/v1/session', { body, headers })).status).toBe(403);
    const made = await send('POST', '/v1/projects', { cookie: owner, body: { name: 'stolen' }, headers });
    expect(made).toMatchObject({ status: 403, body: { error: { code: 'request.other_site' } } });
  });
});

describe('an invitation', () => {
  it('makes a member with the role of the link, once', async () => {
    const token = await invite('annotator');
    const account = { email: 'bob@example.org', name: 'Bob', password: 'purple monkey dishwasher' };
    const joined = await send('POST', '/v1/link/accept', { body: { token, account } });
    expect(joined.body).toMatchObject({ projects: [{ project: 'support', role: 'annotator' }] });
    expect((await send('POST', '/v1/link/accept', { body: { token, account } })).status).toBe(410);
    const asBob = { cookie: joined.cookie };
    expect((await send('GET', '/v1/projects/support', asBob)).body.role).toBe('annotator');
    expect((await send('GET', '/v1/projects/support/members', asBob)).status).toBe(403);
    expect((await send('GET', '/v1/projects/default', asBob)).status).toBe(403);
    const again = await invite('reviewer');
    expect((await send('POST', '/v1/link/accept', { body: { token: again, account } })).status).toBe(409);
    const accepted = await send('POST', '/v1/link/accept', { ...asBob, body: { token: again } });
    expect(accepted.body.projects).toEqual([{ project: 'support', role: 'reviewer' }]);
    const members = await send('GET', '/v1/projects/support/members', asBob);
    expect(members.body.members).toMatchObject([{ name: 'Bob', role: 'reviewer' }]);
    const { user } = members.body.members[0];
    const change = { cookie: owner, body: { role: 'viewer' } };
    expect((await send('PUT', `/v1/projects/support/members/${user}`, change)).status).toBe(204);
    expect((await send('GET', '/v1/projects/support', asBob)).body.role).toBe('viewer');
    expect((await send('DELETE', `/v1/projects/support/members/${user}`, { cookie: owner })).status).toBe(
      204,
    );
    expect((await send('GET', '/v1/projects/support', asBob)).status).toBe(403);
  });

  it('is worth nothing once withdrawn or a week old', async () => {
    const token = await invite('viewer');
    const { body } = await send('GET', '/v1/projects/support/invitations', { cookie: owner });
    const [{ id }] = body.invitations;
    const withdrawn = await send('DELETE', `/v1/projects/support/invitations/${id}`, { cookie: owner });
    expect(withdrawn.status).toBe(204);
    expect((await send('POST', '/v1/link', { body: { token } })).status).toBe(410);
    const old = await invite('viewer');
    time += 7.1 * 24 * 3600 * 1000;
    expect((await send('POST', '/v1/link', { body: { token: old } })).status).toBe(410);
    owner = (await signIn()).cookie;
  });
});

describe('a key', () => {
  it('acts in its project with its role until it is revoked, and is shown once', async () => {
    const made = await send('POST', '/v1/projects/support/keys', {
      cookie: owner,
      body: { name: 'ci', role: 'owner' },
    });
    const { key, id, start } = made.body;
    expect(key).toMatch(/^plt_[\w-]{43}$/);
    expect(key.startsWith(start)).toBe(true);
    expect((await send('GET', '/v1/me', { key })).body).toMatchObject({
      actor: `key:${id}`,
      projects: [{ project: 'support', role: 'owner' }],
    });
    const listed = await send('GET', '/v1/projects/support/keys', { key });
    expect(JSON.stringify(listed.body)).not.toContain(key);
    expect((await send('GET', '/v1/projects/default', { key })).status).toBe(403);
    expect((await send('POST', '/v1/projects', { key, body: { name: 'x' } })).status).toBe(403);
    expect(
      (await send('POST', '/v1/me/password', { key, body: { current: 'a', password: 'b' } })).status,
    ).toBe(403);
    expect((await send('DELETE', `/v1/projects/support/keys/${id}`, { cookie: owner })).status).toBe(204);
    expect((await send('GET', '/v1/me', { key })).status).toBe(401);
    expect((await send('DELETE', `/v1/projects/support/keys/${id}`, { cookie: owner })).status).toBe(404);
  });

  it('that another server revoked is refused within a second, a clock that is set back or not', async () => {
    const other = accountsFeature(database(), { address: () => '', now: () => new Date(time) }).identities;
    for (const later of [1000, -3_600_000]) {
      const { key, id } = (
        await send('POST', '/v1/projects/support/keys', {
          cookie: owner,
          body: { name: `elsewhere ${later}`, role: 'viewer' },
        })
      ).body;
      expect(await other.byKey(key)).toMatchObject({ actor: { id: `key:${id}` } });
      await send('DELETE', `/v1/projects/support/keys/${id}`, { cookie: owner });
      time += later;
      expect(await other.byKey(key)).toBeNull();
      time -= later;
    }
  });

  it('that is looked up while it is revoked is not believed afterwards', async () => {
    const { key, id } = (
      await send('POST', '/v1/projects/support/keys', {
        cookie: owner,
        body: { name: 'now', role: 'viewer' },
      })
    ).body;
    await Promise.all([
      send('GET', '/v1/me', { key }),
      send('DELETE', `/v1/projects/support/keys/${id}`, { cookie: owner }),
      send('GET', '/v1/me', { key }),
    ]);
    expect((await send('GET', '/v1/me', { key })).status).toBe(401);
  });

  it('acts for the person who made it, also where it was made with a key', async () => {
    const make = async (as: { cookie: string } | { key: string }, name: string) =>
      (await send('POST', '/v1/projects/support/keys', { ...as, body: { name, role: 'owner' } })).body;
    const first = await make({ cookie: owner }, 'first');
    const second = await make({ key: first.key }, 'second');
    const { actor } = (await send('GET', '/v1/me', { cookie: owner })).body;
    expect(actor).toMatch(/^user:/);
    const found = await feature.identities.byKey(second.key);
    expect(found?.actor).toMatchObject({ id: `key:${second.id}`, userId: null, person: actor });
  });

  it('that is wrong is nobody, also beside a session', async () => {
    expect((await send('GET', '/v1/me', { key: `plt_${'x'.repeat(43)}`, cookie: owner })).status).toBe(401);
  });
});

describe('a password', () => {
  it('that is changed ends all other sessions', async () => {
    const other = (await signIn()).cookie;
    const change = (current: string, password: string) =>
      send('POST', '/v1/me/password', { cookie: owner, body: { current, password } });
    expect((await change('wrong one entirely', 'new password here')).status).toBe(401);
    expect((await change(ada.password, 'short')).status).toBe(422);
    expect((await change(ada.password, 'a brand new password')).status).toBe(204);
    expect((await send('GET', '/v1/me', { cookie: owner })).status).toBe(200);
    expect((await send('GET', '/v1/me', { cookie: other })).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await signIn('a brand new password')).status).toBe(200);
  });

  it('that is lost is set anew with a link of an administrator, which works once', async () => {
    const { body } = await send('GET', '/v1/users', { cookie: owner });
    const bob = body.users.find(({ name }: { name: string }) => name === 'Bob');
    const { link } = (await send('POST', `/v1/users/${bob.id}/password-link`, { cookie: owner })).body;
    const reset = { token: tokenOf(link), password: 'entirely new words' };
    expect((await send('POST', '/v1/link', { body: { token: reset.token } })).body.opens).toBe('password');
    const asInvitation = { token: reset.token, account: { ...ada, email: 'mallory@example.org' } };
    expect((await send('POST', '/v1/link/accept', { body: asInvitation })).status).toBe(410);
    expect((await send('POST', '/v1/link/password', { body: reset })).body.name).toBe('Bob');
    expect((await send('POST', '/v1/link/password', { body: reset })).status).toBe(410);
    const back = await signIn(reset.password, 'bob@example.org');
    expect(back.status).toBe(200);
    expect((await send('GET', '/v1/users', { cookie: back.cookie })).status).toBe(403);
    expect((await send('DELETE', `/v1/users/${bob.id}`, { cookie: owner })).status).toBe(204);
    expect((await send('GET', '/v1/me', { cookie: back.cookie })).status).toBe(401);
    expect((await signIn(reset.password, 'bob@example.org')).status).toBe(401);
  });
});

describe('a project', () => {
  it('keeps settings, and all of this is in its audit log, which verifies', async () => {
    const change = (body: unknown) => send('PATCH', '/v1/projects/support/settings', { cookie: owner, body });
    const settings = { fourEyes: true, impressionDays: 30 };
    expect((await change(settings)).body).toEqual({ settings });
    expect((await change({ fourEyes: null })).body).toEqual({ settings: { impressionDays: 30 } });
    for (const wrong of [{ foureyes: true }, { impressionDays: 0 }, { observationDays: '30' }])
      expect((await change(wrong)).status, JSON.stringify(wrong)).toBe(400);
    const deep = Buffer.from(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    const nested = await send('PATCH', '/v1/projects/support/settings', {
      cookie: owner,
      body: deep,
      headers: { 'content-type': 'application/json' },
    });
    expect(nested.status).toBe(400);
    const { openStore } = await import('@plaudit/store');
    const { audit } = await openStore(database(), { project: 'support' });
    const actions = (await audit.entries()).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining([
        'project.create',
        'member.invite',
        'member.join',
        'key.add',
        'key.revoke',
        'settings.change',
      ]),
    );
    expect(await audit.verify()).toMatchObject({ intact: true });
  });
});
