/** @file Everything about who may call, made from a database: identities for the app, and the routes of accounts. */
import { type Accounts, type Database, openAccounts } from '@plaudit/store';
import type { Identities } from '../http/identities.ts';
import type { Route } from '../http/route.ts';
import { attempts } from './attempts.ts';
import { linkRoutes } from './link-routes.ts';
import { type Links, links } from './links.ts';
import { passwords } from './passwords.ts';
import { projectRoutes } from './project-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { sessions } from './sessions.ts';
import { userRoutes } from './user-routes.ts';

export interface AccountsOptions {
  /** Where people find this server, such as `http://localhost:7788`; asked for when a link is made. */
  readonly address: () => string;
  readonly now?: () => Date;
}

export interface AccountsFeature {
  readonly accounts: Accounts;
  readonly identities: Identities;
  readonly links: Links;
  readonly routes: readonly Route[];
}

export const accountsFeature = (database: Database, { address, now }: AccountsOptions): AccountsFeature => {
  const accounts = openAccounts(database, now && { now });
  const time = now && { now };
  const identities = sessions({ accounts, ...time });
  const made = links({ accounts, address, ...time });
  const services = {
    accounts,
    sessions: identities,
    passwords: passwords(),
    attempts: attempts(now),
    get overHttps() {
      return address().startsWith('https:');
    },
  };
  return {
    accounts,
    identities,
    links: made,
    routes: [
      ...sessionRoutes(services),
      ...linkRoutes(services),
      ...userRoutes(services, made),
      ...projectRoutes(services, made, database),
    ],
  };
};
