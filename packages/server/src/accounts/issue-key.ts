/** @file A new key of a project, as a person makes one or a program of this machine that owns the store. */
import type { Accounts, ApiKey } from '@plaudit/store';
import type { Role } from '../http/roles.ts';
import { newKey, tokenDigest } from './tokens.ts';

/**
 * @param project Id
 * @param actor Who makes it; goes into the audit log
 * @returns The key on record and its secret, which is nowhere else
 * @throws PlauditError store.bad_name
 */
export const issueKey = async (
  accounts: Accounts,
  project: string,
  wanted: { readonly name: string; readonly role: Role },
  actor: string,
): Promise<ApiKey & { readonly key: string }> => {
  const { key, start } = newKey();
  return {
    ...(await accounts.keys.add(project, { ...wanted, digest: tokenDigest(key), start }, actor)),
    key,
  };
};
