/** @file Texts from outside as column values: PostgreSQL holds neither every character nor a name of any length in an index. */
import { plauditError } from '@plaudit/contract';
import { sha256 } from './ids.ts';

/** Characters of a name; four bytes each still fit an entry of an index. */
const nameLimit = 200;

/**
 * What a column shows of a text that the record keeps exactly: a zero character, which PostgreSQL has no place for, and
 * half of a surrogate pair become the replacement character.
 */
export const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** The same for names that are looked up: a longer one ends with 16 digits of its SHA-256. */
export const storableName = (name: string): string =>
  name.length <= nameLimit
    ? storable(name)
    : storable(`${name.slice(0, nameLimit - 17)} ${sha256(name).slice(0, 16)}`);

/** @throws PlauditError store.bad_name for a name that a person chose and that nobody could type or read */
export const checkName = (what: string, name: string): string => {
  const problem =
    name.length === 0 || name.length > nameLimit
      ? 'and this one has another length'
      : name !== name.trim()
        ? 'and neither begins nor ends with a space'
        : // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
          /[\u0000-\u001f\u007f-\u009f]/.test(name) || !name.isWellFormed()
          ? 'and this one has another character'
          : undefined;
  if (problem !== undefined) throw plauditError('store.bad_name', { what, limit: nameLimit, problem });
  return name;
};
