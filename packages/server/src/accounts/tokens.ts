/** @file Secrets that are made here: 256 random bits each, of which only the SHA-256 is kept. */
import { hash, randomBytes } from 'node:crypto';

/** What every key begins with, so that one in a repository or a log can be found. */
const keyStart = 'plt_';

/** Characters of a key that are kept, so that a person can tell keys apart: 24 of 256 bits. */
const shownCharacters = keyStart.length + 4;

/** Of 256 bits no guess is right, so that a plain digest is enough: no salt, no stretching. */
export const tokenDigest = (token: string): string => hash('sha256', token, 'hex');

/** @param random Gives that many random bytes */
export const newToken = (random: (bytes: number) => Buffer = randomBytes): string =>
  random(32).toString('base64url');

export const newKey = (
  random?: (bytes: number) => Buffer,
): { readonly key: string; readonly start: string } => {
  const key = `${keyStart}${newToken(random)}`;
  return { key, start: key.slice(0, shownCharacters) };
};
