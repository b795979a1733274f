/** @file One-time links: into a project, to the whole installation, or back into an account whose password is lost. */
import { plauditError } from '@plaudit/contract';
import type { Kysely } from 'kysely';
import { isUuid } from '../ids.ts';
import { checkName } from '../names.ts';
import { appendAudit } from '../repositories/audit.ts';
import { bytes, type Query } from '../repositories/scope.ts';
import type { MemberRole, Tables } from '../tables.ts';
import { unknownAccount } from './users.ts';

/** What a link opens. */
export type InvitationTo =
  /** `project` is its id. */
  | { readonly project: string; readonly role: MemberRole }
  | { readonly administrator: true }
  /** Sets a new password. */
  | { readonly user: string };

export interface Invitation {
  readonly id: string;
  /** Name of the project; null for a link that is into none. */
  readonly project: string | null;
  readonly role: MemberRole | null;
  readonly administrator: boolean;
  readonly user: string | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Who takes an invitation: one who is known, or a new account. */
export type Invited =
  | { readonly user: string }
  | { readonly email: string; readonly name: string; readonly password: string };

export const invitations = (db: Kysely<Tables>, now: () => Date, newId: () => string) => {
  const open = (query: Query) =>
    query
      .selectFrom('invitations')
      .leftJoin('projects', 'projects.id', 'invitations.project')
      .select([
        'invitations.id',
        'projects.name as project',
        'invitations.project as projectId',
        'invitations.role',
        'invitations.administrator',
        'invitations.userId as user',
        'invitations.createdBy',
        'invitations.createdAt',
        'invitations.expiresAt',
      ])
      .where('invitations.usedAt', 'is', null)
      .where('invitations.expiresAt', '>', now());

  /** Takes the link, which nobody can do twice. */
  const use = async (query: Query, digest: string) => {
    const { numUpdatedRows } = await query
      .updateTable('invitations')
      .set({ usedAt: now() })
      .where('digest', '=', bytes(digest))
      .where('usedAt', 'is', null)
      .where('expiresAt', '>', now())
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) throw plauditError('account.link_unusable');
    return query
      .selectFrom('invitations')
      .selectAll()
      .where('digest', '=', bytes(digest))
      .executeTakeFirstOrThrow();
  };

  const account = async (
    query: Query,
    invited: Exclude<Invited, { user: string }>,
    administrator: boolean,
  ) => {
    const id = newId();
    const { numInsertedOrUpdatedRows } = await query
      .insertInto('users')
      .values({
        id,
        email: invited.email.trim().toLowerCase(),
        name: checkName('user', invited.name),
        password: invited.password,
        administrator,
        createdAt: now(),
      })
      .onConflict((conflict) => conflict.column('email').doNothing())
      .executeTakeFirstOrThrow();
    // The link is not used up: the transaction ends here.
    if (numInsertedOrUpdatedRows !== 1n) throw plauditError('account.taken');
    return id;
  };

  return {
    /** @param digest SHA-256 of the link's token */
    async add(digest: string, to: InvitationTo, actor: string, expiresAt: Date): Promise<string> {
      const id = newId();
      await db.transaction().execute(async (query) => {
        await query
          .insertInto('invitations')
          .values({
            id,
            digest: bytes(digest),
            project: 'project' in to ? to.project : null,
            role: 'project' in to ? to.role : null,
            administrator: 'administrator' in to,
            userId: 'user' in to ? to.user : null,
            createdBy: actor,
            createdAt: now(),
            expiresAt,
          })
          .execute();
        if ('project' in to) {
          const entry = {
            actor,
            action: 'member.invite',
            resource: `invitation:${id}`,
            details: { role: to.role },
          };
          await appendAudit(query, to.project, entry, now());
        }
      });
      return id;
    },

    /** One that can still be used. @throws PlauditError account.link_unusable */
    async find(digest: string): Promise<Invitation> {
      const found = await open(db).where('invitations.digest', '=', bytes(digest)).executeTakeFirst();
      if (!found) throw plauditError('account.link_unusable');
      const { projectId, ...invitation } = found;
      return invitation;
    },

    /** Those into a project that can still be used, the newest first. @param project Id */
    async list(project: string): Promise<readonly Invitation[]> {
      const found = await open(db)
        .where('invitations.project', '=', project)
        .orderBy('invitations.id', 'desc')
        .execute();
      return found.map(({ projectId, ...invitation }) => invitation);
    },

    /** Nobody can use it any more. @param project Id. @throws PlauditError store.unknown */
    async withdraw(project: string, id: string): Promise<void> {
      const { numDeletedRows } = await db
        .deleteFrom('invitations')
        .where('project', '=', project)
        .where('id', '=', isUuid(id) ? id : project)
        .where('usedAt', 'is', null)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw unknownAccount('invitation');
    },

    /** Links to the whole installation that nobody has used: a new one takes their place. */
    async withdrawForAdministrators(): Promise<void> {
      await db
        .deleteFrom('invitations')
        .where('administrator', '=', true)
        .where('usedAt', 'is', null)
        .execute();
    },

    /**
     * Makes the account, or takes the one that is there, and makes it what the link says, whatever it was before.
     *
     * @returns Id of the user
     * @throws PlauditError account.link_unusable, account.taken
     */
    accept: (digest: string, invited: Invited): Promise<string> =>
      db.transaction().execute(async (query) => {
        const { project, role, administrator, userId } = await use(query, digest);
        if (userId !== null) throw plauditError('account.link_unusable');
        const user = 'user' in invited ? invited.user : await account(query, invited, administrator);
        if ('user' in invited && administrator)
          await query.updateTable('users').set({ administrator }).where('id', '=', user).execute();
        if (project !== null) {
          await query
            .insertInto('members')
            .values({ project, userId: user, role: role!, createdAt: now() })
            .onConflict((conflict) => conflict.columns(['project', 'userId']).doUpdateSet({ role: role! }))
            .execute();
          const entry = {
            actor: `user:${user}`,
            action: 'member.join',
            resource: `user:${user}`,
            details: { role },
          };
          await appendAudit(query, project, entry, now());
        }
        return user;
      }),

    /** Sets the password of a link that is for that; all sessions end. @throws PlauditError account.link_unusable */
    resetPassword: (digest: string, password: string): Promise<string> =>
      db.transaction().execute(async (query) => {
        const { userId } = await use(query, digest);
        if (userId === null) throw plauditError('account.link_unusable');
        await query.updateTable('users').set({ password }).where('id', '=', userId).execute();
        await query
          .deleteFrom('invitations')
          .where('userId', '=', userId)
          .where('usedAt', 'is', null)
          .execute();
        await query.deleteFrom('sessions').where('userId', '=', userId).execute();
        return userId;
      }),
  };
};
