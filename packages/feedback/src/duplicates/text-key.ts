/** @file One number for a text, so that texts can be told apart without being kept. */
import { hash } from 'node:crypto';

/** Hexadecimal digits that a double holds exactly: 52 bits. */
const digits = 13;

/**
 * The first 52 bits of a text's SHA-256. No row can be written to share another's key, and by chance two of a million
 * different texts do with probability 1e-4.
 */
export const textKey = (text: string): number =>
  Number.parseInt(hash('sha256', text, 'hex').slice(0, digits), 16);
