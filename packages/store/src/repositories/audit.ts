/** @file The audit log: each entry holds the hash of the one before it, so that none can be changed or left out unseen. */
import { canonicalJson } from '@plaudit/contract';
import { sql } from 'kysely';
import { sha256 } from '../ids.ts';
import { storable } from '../names.ts';
import type { JsonObject, Row } from '../tables.ts';
import { bytes, own, type Query, type Scope } from './scope.ts';

export type AuditEntry = Row<'audit'>;

export interface NewAuditEntry {
  readonly actor: string;
  /** Such as `snapshot.create`. */
  readonly action: string;
  /** Kind and id of what was acted on. */
  readonly resource: string;
  /** Digests, ids and numbers only: an erasure must not break the chain. */
  readonly details?: JsonObject;
}

export type AuditVerdict =
  | { readonly intact: true; readonly entries: number; readonly last: string }
  /** The first entry whose hash is not that of its content, or that does not follow the one before it. */
  | { readonly intact: false; readonly seq: number };

/** What the first entry holds as the hash of the one before it. */
const auditStart = '0'.repeat(64);

/** SHA-256 of the canonical JSON of an entry without its hash, the time as ISO 8601 with milliseconds. */
export const auditHash = (project: string, { hash, at, ...entry }: AuditEntry): string =>
  sha256(canonicalJson({ project, at: at.toISOString(), ...entry }));

/** Adds an entry in the transaction of what it records, so that neither is there without the other. */
export const appendAudit = async (
  transaction: Query,
  project: string,
  entry: NewAuditEntry,
  at: Date,
): Promise<AuditEntry> => {
  // Entries of a project are added one after the other.
  await sql`select pg_advisory_xact_lock(7528303, hashtext(${project}::text))`.execute(transaction);
  const last = await transaction
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .where('project', '=', project)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const unhashed = {
    seq: (last?.seq ?? 0) + 1,
    at,
    actor: storable(entry.actor),
    action: storable(entry.action),
    resource: storable(entry.resource),
    // As it will be read: a date is a text then, and what is undefined is not there.
    details: JSON.parse(JSON.stringify(entry.details ?? {})) as JsonObject,
    previous: last?.hash ?? auditStart,
  };
  const hash = auditHash(project, { ...unhashed, hash: '' });
  await transaction
    .insertInto('audit')
    .values({
      ...unhashed,
      project,
      details: JSON.stringify(unhashed.details),
      previous: bytes(unhashed.previous),
      hash: bytes(hash),
    })
    .execute();
  return { ...unhashed, hash };
};

const entriesAtOnce = 1000;

export const audit = (scope: Scope) => {
  const { db, project, now } = scope;

  const entries = async (after = 0, limit = 100): Promise<readonly AuditEntry[]> => {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .where('project', '=', project.id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map(own);
  };

  return {
    append: (entry: NewAuditEntry): Promise<AuditEntry> =>
      db.transaction().execute((transaction) => appendAudit(transaction, project.id, entry, now())),

    /** The oldest first. */
    entries,

    /**
     * The newest first.
     *
     * @param before Only those with a smaller number
     * @param holding Only those whose actor, action or resource holds this text
     */
    async newest(limit = 100, before?: number, holding?: string): Promise<readonly AuditEntry[]> {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('project', '=', project.id)
        .$if(before !== undefined, (query) => query.where('seq', '<', before!))
        .$if(holding !== undefined, (query) =>
          query.where(
            sql<boolean>`position(${storable(holding!)} in actor || ' ' || action || ' ' || resource) > 0`,
          ),
        )
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute();
      return rows.map(own);
    },

    /**
     * Goes through the whole chain. That the last entries were not cut off shows only against a `last` that was kept
     * elsewhere.
     */
    async verify(): Promise<AuditVerdict> {
      let previous = auditStart;
      let seq = 0;
      for (let more = true; more; ) {
        const page = await entries(seq, entriesAtOnce);
        for (const entry of page) {
          if (
            entry.seq !== seq + 1 ||
            entry.previous !== previous ||
            entry.hash !== auditHash(project.id, entry)
          )
            return { intact: false, seq: seq + 1 };
          previous = entry.hash;
          seq = entry.seq;
        }
        more = page.length === entriesAtOnce;
      }
      return { intact: true, entries: seq, last: previous };
    },
  };
};
