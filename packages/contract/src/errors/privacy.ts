/** @file Errors of privacy: policies, the vault, the master key. */
import type { ErrorRow } from './error.ts';

export const privacyErrors = {
  'privacy.policy': {
    status: 400,
    exit: 'usage',
    message: 'The privacy policy cannot be used: {problem}.',
    cure: 'Give each entity type one of: keep, redact, replace, hash, pseudonym, encrypt, or {"mask": N}, which keeps the last N characters.',
  },
  'privacy.reveal_forbidden': {
    status: 403,
    exit: 'usage',
    message: 'The role {role} may not read originals from the vault.',
    cure: 'Ask somebody who has one of the roles: {roles}.',
  },
  'privacy.token_unknown': {
    status: 404,
    exit: 'missing',
    message: 'The vault holds nothing for this token.',
    cure: 'Check the token. Only what a policy encrypts is kept; what it redacts, replaces, hashes or gives a pseudonym cannot be read again.',
  },
  'privacy.subject_erased': {
    status: 410,
    exit: 'missing',
    message: 'The key of this person was deleted, so the original cannot be read any more.',
    cure: 'Nothing can bring it back: that is what erasing a person means.',
  },
  'privacy.vault_damaged': {
    status: 500,
    exit: 'input',
    message: 'A record of the vault is damaged or belongs to another token, person or key.',
    cure: 'Restore the vault from a backup, and find out who changed it: a record that is only moved is refused too.',
  },
  'privacy.master_key_wrong': {
    status: 409,
    exit: 'input',
    message: 'The vault was sealed with the master key {expected}, and this is {found}.',
    cure: 'Give the file of that master key.',
  },
  'privacy.master_key_missing': {
    status: 404,
    exit: 'missing',
    message: 'The master key {path} is not there.',
    cure: 'Give the path of the key that the project was made with. A new key cannot read an old vault, and gives everybody other pseudonyms.',
  },
  'privacy.master_key_exists': {
    status: 409,
    exit: 'usage',
    message: '{path} is there already and is not replaced: what was sealed with it would be lost.',
    cure: 'Use that key, or choose another path.',
  },
  'privacy.master_key_exposed': {
    status: 403,
    exit: 'input',
    message: 'Others than its owner may read the master key {path} (permissions {mode}).',
    cure: 'Run chmod 600 on it. If others had access to it, make a new key and scrub again.',
  },
  'privacy.master_key_unusable': {
    status: 422,
    exit: 'input',
    message: 'The master key {path} cannot be used: {problem}.',
    cure: 'Restore the file from a backup; it is one line that Plaudit wrote.',
  },
} as const satisfies Record<string, ErrorRow>;
