/** @file Who is behind a request: what the app asks of accounts, and nothing else of them. */
import type { Role } from './roles.ts';
import type { Actor } from './route.ts';

export interface Identity {
  readonly actor: Actor;
  /** A person's session, by the digest of its token; null for a program with a key. */
  readonly session: string | null;
  /** The one project that a key belongs to, by name, with the key's role in it; null for a person. */
  readonly key: { readonly project: string; readonly role: Role } | null;
}

export interface Identities {
  /** @returns null for a token that is unknown, too old or signed out */
  bySession(token: string): Promise<Identity | null>;
  /** @returns null for a key that is unknown or revoked */
  byKey(key: string): Promise<Identity | null>;
  /** @returns null for who is not a member, and for a project that is not there */
  roleOf(user: string, project: string): Promise<Role | null>;
}

/** The cookie of a session. */
export const sessionCookie = 'plaudit_session';

export const anonymous: Actor = {
  id: 'anonymous',
  userId: null,
  person: 'anonymous',
  name: 'anonymous',
  administrator: false,
};
