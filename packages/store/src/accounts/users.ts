/** @file Users: the people who sign in, of the whole installation. */
import { plauditError } from '@plaudit/contract';
import type { Kysely } from 'kysely';
import { isUuid } from '../ids.ts';
import { checkName } from '../names.ts';
import type { Tables } from '../tables.ts';

export interface User {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly administrator: boolean;
  readonly createdAt: Date;
}

export interface Membership {
  readonly project: string;
  readonly role: Tables['members']['role'];
}

const shown = ['id', 'email', 'name', 'administrator', 'createdAt'] as const;

/** Errors name what was asked for, and no project. */
export const unknownAccount = (what: string): Error =>
  plauditError('store.unknown', { what, name: 'of that id', project: 'all of the installation' });

export const users = (db: Kysely<Tables>, now: () => Date) => {
  const get = async (id: string): Promise<User> => {
    const found = isUuid(id)
      ? await db
          .selectFrom('users')
          .select(shown)
          .where('id', '=', id)
          .where('removedAt', 'is', null)
          .executeTakeFirst()
      : undefined;
    if (!found) throw unknownAccount('user');
    return found as User;
  };

  return {
    get,

    /** With what a password is compared with. @param email In any case */
    async byEmail(email: string): Promise<(User & { readonly password: string }) | undefined> {
      const found = await db
        .selectFrom('users')
        .select([...shown, 'password'])
        .where('email', '=', email.trim().toLowerCase())
        .executeTakeFirst();
      return found as (User & { readonly password: string }) | undefined;
    },

    async passwordOf(id: string): Promise<string> {
      const found = await db
        .selectFrom('users')
        .select('password')
        .where('id', '=', id)
        .where('removedAt', 'is', null)
        .executeTakeFirst();
      if (!found) throw unknownAccount('user');
      return found.password!;
    },

    /** By name. */
    async list(): Promise<readonly User[]> {
      const found = await db
        .selectFrom('users')
        .select(shown)
        .where('removedAt', 'is', null)
        .orderBy('name')
        .orderBy('id')
        .execute();
      return found as readonly User[];
    },

    async areThere(): Promise<boolean> {
      return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
    },

    async rename(id: string, name: string): Promise<void> {
      await get(id);
      await db
        .updateTable('users')
        .set({ name: checkName('user', name) })
        .where('id', '=', id)
        .execute();
    },

    /** All sessions end but the one that is named: whoever knew the old password is out. */
    async setPassword(id: string, password: string, keepSession?: string): Promise<void> {
      await get(id);
      await db.transaction().execute(async (query) => {
        await query.updateTable('users').set({ password }).where('id', '=', id).execute();
        await query.deleteFrom('invitations').where('userId', '=', id).where('usedAt', 'is', null).execute();
        await query
          .deleteFrom('sessions')
          .where('userId', '=', id)
          .$if(keepSession !== undefined, (of) => of.where('digest', '!=', `\\x${keepSession}`))
          .execute();
      });
    },

    /** Takes name, address, memberships and sessions away; what the audit says of the id stays. */
    async remove(id: string): Promise<void> {
      await get(id);
      await db.transaction().execute(async (query) => {
        await query.deleteFrom('sessions').where('userId', '=', id).execute();
        await query.deleteFrom('members').where('userId', '=', id).execute();
        await query.deleteFrom('invitations').where('userId', '=', id).execute();
        // A link that they made would bring them back.
        await query
          .deleteFrom('invitations')
          .where('createdBy', '=', `user:${id}`)
          .where('usedAt', 'is', null)
          .execute();
        await query
          .updateTable('users')
          .set({ email: null, name: 'removed', password: null, administrator: false, removedAt: now() })
          .where('id', '=', id)
          .execute();
      });
    },

    /** Projects and roles of a user, by name of the project. */
    memberships: (id: string): Promise<readonly Membership[]> =>
      db
        .selectFrom('members')
        .innerJoin('projects', 'projects.id', 'members.project')
        .select(['projects.name as project', 'members.role'])
        .where('members.userId', '=', id)
        .orderBy('projects.name')
        .execute(),
  };
};
