/** @file The vault: originals behind pseudonyms, encrypted with keys of their people; with the keys go the people. */
import type { PoolClient } from 'pg';
import { beforeErasures } from './erasure-lock.ts';
import { inTransaction, type Scope } from './scope.ts';

/** Base64 of an AES-256-GCM ciphertext, of its nonce and of its tag. */
interface Sealed {
  readonly ciphertext: string;
  readonly iv: string;
  readonly tag: string;
}

/** A person's data key, itself encrypted with a master key that is kept elsewhere. */
export interface SubjectKey extends Sealed {
  readonly keyId: string;
  readonly subject: string;
  readonly masterKeyId: string;
}

/** An original under its person's key. */
export interface VaultEntry extends Sealed {
  /** The pseudonym that stands in the texts. */
  readonly token: string;
  readonly type: string;
  readonly subject: string;
  readonly keyId: string;
}

export interface VaultRecords {
  readonly keys: readonly SubjectKey[];
  readonly entries: readonly VaultEntry[];
}

/**
 * Keeps keys and originals; what is there stays as it was first written. Of a person who has been erased nothing is kept:
 * no new key, and no original whose key has been shredded meanwhile.
 */
export const writeVault = async (
  client: PoolClient,
  project: string,
  { keys, entries }: VaultRecords,
  createdAt: Date,
): Promise<void> => {
  const columns = (records: readonly object[], names: readonly string[]): unknown[] => [
    project,
    createdAt,
    ...names.map((name) => records.map((record) => (record as Record<string, unknown>)[name])),
  ];
  if (keys.length > 0)
    await client.query(
      `insert into vault_keys (project, created_at, key_id, subject, master_key_id, ciphertext, iv, tag)
       select $1::uuid, $2::timestamptz, new.*
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) as new (key_id, subject)
       where not exists (
         select from erasures where project = $1 and sha256(convert_to(new.subject, 'UTF8')) = any(subject_digests)
       )
       on conflict do nothing`,
      columns(keys, ['keyId', 'subject', 'masterKeyId', 'ciphertext', 'iv', 'tag']),
    );
  if (entries.length > 0)
    await client.query(
      `insert into vault (project, created_at, key_id, token, type, subject, ciphertext, iv, tag)
       select $1::uuid, $2::timestamptz, new.*
       from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[]) as new (key_id)
         join vault_keys using (key_id) where vault_keys.project = $1
       on conflict do nothing`,
      columns(entries, ['keyId', 'token', 'type', 'subject', 'ciphertext', 'iv', 'tag']),
    );
};

const keyOf = ({ keyId, subject, masterKeyId, ciphertext, iv, tag }: SubjectKey): SubjectKey => ({
  ...{ keyId, subject, masterKeyId },
  ...{ ciphertext, iv, tag },
});
const entryOf = ({ token, type, subject, keyId, ciphertext, iv, tag }: VaultEntry): VaultEntry => ({
  ...{ token, type, subject, keyId },
  ...{ ciphertext, iv, tag },
});

export const vault = (scope: Scope) => {
  const { db, project, now } = scope;
  return {
    /** See `writeVault`. An import writes what it brings with its rows, in one transaction. */
    add: (records: VaultRecords): Promise<void> =>
      inTransaction(scope, async (client) => {
        await client.query(beforeErasures, [project.id]);
        await writeVault(client, project.id, records, now());
      }),

    /** The keys of people, for an import that is to go on with them. */
    async keysOf(subjects: readonly string[]): Promise<readonly SubjectKey[]> {
      const rows = await db
        .selectFrom('vaultKeys')
        .selectAll()
        .where('project', '=', project.id)
        .where(({ eb, val, fn }) => eb('subject', '=', fn.any(val(subjects))))
        .orderBy('keyId')
        .execute();
      return rows.map((row) => keyOf(row));
    },

    /** Undefined where it has been shredded. */
    async key(keyId: string): Promise<SubjectKey | undefined> {
      const found = await db
        .selectFrom('vaultKeys')
        .selectAll()
        .where('project', '=', project.id)
        .where('keyId', '=', keyId)
        .executeTakeFirst();
      return found && keyOf(found);
    },

    /** The original behind a token, still encrypted; undefined where there is none, or it has been erased. */
    async entry(token: string): Promise<VaultEntry | undefined> {
      const found = await db
        .selectFrom('vault')
        .selectAll()
        .where('project', '=', project.id)
        .where('token', '=', token)
        .executeTakeFirst();
      return found && entryOf(found);
    },
  };
};
