/** @file Members of a project and their roles. Each change is in the project's audit log. */
import type { Kysely } from 'kysely';
import { isUuid } from '../ids.ts';
import { appendAudit } from '../repositories/audit.ts';
import type { Query } from '../repositories/scope.ts';
import type { MemberRole, Tables } from '../tables.ts';
import { unknownAccount } from './users.ts';

export interface Member {
  readonly user: string;
  readonly name: string;
  readonly email: string;
  readonly role: MemberRole;
  readonly createdAt: Date;
}

/** Links into the project that somebody made and nobody has used: they end with the right to make them. */
const withdrawLinksOf = async (query: Query, project: string, user: string): Promise<void> => {
  await query
    .deleteFrom('invitations')
    .where('project', '=', project)
    .where('createdBy', '=', `user:${user}`)
    .where('usedAt', 'is', null)
    .execute();
};

export const members = (db: Kysely<Tables>, now: () => Date) => ({
  /** @returns null for who is no member, and where the project is not there */
  async roleOf(user: string, project: string): Promise<MemberRole | null> {
    if (!isUuid(user)) return null;
    const found = await db
      .selectFrom('members')
      .innerJoin('projects', 'projects.id', 'members.project')
      .select('members.role')
      .where('members.userId', '=', user)
      .where('projects.name', '=', project)
      .executeTakeFirst();
    return found?.role ?? null;
  },

  /** By name. @param project Id */
  async list(project: string): Promise<readonly Member[]> {
    const found = await db
      .selectFrom('members')
      .innerJoin('users', 'users.id', 'members.userId')
      .select(['users.id as user', 'users.name', 'users.email', 'members.role', 'members.createdAt'])
      .where('members.project', '=', project)
      .orderBy('users.name')
      .orderBy('users.id')
      .execute();
    return found as readonly Member[];
  },

  /** Links that they made are withdrawn unless they stay an owner. @param project Id. @throws PlauditError store.unknown for a user who is no member */
  async change(project: string, user: string, role: MemberRole, actor: string): Promise<void> {
    await db.transaction().execute(async (query) => {
      const { numUpdatedRows } = await query
        .updateTable('members')
        .set({ role })
        .where('project', '=', project)
        .where('userId', '=', isUuid(user) ? user : project)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknownAccount('member');
      if (role !== 'owner') await withdrawLinksOf(query, project, user);
      const entry = { actor, action: 'member.change', resource: `user:${user}`, details: { role } };
      await appendAudit(query, project, entry, now());
    });
  },

  /** @param project Id. @throws PlauditError store.unknown for a user who is no member */
  async remove(project: string, user: string, actor: string): Promise<void> {
    await db.transaction().execute(async (query) => {
      const { numDeletedRows } = await query
        .deleteFrom('members')
        .where('project', '=', project)
        .where('userId', '=', isUuid(user) ? user : project)
        .executeTakeFirstOrThrow();
      if (numDeletedRows === 0n) throw unknownAccount('member');
      await withdrawLinksOf(query, project, user);
      await appendAudit(query, project, { actor, action: 'member.remove', resource: `user:${user}` }, now());
    });
  },
});
