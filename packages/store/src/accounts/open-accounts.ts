/** @file Accounts: people, their sessions and links, the members and keys of all projects. */
import { idsInOrder } from '../ids.ts';
import type { Database } from '../postgres/open-database.ts';
import { guarded } from '../store.ts';
import { apiKeys } from './api-keys.ts';
import { invitations } from './invitations.ts';
import { members } from './members.ts';
import { projects } from './projects.ts';
import { sessions } from './sessions.ts';
import { users } from './users.ts';

export interface OpenAccountsOptions {
  readonly now?: () => Date;
  /** Makes ids whose order is that of time. Default UUIDs of version 7. */
  readonly newId?: () => string;
}

/**
 * Accounts of the whole installation. Unlike a store it sees every project: only who checks callers should hold it. Times
 * and ids are parameters, tokens and passwords come in hashed.
 *
 * @example const user = await openAccounts(database).users.byEmail('ada@example.org')
 */
export const openAccounts = ({ kysely }: Database, options: OpenAccountsOptions = {}) => {
  const { now = () => new Date(), newId = idsInOrder(now) } = options;
  return {
    users: guarded(users(kysely, now)),
    sessions: guarded(sessions(kysely, now)),
    members: guarded(members(kysely, now)),
    projects: guarded(projects(kysely, now)),
    keys: guarded(apiKeys(kysely, now, newId)),
    invitations: guarded(invitations(kysely, now, newId)),
  };
};

export type Accounts = ReturnType<typeof openAccounts>;
