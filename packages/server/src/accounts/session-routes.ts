/** @file Signing in and out, and what a person may change of their own account. */
import { plauditError } from '@plaudit/contract';
import type { Accounts } from '@plaudit/store';
import { z } from 'zod';
import { sessionCookie } from '../http/identities.ts';
import { roleName } from '../http/roles.ts';
import { type Call, type Route, route } from '../http/route.ts';
import type { Attempts } from './attempts.ts';
import { mostCharacters, type Passwords } from './passwords.ts';
import { cookieOf, type Sessions } from './sessions.ts';

export interface AccountServices {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
  /** Whether people reach the server by https alone. */
  readonly overHttps: boolean;
}

export const password = z.string().min(1).max(mostCharacters);
export const email = z.email().max(254);

export const me = z.object({
  /** `user:…` or `key:…`, as in the audit log. */
  actor: z.string(),
  id: z.string().nullable(),
  name: z.string(),
  email: z.string().nullable(),
  administrator: z.boolean(),
  projects: z.array(z.object({ project: z.string(), role: roleName })),
});

/** Sets the cookie of a new session. */
export const signIn = async (
  { sessions, overHttps }: Pick<AccountServices, 'sessions' | 'overHttps'>,
  user: string,
  { reply }: Pick<Call<unknown, unknown, unknown>, 'reply'>,
): Promise<void> => {
  reply.setCookie(...cookieOf(await sessions.begin(user), overHttps));
};

/** What a user sees of itself. */
export const describeUser = async (accounts: Accounts, id: string): Promise<z.input<typeof me>> => {
  const { name, email: address, administrator } = await accounts.users.get(id);
  const projects = [...(await accounts.users.memberships(id))];
  return { actor: `user:${id}`, id, name, email: address, administrator, projects };
};

export const sessionRoutes = (services: AccountServices): readonly Route[] => {
  const { accounts, passwords, attempts } = services;

  /** The signed-in person. A key has no account of its own. */
  const person = ({ actor, request }: Pick<Call<unknown, unknown, unknown>, 'actor' | 'request'>) => {
    const session = request.identity?.session;
    if (actor.userId === null || !session)
      throw plauditError('access.forbidden', { roles: 'a person who is signed in' });
    return { id: actor.userId, session };
  };

  return [
    route({
      method: 'POST',
      url: '/v1/session',
      access: 'public',
      tag: 'Account',
      summary: 'Sign in: the answer sets the cookie of a session.',
      operation: 'signIn',
      body: z.strictObject({ email, password }),
      result: me,
      perMinute: 20,
      async handler(call) {
        const { body } = call;
        const address = body.email.trim().toLowerCase();
        attempts.check(address);
        // Counted before the answer is known: many at the same time are many.
        attempts.failed(address);
        const user = await accounts.users.byEmail(address);
        if (!(await passwords.verify(user?.password, body.password)))
          throw plauditError('account.wrong_credentials');
        attempts.succeeded(address);
        await signIn(services, user!.id, call);
        return describeUser(accounts, user!.id);
      },
    }),
    route({
      method: 'DELETE',
      url: '/v1/session',
      access: 'account',
      tag: 'Account',
      summary: 'Sign out: the session ends at once.',
      operation: 'signOut',
      async handler(call) {
        await accounts.sessions.end(person(call).session);
        call.reply.clearCookie(sessionCookie, { path: '/' });
      },
    }),
    route({
      method: 'GET',
      url: '/v1/me',
      access: 'account',
      tag: 'Account',
      summary: 'Who calls, and what they are in which project.',
      operation: 'me',
      result: me,
      async handler({ actor, request }) {
        if (actor.userId !== null) return describeUser(accounts, actor.userId);
        const { id, name } = actor;
        const projects = request.identity?.key ? [request.identity.key] : [];
        return { actor: id, id: null, name, email: null, administrator: false, projects };
      },
    }),
    route({
      method: 'PATCH',
      url: '/v1/me',
      access: 'account',
      tag: 'Account',
      summary: 'Change the own name.',
      operation: 'changeMe',
      body: z.strictObject({ name: z.string() }),
      result: me,
      async handler(call) {
        const { id } = person(call);
        await accounts.users.rename(id, call.body.name);
        return describeUser(accounts, id);
      },
    }),
    route({
      method: 'POST',
      url: '/v1/me/password',
      access: 'account',
      tag: 'Account',
      summary: 'Change the own password; all other sessions end.',
      operation: 'changePassword',
      body: z.strictObject({ current: password, password }),
      perMinute: 20,
      async handler(call) {
        const { id, session } = person(call);
        const user = await accounts.users.get(id);
        attempts.check(user.email);
        attempts.failed(user.email);
        if (!(await passwords.verify(await accounts.users.passwordOf(id), call.body.current)))
          throw plauditError('account.wrong_credentials');
        attempts.succeeded(user.email);
        const hashed = await passwords.hash(call.body.password, [user.email, user.name]);
        await accounts.users.setPassword(id, hashed, session);
      },
    }),
    route({
      method: 'GET',
      url: '/v1/me/sessions',
      access: 'account',
      tag: 'Account',
      summary: 'Where the own account is signed in.',
      operation: 'listSessions',
      result: z.object({
        sessions: z.array(
          z.object({ current: z.boolean(), createdAt: z.date(), seenAt: z.date(), expiresAt: z.date() }),
        ),
      }),
      async handler(call) {
        const { id, session } = person(call);
        const all = await accounts.sessions.of(id);
        return { sessions: all.map(({ digest, ...times }) => ({ current: digest === session, ...times })) };
      },
    }),
    route({
      method: 'DELETE',
      url: '/v1/me/sessions',
      access: 'account',
      tag: 'Account',
      summary: 'Sign out everywhere else.',
      operation: 'endOtherSessions',
      async handler(call) {
        const { id, session } = person(call);
        await accounts.sessions.endOthers(id, session);
      },
    }),
  ];
};
