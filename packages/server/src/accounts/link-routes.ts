/** @file One-time links: what one opens, becoming a member with it, and setting a lost password anew. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { roleName } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { type AccountServices, describeUser, email, me, password, signIn } from './session-routes.ts';
import { tokenDigest } from './tokens.ts';

/** What stands behind the # of a link. */
const token = z.string().min(1).max(100);

export const linkRoutes = (services: AccountServices): readonly Route[] => {
  const { accounts, passwords } = services;
  return [
    route({
      method: 'POST',
      url: '/v1/link',
      access: 'public',
      tag: 'Account',
      summary: 'What a one-time link opens. It can still be used afterwards.',
      operation: 'openLink',
      body: z.strictObject({ token }),
      result: z.object({
        opens: z.enum(['project', 'installation', 'password']),
        project: z.string().nullable(),
        role: roleName.nullable(),
        expiresAt: z.date(),
      }),
      perMinute: 30,
      async handler({ body }) {
        const { project, role, administrator, expiresAt } = await accounts.invitations.find(
          tokenDigest(body.token),
        );
        const to = { project, role, expiresAt };
        if (administrator) return { opens: 'installation' as const, ...to };
        return { opens: project === null ? ('password' as const) : ('project' as const), ...to };
      },
    }),
    route({
      method: 'POST',
      url: '/v1/link/accept',
      access: 'public',
      tag: 'Account',
      summary: 'Use an invitation: with a new account, or with the one that is signed in.',
      operation: 'acceptInvitation',
      body: z.strictObject({
        token,
        account: z.strictObject({ email, name: z.string(), password }).optional(),
      }),
      result: me,
      perMinute: 20,
      async handler(call) {
        const { body, actor } = call;
        const digest = tokenDigest(body.token);
        // Before the password is hashed, which costs something.
        await accounts.invitations.find(digest);
        if (body.account) {
          const { email: address, name } = body.account;
          const hashed = await passwords.hash(body.account.password, [address, name]);
          const invited = { email: address, name, password: hashed };
          const user = await accounts.invitations.accept(digest, invited);
          await signIn(services, user, call);
          return describeUser(accounts, user);
        }
        if (actor.userId === null) throw plauditError('access.unauthenticated');
        await accounts.invitations.accept(digest, { user: actor.userId });
        return describeUser(accounts, actor.userId);
      },
    }),
    route({
      method: 'POST',
      url: '/v1/link/password',
      access: 'public',
      tag: 'Account',
      summary: 'Set a lost password anew with a link; all sessions of the account end.',
      operation: 'resetPassword',
      body: z.strictObject({ token, password }),
      result: me,
      perMinute: 20,
      async handler(call) {
        const digest = tokenDigest(call.body.token);
        const { user: invited } = await accounts.invitations.find(digest);
        if (invited === null) throw plauditError('account.link_unusable');
        const { email: address, name } = await accounts.users.get(invited);
        const hashed = await passwords.hash(call.body.password, [address, name]);
        const user = await accounts.invitations.resetPassword(digest, hashed);
        services.attempts.succeeded(address);
        await signIn(services, user, call);
        return describeUser(accounts, user);
      },
    }),
  ];
};
