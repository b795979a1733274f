/** @file Projects: their settings, members, invitations and keys. */
import { type Database, listProjects, openStore } from '@plaudit/store';
import { z } from 'zod';
import { owners, readers, roleName, roles } from '../http/roles.ts';
import { type Route, route } from '../http/route.ts';
import { issueKey } from './issue-key.ts';
import type { Links } from './links.ts';
import { projectSettings, settingsChange, settingsIn } from './project-settings.ts';
import type { AccountServices } from './session-routes.ts';
import { linkMade } from './user-routes.ts';

const member = z.object({
  user: z.string(),
  name: z.string(),
  email: z.string(),
  role: roleName,
  createdAt: z.date(),
});
const key = z.object({
  id: z.string(),
  name: z.string(),
  start: z.string(),
  role: roleName,
  createdBy: z.string(),
  createdAt: z.date(),
  revokedAt: z.date().nullable(),
});
const invitation = z.object({
  id: z.string(),
  role: roleName.nullable(),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date(),
});
const project = z.object({
  name: z.string(),
  role: roleName,
  settings: projectSettings,
  createdAt: z.date(),
});
const id = z.string().max(64);

export const projectRoutes = (
  { accounts, sessions }: AccountServices,
  links: Links,
  database: Database,
): readonly Route[] => [
  route({
    method: 'GET',
    url: '/v1/projects',
    access: 'account',
    tag: 'Projects',
    summary: 'The projects that the caller may see, with the role in each.',
    operation: 'listProjects',
    result: z.object({ projects: z.array(z.object({ name: z.string(), role: roleName })) }),
    async handler({ actor, request }) {
      const identity = request.identity;
      if (identity?.key) return { projects: [{ name: identity.key.project, role: identity.key.role }] };
      if (actor.administrator) {
        const all = await listProjects(database);
        return { projects: all.map(({ name }) => ({ name, role: 'owner' as const })) };
      }
      const found = actor.userId === null ? [] : await accounts.users.memberships(actor.userId);
      return { projects: found.map(({ project: name, role }) => ({ name, role })) };
    },
  }),
  route({
    method: 'POST',
    url: '/v1/projects',
    access: 'administrator',
    tag: 'Projects',
    summary: 'Make a project.',
    operation: 'createProject',
    body: z.strictObject({ name: z.string() }),
    result: z.object({ name: z.string() }),
    status: 201,
    async handler({ body, actor }) {
      const store = await openStore(database, { project: body.name });
      await store.audit.append({ actor: actor.id, action: 'project.create', resource: 'project' });
      return { name: store.project.name };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project',
    access: roles,
    tag: 'Projects',
    summary: 'A project with its settings.',
    operation: 'getProject',
    result: project,
    async handler({ store, role }) {
      const { name, createdAt } = store.project;
      // An annotator sees what is assigned, and nothing of how the project is run.
      const stored = role === 'annotator' ? {} : await accounts.projects.settings(store.project.id);
      const settings = settingsIn(stored);
      return { name, role: role!, settings, createdAt };
    },
  }),
  route({
    method: 'PATCH',
    url: '/v1/projects/:project/settings',
    access: owners,
    tag: 'Projects',
    summary: 'Change settings one by one; null takes one away.',
    operation: 'changeSettings',
    body: settingsChange,
    result: z.object({ settings: projectSettings }),
    async handler({ store, body, actor }) {
      await accounts.projects.changeSettings(store.project.id, body, actor.id);
      return { settings: settingsIn(await accounts.projects.settings(store.project.id)) };
    },
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/members',
    access: readers,
    tag: 'Members',
    summary: 'Who is in the project, as what.',
    operation: 'listMembers',
    result: z.object({ members: z.array(member) }),
    handler: async ({ store }) => ({ members: [...(await accounts.members.list(store.project.id))] }),
  }),
  route({
    method: 'PUT',
    url: '/v1/projects/:project/members/:user',
    access: owners,
    tag: 'Members',
    summary: 'Give a member another role.',
    operation: 'changeMember',
    params: z.object({ user: id }),
    body: z.strictObject({ role: roleName }),
    handler: ({ store, params, body, actor }) =>
      accounts.members.change(store.project.id, params.user, body.role, actor.id),
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/members/:user',
    access: owners,
    tag: 'Members',
    summary: 'Take a member out of the project.',
    operation: 'removeMember',
    params: z.object({ user: id }),
    handler: ({ store, params, actor }) => accounts.members.remove(store.project.id, params.user, actor.id),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/invitations',
    access: owners,
    tag: 'Members',
    summary: 'Invitations that nobody has used yet.',
    operation: 'listInvitations',
    result: z.object({ invitations: z.array(invitation) }),
    handler: async ({ store }) => ({
      invitations: [...(await accounts.invitations.list(store.project.id))],
    }),
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/invitations',
    access: owners,
    tag: 'Members',
    summary: 'A one-time link into the project. It is shown this once.',
    operation: 'invite',
    body: z.strictObject({ role: roleName }),
    result: linkMade,
    status: 201,
    handler: ({ store, body, actor }) => links.make({ project: store.project.id, role: body.role }, actor.id),
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/invitations/:invitation',
    access: owners,
    tag: 'Members',
    summary: 'Withdraw an invitation.',
    operation: 'withdrawInvitation',
    params: z.object({ invitation: id }),
    handler: ({ store, params }) => accounts.invitations.withdraw(store.project.id, params.invitation),
  }),
  route({
    method: 'GET',
    url: '/v1/projects/:project/keys',
    access: owners,
    tag: 'Keys',
    summary: 'The keys of the project, revoked ones too. The secrets are not kept.',
    operation: 'listKeys',
    result: z.object({ keys: z.array(key) }),
    handler: async ({ store }) => ({ keys: [...(await accounts.keys.list(store.project.id))] }),
  }),
  route({
    method: 'POST',
    url: '/v1/projects/:project/keys',
    access: owners,
    tag: 'Keys',
    summary: 'Make a key for a program. The secret is shown this once.',
    operation: 'createKey',
    body: z.strictObject({ name: z.string(), role: roleName }),
    result: key.extend({ key: z.string() }),
    status: 201,
    handler: ({ store, body, actor }) => issueKey(accounts, store.project.id, body, actor.id),
  }),
  route({
    method: 'DELETE',
    url: '/v1/projects/:project/keys/:key',
    access: owners,
    tag: 'Keys',
    summary: 'Revoke a key: it is refused from now on.',
    operation: 'revokeKey',
    params: z.object({ key: id }),
    async handler({ store, params, actor }) {
      await accounts.keys.revoke(store.project.id, params.key, actor.id);
      sessions.forgetKeys();
    },
  }),
];
