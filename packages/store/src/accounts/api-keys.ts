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

export interface FoundKey extends Pick<ApiKey, 'id' | 'name' | 'role'> {
  /** Name. */
  readonly project: string;
  /** Who answers for what it does, such as `user:ID`: who made it, or the key with which it was made. */
  readonly person: string;
}

/** Follows keys that were made with keys to whoever made the first. */
const personOf = async (db: Kysely<Tables>, maker: string): Promise<string> => {
  const key = /^key:(.*)$/.exec(maker)?.[1];
  if (key === undefined || !isUuid(key)) return maker;
  const found = await db.selectFrom('apiKeys').select('createdBy').where('id', '=', key).executeTakeFirst();
  return found ? personOf(db, found.createdBy) : maker;
};

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

  /** One that is not revoked, with the name of its project and the person who made it. */
  async find(digest: string): Promise<FoundKey | undefined> {
    const found = await db
      .selectFrom('apiKeys')
      .innerJoin('projects', 'projects.id', 'apiKeys.project')
      .select(['apiKeys.id', 'apiKeys.name', 'apiKeys.role', 'apiKeys.createdBy', 'projects.name as project'])
      .where('apiKeys.digest', '=', bytes(digest))
      .where('apiKeys.revokedAt', 'is', null)
      .executeTakeFirst();
    if (!found) return undefined;
    const { createdBy, ...key } = found;
    return { ...key, person: await personOf(db, createdBy) };
  },

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
