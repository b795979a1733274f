/** @file A text as recognisers read it: tokens fenced off, look-alike characters made plain, every offset kept. */
import { fenceTokens } from './tokens.ts';

/** What recognisers know of a text before they search it. */
export interface TextFacts {
  /** The text to search: as long as the original, character for character. */
  readonly plain: string;
  /** Most digits in one number, with up to three separators between two digits. */
  readonly digits: number;
  /** Whether a text of ASCII characters is in it. */
  readonly holds: (part: string) => boolean;
  /** The lower-case form of what goes before the text and of the text itself, where words of the context are looked up. */
  readonly words: string;
  /** Where the text begins in `words`. */
  readonly wordsStart: number;
}

/** How much of what goes before a text counts as its context, in characters. */
const leadLength = 64;
/** Longer than any token, so that cutting cannot leave a part of one that reads as a word. */
const leadMargin = 192;

/** @param before What was said before, such as the question that the text answers */
export const readText = (text: string, before = ''): TextFacts => {
  const plain = plainForm(text);
  const { digits, seen } = survey(plain);
  const lead =
    before === '' ? '' : `${plainForm(before.slice(-leadLength - leadMargin)).slice(-leadLength)}\n`;
  let words: string | undefined;
  return {
    plain,
    digits,
    holds: (part) => {
      for (let i = 0; i < part.length; i++) if (seen[part.charCodeAt(i)] === 0) return false;
      return plain.includes(part);
    },
    get words() {
      words ??= lowerCase(lead + plain);
      return words;
    },
    wordsStart: lead.length,
  };
};

/** Digits of other scripts by the code of their zero: Arabic, Persian, Devanagari, Thai, full width. */
const zeros = [0x0660, 0x06f0, 0x0966, 0x0e50, 0xff10];
const lookAlikes =
  /[\u00a0\u00ad\u2000-\u200d\u2010-\u2015\u202f\u2060\u2212\ufe63\ufeff\uff0b\uff0d\uff0e\uff1a\uff20\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u0e50-\u0e59\uff10-\uff19]/g;

/**
 * Non-breaking spaces and hyphens, full-width signs and digits of other scripts become the plain characters that people
 * mean by them: language models write telephone numbers with U+2011. One code unit stays one code unit.
 */
const plainForm = (text: string): string => {
  const fenced = fenceTokens(text);
  return /[^\0-\x9f]/.test(fenced) ? fenced.replace(lookAlikes, plainCharacter) : fenced;
};

const plainCharacter = (character: string): string => {
  const code = character.charCodeAt(0);
  const zero = zeros.find((start) => code >= start && code < start + 10);
  if (zero !== undefined) return String(code - zero);
  if (code === 0xff0b) return '+';
  if (code === 0xff0e) return '.';
  if (code === 0xff1a) return ':';
  if (code === 0xff20) return '@';
  if ((code >= 0x2010 && code <= 0x2015) || code === 0x2212 || code === 0xfe63 || code === 0xff0d) return '-';
  return ' ';
};

/** Lower case without a change of length: of all characters only the dotted capital I of Turkish becomes two. */
const lowerCase = (text: string): string => text.replaceAll('\u0130', 'I').toLowerCase();

/** One look at every character: which of ASCII's there are, and how long the longest number is. */
const survey = (text: string): { readonly digits: number; readonly seen: Uint8Array } => {
  const seen = new Uint8Array(128);
  let most = 0;
  let run = 0;
  let gap = 4;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 128) seen[code] = 1;
    if (code >= 48 && code <= 57) {
      run = gap <= 3 ? run + 1 : 1;
      gap = 0;
      if (run > most) most = run;
    } else if (gap < 4) {
      const isSeparator = code === 32 || (code >= 45 && code <= 47) || code === 40 || code === 41;
      gap = isSeparator ? gap + 1 : 4;
    }
  }
  return { digits: most, seen };
};
