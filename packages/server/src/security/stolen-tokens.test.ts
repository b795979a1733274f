/** @file Tests: what a thief of a cookie, a key or a link has after it was ended; what a page of another site can do with a browser. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { administrator, attackedServer } from './testing.ts';

const server = attackedServer();
const { ask } = server;
type Cookie = { readonly cookie: string };

const cookieIn = (headers: Headers): Cookie => ({ cookie: headers.getSetCookie()[0]!.split(';')[0]! });
const tokenIn = (link: string): string => link.split('#')[1]!;
const invite = async (
  role: string,
  by: Readonly<Record<string, string>> = server.session(),
): Promise<string> => {
  const made = await ask('POST', '/v1/projects/ours/invitations', { headers: by, body: { role } });
  expect(made.status).toBe(201);
  return tokenIn(made.body.link);
};
const joinAs = async (name: string, token: string) =>
  ask('POST', '/v1/link/accept', {
    body: { token, account: { email: `${name}@example.org`, name, password: `the words of ${name}` } },
  });
/** A new member: the session, and the id. */
const member = async (name: string, role: string): Promise<Cookie & { readonly id: string }> => {
  const joined = await joinAs(name, await invite(role));
  expect(joined.status).toBe(200);
  return { ...cookieIn(joined.headers), id: joined.body.id };
};
const signIn = (email: string, password: string, headers: Readonly<Record<string, string>> = {}) =>
  ask('POST', '/v1/session', { headers, body: { email, password } });
const statusOf = async (headers: Readonly<Record<string, string>>, path = '/v1/me'): Promise<number> =>
  (await ask('GET', path, { headers })).status;

describe('a session', () => {
  it('is worth nothing after signing out, a new password, the end of the account', async () => {
    const { id, ...first } = await member('mia', 'viewer');
    const again = async (password: string): Promise<Cookie> =>
      cookieIn((await signIn('mia@example.org', password)).headers);
    const stolen = await again('the words of mia');
    expect(await statusOf(stolen)).toBe(200);
    await ask('DELETE', '/v1/session', { headers: stolen });
    expect(await statusOf(stolen)).toBe(401);

    const other = await again('the words of mia');
    const body = { current: 'the words of mia', password: 'other words of mia' };
    expect((await ask('POST', '/v1/me/password', { headers: first, body })).status).toBe(204);
    expect(await statusOf(other)).toBe(401);
    expect(await statusOf(first)).toBe(200);

    expect((await ask('DELETE', `/v1/users/${id}`, { headers: server.session() })).status).toBe(204);
    expect(await statusOf(first)).toBe(401);
    expect((await signIn('mia@example.org', 'other words of mia')).status).toBe(401);
  });

  it('may at once no more than its person may: another role, or none', async () => {
    const { id, cookie } = await member('ned', 'owner');
    const at = '/v1/projects/ours/audit';
    expect(await statusOf({ cookie }, at)).toBe(200);
    const path = `/v1/projects/ours/members/${id}`;
    await ask('PUT', path, { headers: server.session(), body: { role: 'viewer' } });
    expect(await statusOf({ cookie }, at)).toBe(403);
    await ask('DELETE', path, { headers: server.session() });
    expect(await statusOf({ cookie }, '/v1/projects/ours')).toBe(403);
  });

  it('begins with a token that nobody could have set before, in a cookie that no script reads and no other site sends', async () => {
    const fixed = 'x'.repeat(43);
    const { email, password } = administrator;
    const { headers } = await signIn(email, password, { cookie: `plaudit_session=${fixed}` });
    const [set] = headers.getSetCookie();
    expect(set).toMatch(/^plaudit_session=[\w-]{43}; .*HttpOnly/);
    expect(set).toContain('SameSite=Strict');
    expect(set).not.toContain(fixed);
    expect(await statusOf({ cookie: `plaudit_session=${fixed}` })).toBe(401);
    const second = (await signIn(email, password)).headers.getSetCookie()[0];
    expect(second!.split(';')[0]).not.toBe(set!.split(';')[0]);
  });
});

describe('a key', () => {
  it('is refused from the moment that it is revoked', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const { body } = await ask('GET', '/v1/projects/ours/keys', { headers: { authorization } });
    expect(await statusOf({ authorization })).toBe(200);
    await ask('DELETE', `/v1/projects/ours/keys/${body.keys[0].id}`, { headers: server.session() });
    expect(await statusOf({ authorization })).toBe(401);
  });

  it('cannot be sent in an address or a body, where logs and histories would keep it', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const key = authorization.slice('Bearer '.length);
    for (const path of [
      `/v1/me?key=${key}`,
      `/v1/me?access_token=${key}`,
      `/v1/me?authorization=Bearer%20${key}`,
    ])
      expect(await statusOf({}, path)).toBe(401);
    expect(await statusOf({ cookie: `plaudit_session=${key}` })).toBe(401);
    expect(await statusOf({ authorization: `Basic ${Buffer.from(`:${key}`).toString('base64')}` })).toBe(401);
  });
});

describe('a link', () => {
  it('works once, for one of many who try at the same moment', async () => {
    const token = await invite('viewer');
    const tried = await Promise.all(Array.from({ length: 5 }, (_, i) => joinAs(`twin${i}`, token)));
    expect(tried.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  });

  it('that a person made ends with their right to make it', async () => {
    const { id, cookie } = await member('olaf', 'owner');
    const [first, second] = [await invite('owner', { cookie }), await invite('owner', { cookie })];
    expect((await ask('POST', '/v1/link', { body: { token: first } })).status).toBe(200);
    await ask('DELETE', `/v1/projects/ours/members/${id}`, { headers: server.session() });
    for (const token of [first, second]) expect((await joinAs('back', token)).status).toBe(410);
    const account = { email: 'pia@example.org', password: 'the words of pia' };
    const pia = await member('pia', 'owner');
    const hers = await invite('owner', { cookie: pia.cookie });
    const before = await ask('POST', `/v1/users/${pia.id}/password-link`, { headers: server.session() });
    const change = { current: account.password, password: 'newer words of pia' };
    await ask('POST', '/v1/me/password', { headers: { cookie: pia.cookie }, body: change });
    const reset = { token: tokenIn(before.body.link), password: 'stolen words of pia' };
    expect((await ask('POST', '/v1/link/password', { body: reset })).status).toBe(410);
    await ask('DELETE', `/v1/users/${pia.id}`, { headers: server.session() });
    expect((await joinAs('back', hers)).status).toBe(410);
  });
});

describe('a page of another site', () => {
  it('changes nothing with the cookie of who visits it, and reads no answer', async () => {
    const body = { name: 'made by another site' };
    const forged: readonly Readonly<Record<string, string>>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1.evil.example` },
    ];
    for (const headers of forged) {
      const made = await ask('POST', '/v1/projects/ours/datasets', {
        headers: { ...server.session(), ...headers },
        body,
      });
      expect(made.status, JSON.stringify(headers)).toBe(403);
      expect(made.headers.get('access-control-allow-origin')).toBeNull();
    }
    const form = { ...server.session(), 'content-type': 'text/plain' };
    expect(
      (await ask('POST', '/v1/projects/ours/datasets', { headers: form, body: Buffer.from('{"name":"x"}') }))
        .status,
    ).toBe(415);
    const preflight = await ask('OPTIONS', '/v1/projects/ours/datasets', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    const { datasets } = (await ask('GET', '/v1/projects/ours/datasets', { headers: server.session() })).body;
    expect(datasets.map(({ name }: { name: string }) => name)).not.toContain(body.name);
  });
});

describe('the disk', () => {
  it('holds no password, no key and no token of a session or a link in clear', async () => {
    const { authorization } = await server.key('ours', 'owner');
    const token = await invite('viewer');
    const secrets = [
      administrator.password,
      authorization.slice(7),
      server.session().cookie!.split('=')[1]!,
      token,
    ];
    await ask('GET', '/v1/me', { headers: { authorization } });
    const found: string[] = [];
    for (const entry of readdirSync(server.folder(), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const content = readFileSync(join(entry.parentPath, entry.name));
      for (const [at, secret] of secrets.entries())
        if (content.includes(secret)) found.push(`${entry.name}: ${at}`);
    }
    expect(found).toEqual([]);
  });
});
