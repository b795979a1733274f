/** @file Sessions of people who are signed in, under the SHA-256 of their tokens. */
import type { Kysely } from 'kysely';
import { bytes } from '../repositories/scope.ts';
import type { Tables } from '../tables.ts';
import type { User } from './users.ts';

export interface Session {
  readonly digest: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

export const sessions = (db: Kysely<Tables>, now: () => Date) => ({
  /** Also forgets sessions of that user that have ended by themselves. */
  async begin(user: string, digest: string, expiresAt: Date): Promise<void> {
    const at = now();
    await db.transaction().execute(async (query) => {
      await query.deleteFrom('sessions').where('userId', '=', user).where('expiresAt', '<=', at).execute();
      await query
        .insertInto('sessions')
        .values({ digest: bytes(digest), userId: user, createdAt: at, seenAt: at, expiresAt })
        .execute();
    });
  },

  /** The session, if it has not ended, and whose it is. */
  async find(digest: string): Promise<{ readonly session: Session; readonly user: User } | undefined> {
    const found = await db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.userId')
      .select([
        'sessions.digest',
        'sessions.createdAt',
        'sessions.seenAt',
        'sessions.expiresAt',
        'users.id',
        'users.email',
        'users.name',
        'users.administrator',
        'users.createdAt as userCreatedAt',
      ])
      .where('sessions.digest', '=', bytes(digest))
      .where('sessions.expiresAt', '>', now())
      .where('users.removedAt', 'is', null)
      .executeTakeFirst();
    if (!found) return undefined;
    const { createdAt, seenAt, expiresAt, userCreatedAt, digest: kept, id, name, administrator } = found;
    return {
      session: { digest: kept, createdAt, seenAt, expiresAt },
      user: { id, email: found.email!, name, administrator, createdAt: userCreatedAt },
    };
  },

  /** Moves the end on because it is used. */
  async extend(digest: string, expiresAt: Date): Promise<void> {
    await db
      .updateTable('sessions')
      .set({ seenAt: now(), expiresAt })
      .where('digest', '=', bytes(digest))
      .execute();
  },

  async end(digest: string): Promise<void> {
    await db.deleteFrom('sessions').where('digest', '=', bytes(digest)).execute();
  },

  /** Ends all sessions of a user but one. */
  async endOthers(user: string, keep: string): Promise<void> {
    await db.deleteFrom('sessions').where('userId', '=', user).where('digest', '!=', bytes(keep)).execute();
  },

  /** Those of a user that have not ended, the last used first. */
  of: (user: string): Promise<readonly Session[]> =>
    db
      .selectFrom('sessions')
      .select(['digest', 'createdAt', 'seenAt', 'expiresAt'])
      .where('userId', '=', user)
      .where('expiresAt', '>', now())
      .orderBy('seenAt', 'desc')
      .execute(),
});
