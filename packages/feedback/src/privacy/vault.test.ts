import { describe, expect, it } from 'vitest';
import { createMasterKey } from './master-key.ts';
import { Keyring, reveal, type SubjectKey, type Vault, type VaultEntry } from './vault.ts';

const masterKey = createMasterKey();
const subject = 'EMAIL_7f3a9c0d12ab34cd';
const token = `<${subject}>`;

const sealed = (original = 'alice@example.org'): { entry: VaultEntry; made: SubjectKey } => {
  const { entry, made } = new Keyring(masterKey).seal(subject, 'EMAIL', original);
  return { entry, made: made! };
};

const vaultOf = (entry?: VaultEntry, key?: SubjectKey, master = masterKey): Vault => ({
  masterKey: master,
  roles: ['privacy-officer'],
  entry: (asked) => (asked === token ? entry : undefined),
  key: async () => key,
});

const refusal = (code: string) => expect.objectContaining({ code });

describe('the vault', () => {
  it('gives an original back to a role that may read it, and to no other, and the refusal shows nothing', async () => {
    const { entry, made } = sealed();
    expect(await reveal(token, vaultOf(entry, made), 'privacy-officer')).toBe('alice@example.org');
    await expect(reveal(token, vaultOf(entry, made), 'annotator')).rejects.toEqual(
      refusal('privacy.reveal_forbidden'),
    );
    await expect(reveal(token, vaultOf(), 'annotator')).rejects.toEqual(refusal('privacy.reveal_forbidden'));
  });

  it('keeps any text, to the last surrogate', async () => {
    const { entry, made } = sealed('Zoë 𝒜 \u0000 東京');
    expect(await reveal(token, vaultOf(entry, made), 'privacy-officer')).toBe('Zoë 𝒜 \u0000 東京');
  });

  it('cannot read an original whose key was deleted', async () => {
    const { entry } = sealed();
    await expect(reveal(token, vaultOf(entry), 'privacy-officer')).rejects.toEqual(
      refusal('privacy.subject_erased'),
    );
  });

  it('does not know a token under which nothing was put', async () => {
    const { made } = sealed();
    await expect(reveal(token, vaultOf(undefined, made), 'privacy-officer')).rejects.toEqual(
      refusal('privacy.token_unknown'),
    );
  });

  it('names the other master key', async () => {
    const { entry, made } = sealed();
    await expect(reveal(token, vaultOf(entry, made, createMasterKey()), 'privacy-officer')).rejects.toEqual(
      refusal('privacy.master_key_wrong'),
    );
  });

  it.each<[string, (entry: VaultEntry, key: SubjectKey) => [VaultEntry, SubjectKey]]>([
    [
      'a changed ciphertext',
      (entry, key) => [{ ...entry, ciphertext: `${entry.ciphertext.slice(0, -4)}AAA=` }, key],
    ],
    ['a changed type', (entry, key) => [{ ...entry, type: 'PHONE' }, key]],
    ['a shortened tag', (entry, key) => [{ ...entry, tag: entry.tag.slice(0, 8) }, key]],
    ['an entry of another person', (entry, key) => [{ ...entry, subject: 'EMAIL_0000000000000000' }, key]],
    ['a key of another person', (entry, key) => [entry, { ...key, subject: 'EMAIL_0000000000000000' }]],
    [
      'both moved to another person',
      (entry, key) => [
        { ...entry, subject: 'X' },
        { ...key, subject: 'X' },
      ],
    ],
    ['an entry under another token', (entry, key) => [{ ...entry, token: '<EMAIL_0000000000000000>' }, key]],
  ])('refuses %s', async (_, change) => {
    const { entry, made } = sealed();
    await expect(reveal(token, vaultOf(...change(entry, made)), 'privacy-officer')).rejects.toEqual(
      refusal('privacy.vault_damaged'),
    );
  });

  it('holds no original, no key and no two equal nonces', () => {
    const keyring = new Keyring(masterKey);
    const first = keyring.seal(subject, 'EMAIL', 'alice@example.org');
    const second = keyring.seal(subject, 'EMAIL', 'alice@example.org');
    const text = JSON.stringify([first, second]);
    expect(text).not.toContain('alice');
    expect(text).not.toContain(Buffer.from(masterKey.key).toString('base64'));
    expect(first.entry.iv).not.toBe(second.entry.iv);
    expect(second.made).toBeUndefined();
  });

  it('goes on with the keys of the store, and makes another after a person is forgotten', () => {
    const { made } = sealed();
    const keyring = new Keyring(masterKey, [made]);
    expect(keyring.seal(subject, 'EMAIL', 'a').entry.keyId).toBe(made.keyId);
    keyring.forget(subject);
    expect(keyring.seal(subject, 'EMAIL', 'a').made?.keyId).not.toBe(made.keyId);
  });
});
