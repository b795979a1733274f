/** @file Ids made from content: same value, same id on any machine. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '@plaudit/contract';

export { canonicalJson } from '@plaudit/contract';

/** The first 16 hexadecimal digits of the SHA-256 of a value's canonical JSON. */
export const contentId = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
