/** @file Sessions of people and keys of programs: who they stand for, and for how long. */
import type { Accounts } from '@plaudit/store';
import { type Identities, type Identity, sessionCookie } from '../http/identities.ts';
import { newToken, tokenDigest } from './tokens.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
/** A session ends after so long without use … */
const idle = 7 * day;
/** … and after so long in any case. */
const longest = 30 * day;
/** Use is written down so often at most. */
const extendEvery = 5 * minute;
/**
 * A key that was looked up is believed for less than a second: one that another server revoked is refused by then. Revoking
 * it here ends that at once.
 */
const keyBelieved = 900;
const mostKeys = 10_000;

export interface SessionOptions {
  readonly accounts: Accounts;
  readonly now?: () => Date;
  readonly random?: (bytes: number) => Buffer;
}

export interface Sessions extends Identities {
  /** @returns The token, which is known to nobody else */
  begin(user: string): Promise<string>;
  /** Whatever was looked up of keys is looked up again. */
  forgetKeys(): void;
}

export const sessions = ({ accounts, now = () => new Date(), random }: SessionOptions): Sessions => {
  const keys = new Map<string, { readonly identity: Identity; readonly since: number }>();
  /** How often everything was forgotten: what was asked for before that is not believed after it. */
  let forgotten = 0;
  return {
    async begin(user) {
      const token = newToken(random);
      await accounts.sessions.begin(user, tokenDigest(token), new Date(now().getTime() + idle));
      return token;
    },

    async bySession(token) {
      const digest = tokenDigest(token);
      const found = await accounts.sessions.find(digest);
      if (!found) return null;
      const { session, user } = found;
      const time = now().getTime();
      const end = Math.min(time + idle, session.createdAt.getTime() + longest);
      if (time - session.seenAt.getTime() > extendEvery)
        await accounts.sessions.extend(digest, new Date(end));
      const { id, name, administrator } = user;
      const actor = { id: `user:${id}`, userId: id, person: `user:${id}`, name, administrator };
      return { actor, session: digest, key: null };
    },

    async byKey(key) {
      const digest = tokenDigest(key);
      const kept = keys.get(digest);
      const asked = now().getTime();
      // A clock that is set back makes no key live longer.
      if (kept && asked >= kept.since && asked - kept.since < keyBelieved) return kept.identity;
      keys.delete(digest);
      const before = forgotten;
      const found = await accounts.keys.find(digest);
      if (!found) return null;
      const { id, name, project, role, person } = found;
      const actor = { id: `key:${id}`, userId: null, person, name, administrator: false };
      const identity: Identity = { actor, session: null, key: { project, role } };
      if (keys.size >= mostKeys) keys.clear();
      if (before === forgotten) keys.set(digest, { identity, since: asked });
      return identity;
    },

    roleOf: (user, project) => accounts.members.roleOf(user, project),
    forgetKeys() {
      forgotten++;
      keys.clear();
    },
  };
};

/** The cookie: only our own pages send it, no script can read it. */
export const cookieOf = (token: string, overHttps: boolean) =>
  [
    sessionCookie,
    token,
    {
      path: '/',
      httpOnly: true,
      sameSite: 'strict' as const,
      secure: overHttps,
      maxAge: longest / 1000,
    },
  ] as const;
