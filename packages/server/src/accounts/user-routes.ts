/** @file Accounts of the installation, for its administrators. */
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { type Route, route } from '../http/route.ts';
import type { Links } from './links.ts';
import type { AccountServices } from './session-routes.ts';

const user = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  administrator: z.boolean(),
  createdAt: z.date(),
});
const params = z.object({ user: z.string().max(64) });
export const linkMade = z.object({ link: z.string(), expiresAt: z.date() });

export const userRoutes = ({ accounts }: AccountServices, links: Links): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/users',
    access: 'administrator',
    tag: 'Users',
    summary: 'Everybody who has an account.',
    operation: 'listUsers',
    result: z.object({ users: z.array(user) }),
    handler: async () => ({ users: [...(await accounts.users.list())] }),
  }),
  route({
    method: 'POST',
    url: '/v1/users/:user/password-link',
    access: 'administrator',
    tag: 'Users',
    summary: 'A one-time link with which a user sets a new password.',
    operation: 'makePasswordLink',
    params,
    result: linkMade,
    status: 201,
    async handler({ params: { user: id }, actor }) {
      const { id: found } = await accounts.users.get(id);
      return links.make({ user: found }, actor.id);
    },
  }),
  route({
    method: 'POST',
    url: '/v1/users/administrator-link',
    access: 'administrator',
    tag: 'Users',
    summary: 'A one-time link that makes another administrator.',
    operation: 'makeAdministratorLink',
    result: linkMade,
    status: 201,
    handler: ({ actor }) => links.make({ administrator: true }, actor.id),
  }),
  route({
    method: 'DELETE',
    url: '/v1/users/:user',
    access: 'administrator',
    tag: 'Users',
    summary: 'Remove an account with its name, address, memberships and sessions.',
    operation: 'removeUser',
    params,
    async handler({ params: { user: id }, actor }) {
      if (id === actor.userId)
        throw plauditError('request.invalid', { problem: 'nobody removes their own account' });
      await accounts.users.remove(id);
    },
  }),
];
