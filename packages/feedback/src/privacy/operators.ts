/** @file What is put in the place of an entity: the operators, and the default of each entity type. */
import { createHash } from 'node:crypto';
import { plauditError } from '@plaudit/contract';
import { entityType } from './entity-types.ts';
import { typeName } from './recogniser.ts';

/**
 * - `keep`: the entity stays, and is reported.
 * - `redact`: it is taken out.
 * - `replace`: `<TYPE>`.
 * - `{ mask: n }`: letters and digits become `*` except the last n, and never more than half of them stay.
 * - `hash`: `<TYPE_…>` with SHA-256 of the salt and the value's normal form, in hexadecimal digits.
 * - `pseudonym`: `<TYPE_…>` with 64 bits of an HMAC: one token for one value within a project.
 * - `encrypt`: the same token, and the original goes into the vault.
 */
export type Operator =
  | 'keep'
  | 'redact'
  | 'replace'
  | 'hash'
  | 'pseudonym'
  | 'encrypt'
  | { readonly mask: number };

const names: readonly unknown[] = ['keep', 'redact', 'replace', 'hash', 'pseudonym', 'encrypt'];

/** The operator of a type for which the policy says nothing: people stay apart without a name, secrets go. */
export const defaultOperator = (type: string): Operator => {
  const { nature } = entityType(type);
  return nature === 'secret' ? 'redact' : nature === 'attribute' ? 'replace' : 'pseudonym';
};

/**
 * Operators by entity type as a user writes them, checked.
 *
 * @throws PlauditError privacy.policy
 */
export const checkOperators = (operators: unknown): Readonly<Record<string, Operator>> => {
  const refuse = (problem: string): never => {
    throw plauditError('privacy.policy', { problem });
  };
  if (typeof operators !== 'object' || operators === null || Array.isArray(operators))
    return refuse('its operators are no object of entity types');
  for (const [type, operator] of Object.entries(operators) as [string, unknown][]) {
    if (!typeName.test(type)) refuse('an entity type is not written in upper-case letters and underscores');
    const mask =
      typeof operator === 'object' && operator !== null && 'mask' in operator ? operator.mask : undefined;
    const isMask = Number.isInteger(mask) && (mask as number) >= 0;
    if (!isMask && !names.includes(operator)) refuse(`${type} has no operator of that name`);
  }
  return operators as Record<string, Operator>;
};

/** Letters and digits become `*` except the last `keep`, of which at most half of all stay; other signs stay. */
export const maskValue = (value: string, keep: number): string => {
  const characters = [...value];
  const counted = characters.filter((character) => /[\p{L}\p{N}]/u.test(character)).length;
  let hidden = counted - Math.min(keep, Math.floor(counted / 2));
  return characters
    .map((character) => (/[\p{L}\p{N}]/u.test(character) && hidden-- > 0 ? '*' : character))
    .join('');
};

/** SHA-256 of the salt followed by the text, hexadecimal. */
export const saltedHash = (salt: Uint8Array, text: string): string =>
  createHash('sha256').update(salt).update(text).digest('hex');
