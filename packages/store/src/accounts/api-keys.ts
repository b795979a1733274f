/** @file Keys of programs: each belongs to one project with one role, and can be revoked. Each change is in the audit log. */
import type { Kysely } from 'kysely';
import { isUuid } from '../ids.ts';
import { checkName } from '../names.ts';
import { appendAudit } from '../repositories/audit.ts';
import { bytes } from '../repositories/scope.ts';
import type { MemberRole, Tables } from '../tables.ts';
import { unknownAccount } from './users.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  /** Its first characters. */
  readonly start: string;
  readonly role: MemberRole;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly name: string;
  /** SHA-256 of the key. */
  readonly digest: string;
  readonly start: string;
  readonly role: MemberRole;
}

export const apiKeys = (db: Kysely<Tables>, now: () => Date, newId: () => string) => ({
  /** @param project Id. @throws PlauditError store.bad_name */
  async add(project: string, { name, digest, start, role }: NewApiKey, actor: string): Promise<ApiKey> {
    const id = newId();
    const kept = { id, name: checkName('key', name), start, role, createdBy: actor, createdAt: now() };
    await db.transaction().execute(async (query) => {
      await query
        .insertInto('apiKeys')
        .values({ ...kept, project, digest: bytes(digest) })
        .execute();
      const entry = { actor, action: 'key.add', resource: `key:${id}`, details: { role } };
      await appendAudit(query, project, entry, now());
    });
    return { ...kept, revokedAt: null };
  },

  /** The newest first, revoked ones too. @param project Id */
  list: (project: string): Promise<readonly ApiKey[]> =>
    db
      .selectFrom('apiKeys')
      .select(['id', 'name', 'start', 'role', 'createdBy', 'createdAt', 'revokedAt'])
      .where('project', '=', project)
      .orderBy('id', 'desc')
      .execute(),

  /** One that is not revoked, with the name of its project. */
  find: async (
    digest: string,
  ): Promise<(Pick<ApiKey, 'id' | 'name' | 'role'> & { readonly project: string }) | undefined> =>
    db
      .selectFrom('apiKeys')
      .innerJoin('projects', 'projects.id', 'apiKeys.project')
      .select(['apiKeys.id', 'apiKeys.name', 'apiKeys.role', 'projects.name as project'])
      .where('apiKeys.digest', '=', bytes(digest))
      .where('apiKeys.revokedAt', 'is', null)
      .executeTakeFirst(),

  /** @param project Id. @throws PlauditError store.unknown for one that is not there or revoked already */
  async revoke(project: string, id: string, actor: string): Promise<void> {
    await db.transaction().execute(async (query) => {
      const { numUpdatedRows } = await query
        .updateTable('apiKeys')
        .set({ revokedAt: now() })
        .where('project', '=', project)
        .where('id', '=', isUuid(id) ? id : project)
        .where('revokedAt', 'is', null)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw unknownAccount('key');
      await appendAudit(query, project, { actor, action: 'key.revoke', resource: `key:${id}` }, now());
    });
  },
});
