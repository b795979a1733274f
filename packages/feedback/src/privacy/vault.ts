/** @file The vault: originals under AES-256-GCM, one key for each person, wrapped by the master key. Deleting a key erases. */
import { createCipheriv, createDecipheriv, randomBytes as systemRandomBytes } from 'node:crypto';
import { canonicalJson, plauditError } from '@plaudit/contract';
import type { MasterKey, RandomBytes } from './master-key.ts';
import { type SubjectId, tokenOf } from './tokens.ts';

/** An encrypted text: Base64 of its bytes, of the 96-bit nonce and of the 128-bit tag. */
interface Sealed {
  readonly ciphertext: string;
  readonly iv: string;
  readonly tag: string;
}

/** A person's data key as it is stored. A person may have several, where two imports made one each at the same time. */
export interface SubjectKey extends Sealed {
  readonly keyId: string;
  readonly subject: SubjectId;
  /** The master key that it is wrapped with. */
  readonly masterKeyId: string;
}

/** An original as it is stored: as it was first written. */
export interface VaultEntry extends Sealed {
  readonly token: string;
  readonly type: string;
  readonly subject: SubjectId;
  readonly keyId: string;
}

const seal = (key: Uint8Array, plain: Uint8Array, bound: unknown, randomBytes: RandomBytes): Sealed => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.from(canonicalJson(bound)));
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
  return {
    ciphertext,
    iv: Buffer.from(iv).toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  };
};

const unseal = (key: Uint8Array, { ciphertext, iv, tag }: Sealed, bound: unknown): Buffer => {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(canonicalJson(bound)));
    decipher.setAuthTag(Buffer.from(tag, 'base64'));
    return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64')), decipher.final()]);
  } catch (error) {
    throw plauditError('privacy.vault_damaged', {}, error);
  }
};

/** What a wrapped key is bound to: moved to another person's record it does not open. */
const boundKey = ({ keyId, subject }: Pick<SubjectKey, 'keyId' | 'subject'>): unknown => ({ keyId, subject });
const boundEntry = ({ token, type, subject }: Pick<VaultEntry, 'token' | 'type' | 'subject'>): unknown => ({
  token,
  type,
  subject,
});

const unwrap = (masterKey: MasterKey, record: SubjectKey): Buffer => {
  if (record.masterKeyId !== masterKey.id)
    throw plauditError('privacy.master_key_wrong', { expected: record.masterKeyId, found: masterKey.id });
  return unseal(masterKey.key, record, boundKey(record));
};

/** The keys of the people met during an import: those that are stored already, and new ones for the others. */
export class Keyring {
  private readonly masterKey: MasterKey;
  private readonly randomBytes: RandomBytes;
  private readonly keys = new Map<SubjectId, { readonly keyId: string; readonly key: Uint8Array }>();

  /** @param known Records of the store; a person without one gets a new key */
  constructor(
    masterKey: MasterKey,
    known: Iterable<SubjectKey> = [],
    randomBytes: RandomBytes = systemRandomBytes,
  ) {
    this.masterKey = masterKey;
    this.randomBytes = randomBytes;
    for (const record of known)
      this.keys.set(record.subject, { keyId: record.keyId, key: unwrap(masterKey, record) });
  }

  /** Encrypts an original; `made` is the record of a key that had to be made for it, to be stored with the entry. */
  seal(subject: SubjectId, type: string, original: string): { entry: VaultEntry; made?: SubjectKey } {
    const known = this.keys.get(subject);
    const made = known ? undefined : this.make(subject);
    const { keyId, key } = known ?? this.keys.get(subject)!;
    const bound = { token: tokenOf(subject), type, subject };
    const sealed = seal(key, Buffer.from(original), boundEntry(bound), this.randomBytes);
    return { entry: { ...bound, keyId, ...sealed }, ...(made && { made }) };
  }

  /** Forgets a person, so that an import that goes on during an erasure does not use the old key. */
  forget(subject: SubjectId): void {
    this.keys.delete(subject);
  }

  private make(subject: SubjectId): SubjectKey {
    const key = this.randomBytes(32);
    const keyId = Buffer.from(this.randomBytes(16)).toString('hex');
    this.keys.set(subject, { keyId, key });
    const sealed = seal(this.masterKey.key, key, boundKey({ keyId, subject }), this.randomBytes);
    return { keyId, subject, masterKeyId: this.masterKey.id, ...sealed };
  }
}

/** Where originals can be read: the records wherever they are kept, and who may. */
export interface Vault {
  readonly masterKey: MasterKey;
  /** Roles that may read originals. */
  readonly roles: readonly string[];
  readonly entry: (token: string) => VaultEntry | undefined | Promise<VaultEntry | undefined>;
  readonly key: (keyId: string) => SubjectKey | undefined | Promise<SubjectKey | undefined>;
}

/**
 * The original that a token stands for. Whoever calls this for somebody has to write down that it did.
 *
 * @throws PlauditError privacy.reveal_forbidden before anything is read, privacy.token_unknown, privacy.subject_erased,
 *   privacy.master_key_wrong, privacy.vault_damaged
 */
export const reveal = async (token: string, vault: Vault, role: string): Promise<string> => {
  if (!vault.roles.includes(role))
    throw plauditError('privacy.reveal_forbidden', { role, roles: vault.roles.join(', ') });
  const entry = await vault.entry(token);
  if (entry === undefined) throw plauditError('privacy.token_unknown');
  const record = await vault.key(entry.keyId);
  if (record === undefined) throw plauditError('privacy.subject_erased');
  if (entry.token !== token || record.keyId !== entry.keyId || record.subject !== entry.subject)
    throw plauditError('privacy.vault_damaged');
  return unseal(unwrap(vault.masterKey, record), entry, boundEntry(entry)).toString('utf8');
};
