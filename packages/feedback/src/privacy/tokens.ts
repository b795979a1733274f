/** @file Tokens that stand where an entity was, and how they are told from other text. */
import { createHmac, hkdfSync } from 'node:crypto';

/**
 * `<EMAIL>`, `<EMAIL_7f3a9c0d12ab34cd>` (pseudonym, vault) and `<EMAIL_ + 64 digits>` (hash). A pseudonym's digits hold a
 * letter, so that sixteen digits of a card in the shape of a token are still read as a card.
 */
const tokenPattern =
  /<[A-Z]{2,24}(?:_[A-Z]{2,24}){0,4}(?:_(?:[0-9a-f]{64}|(?=\d{0,15}[a-f])[0-9a-f]{16}))?>/g;

/** Stands for each character of a token while a text is scanned: no pattern takes it and every one stops at it. */
const fence = '\u007f';

/** The text with every token replaced by as many characters that no recogniser looks at. */
export const fenceTokens = (text: string): string =>
  text.includes('<') ? text.replace(tokenPattern, (token) => fence.repeat(token.length)) : text;

/** Whether the text is one token and nothing else. */
export const isToken = (text: string): boolean => fenceTokens(text) === fence.repeat(text.length);

/** The name of a person's identifier within a project: `EMAIL_7f3a9c0d12ab34cd`. */
export type SubjectId = string;

/** The token of a subject, and back. */
export const tokenOf = (subject: SubjectId): string => `<${subject}>`;

/**
 * The key of a project's pseudonyms, 32 bytes, derived from the master key: nobody can join people across projects, and
 * only one secret has to be kept. HKDF with SHA-256 (RFC 5869).
 */
export const projectKey = (masterKey: Uint8Array, project: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', masterKey, project, 'plaudit pseudonyms', 32));

/**
 * The same person's same identifier always gives the same id within a project; without the key nobody can tell which
 * value it stands for, nor try values out.
 *
 * @param value Already in its normal form (`Detector.normalise`)
 * @returns The type and 64 bits of HMAC-SHA256(key, type|value): among ten million values two share an id with probability 3e-6
 */
export const subjectId = (key: Uint8Array, type: string, value: string): SubjectId => {
  for (let attempt = 0; ; attempt++) {
    const message = attempt === 0 ? `${type}|${value}` : `${type}|${value}|${attempt}`;
    const digits = createHmac('sha256', key).update(message).digest('hex').slice(0, 16);
    if (/[a-f]/.test(digits)) return `${type}_${digits}`;
  }
};
