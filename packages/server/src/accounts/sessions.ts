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
/** A key that was looked up is believed for so long; revoking it in this process ends that at once. */
const keyBelieved = 5000;
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
  const keys = new Map<string, { readonly identity: Identity; readonly until: number }>();
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
      return { actor: { id: `user:${id}`, userId: id, name, administrator }, session: digest, key: null };
    },

    async byKey(key) {
      const digest = tokenDigest(key);
      const kept = keys.get(digest);
      if (kept && kept.until > now().getTime()) return kept.identity;
      keys.delete(digest);
      const found = await accounts.keys.find(digest);
      if (!found) return null;
      const { id, name, project, role } = found;
      const actor = { id: `key:${id}`, userId: null, name, administrator: false };
      const identity: Identity = { actor, session: null, key: { project, role } };
      if (keys.size >= mostKeys) keys.clear();
      keys.set(digest, { identity, until: now().getTime() + keyBelieved });
      return identity;
    },

    roleOf: (user, project) => accounts.members.roleOf(user, project),
    forgetKeys: () => keys.clear(),
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
