/** @file Splits text into hashed words and punctuation and counts its surface in one pass over the characters. */

const SPACE = 1;
const LETTER = 2;
const DIGIT = 3;
const IDEOGRAPH = 4;
const SYMBOL = 5;

/** Class of each UTF-16 code unit; 0 until it is first met. */
const classes = new Uint8Array(65536);
/** Lower-case form of each UTF-16 code unit, filled together with its class. */
const lower = new Uint16Array(65536);

const classify = (code: number): number => {
  const character = String.fromCharCode(code);
  const small = character.toLowerCase();
  lower[code] = small.length === 1 ? small.charCodeAt(0) : code;
  let found = SYMBOL;
  if (/\s/u.test(character)) found = SPACE;
  else if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(character))
    found = IDEOGRAPH;
  else if (/[\p{L}\p{M}]/u.test(character)) found = LETTER;
  else if (/\p{N}/u.test(character)) found = DIGIT;
  classes[code] = found;
  return found;
};

export const wordToken = 0;
const numberToken = 1;
export const symbolToken = 2;

/** What one pass over a text finds. The arrays belong to the scanner and are overwritten by its next text. */
export interface ScannedText {
  /** FNV-1a of each token's lower-case UTF-16 code units, in order. */
  hashes: Uint32Array;
  /** `wordToken`, `numberToken` or `symbolToken` of each token. */
  kinds: Uint8Array;
  tokens: number;
  /** UTF-16 code units. */
  characters: number;
  words: number;
  letters: number;
  capitals: number;
  digits: number;
  sentences: number;
  questions: number;
  exclamations: number;
  commas: number;
  quotes: number;
  parentheses: number;
  colons: number;
  newlines: number;
  listItems: number;
  backticks: number;
  nonAscii: number;
  /** First and last characters that are not white space; 0 for an empty text. */
  first: number;
  last: number;
}

export const newScan = (): ScannedText => ({
  hashes: new Uint32Array(1024),
  kinds: new Uint8Array(1024),
  tokens: 0,
  characters: 0,
  words: 0,
  letters: 0,
  capitals: 0,
  digits: 0,
  sentences: 0,
  questions: 0,
  exclamations: 0,
  commas: 0,
  quotes: 0,
  parentheses: 0,
  colons: 0,
  newlines: 0,
  listItems: 0,
  backticks: 0,
  nonAscii: 0,
  first: 0,
  last: 0,
});

const fnvBasis = 0x811c9dc5;
const fnvPrime = 0x01000193;
const apostrophe = 0x27;
const curlyApostrophe = 0x2019;

const isSentenceEnd = (code: number): boolean =>
  code === 0x2e || code === 0x21 || code === 0x3f || code === 0x3002 || code === 0xff01 || code === 0xff1f;

const classOf = (code: number): number => classes[code] || classify(code);

/**
 * Scans a text (put into Unicode normal form C first). A word is a run of letters and marks with single apostrophes
 * inside (`don't`, also when written with U+2019); a number is a run of digits; Chinese, Japanese and Thai characters
 * are words by themselves; everything else that is not white space is a symbol of one character.
 *
 * @param into Reused between calls; grown as needed.
 */
export const scanText = (raw: string, into: ScannedText): ScannedText => {
  const text = raw.normalize('NFC');
  const length = text.length;
  if (into.hashes.length < length) {
    into.hashes = new Uint32Array(length * 2);
    into.kinds = new Uint8Array(length * 2);
  }
  const { hashes, kinds } = into;
  let tokens = 0;
  let words = 0;
  let letters = 0;
  let capitals = 0;
  let digits = 0;
  let sentences = 0;
  let questions = 0;
  let exclamations = 0;
  let commas = 0;
  let quotes = 0;
  let parentheses = 0;
  let colons = 0;
  let newlines = 0;
  let listItems = 0;
  let backticks = 0;
  let nonAscii = 0;
  let first = 0;
  let last = 0;
  let lineStart = true;
  let i = 0;
  while (i < length) {
    let code = text.charCodeAt(i);
    const kind = classOf(code);
    if (kind === SPACE) {
      if (code === 0x0a) {
        newlines++;
        lineStart = true;
      }
      i++;
      continue;
    }
    if (first === 0) first = code;
    last = code;
    let hash = fnvBasis;
    if (kind === LETTER) {
      for (;;) {
        const small = lower[code]!;
        if (small !== code) capitals++;
        if (code > 127) nonAscii++;
        letters++;
        hash = Math.imul(hash ^ small, fnvPrime);
        last = code;
        i++;
        if (i >= length) break;
        code = text.charCodeAt(i);
        if (classOf(code) === LETTER) continue;
        if (
          (code === apostrophe || code === curlyApostrophe) &&
          i + 1 < length &&
          classOf(text.charCodeAt(i + 1)) === LETTER
        ) {
          hash = Math.imul(hash ^ apostrophe, fnvPrime);
          i++;
          code = text.charCodeAt(i);
          continue;
        }
        break;
      }
      kinds[tokens] = wordToken;
      words++;
      lineStart = false;
    } else if (kind === DIGIT) {
      do {
        hash = Math.imul(hash ^ code, fnvPrime);
        last = code;
        digits++;
        i++;
        code = i < length ? text.charCodeAt(i) : 0;
      } while (i < length && classOf(code) === DIGIT);
      kinds[tokens] = numberToken;
      if (lineStart && (code === 0x2e || code === 0x29)) listItems++;
      lineStart = false;
    } else if (kind === IDEOGRAPH) {
      hash = Math.imul(hash ^ code, fnvPrime);
      kinds[tokens] = wordToken;
      words++;
      letters++;
      nonAscii++;
      lineStart = false;
      i++;
    } else {
      hash = Math.imul(hash ^ code, fnvPrime);
      kinds[tokens] = symbolToken;
      i++;
      if (code > 127) {
        nonAscii++;
        // An emoji or another character outside the basic plane is one token of two code units.
        if (code >= 0xd800 && code < 0xdc00 && i < length) {
          hash = Math.imul(hash ^ text.charCodeAt(i), fnvPrime);
          last = text.charCodeAt(i);
          i++;
        }
      }
      if (code === 0x3f || code === 0xff1f) questions++;
      else if (code === 0x21 || code === 0xff01) exclamations++;
      else if (code === 0x2c || code === 0xff0c) commas++;
      else if (code === 0x22 || code === 0x201c || code === 0x201d) quotes++;
      else if (code === 0x28) parentheses++;
      else if (code === 0x3a) colons++;
      else if (code === 0x60) backticks++;
      else if (lineStart && (code === 0x2d || code === 0x2a || code === 0x2022)) listItems++;
      if (isSentenceEnd(code) && (i >= length || code > 127 || classOf(text.charCodeAt(i)) === SPACE))
        sentences++;
      lineStart = false;
    }
    hashes[tokens++] = hash;
  }
  into.tokens = tokens;
  into.characters = length;
  into.words = words;
  into.letters = letters;
  into.capitals = capitals;
  into.digits = digits;
  into.sentences = sentences;
  into.questions = questions;
  into.exclamations = exclamations;
  into.commas = commas;
  into.quotes = quotes;
  into.parentheses = parentheses;
  into.colons = colons;
  into.newlines = newlines;
  into.listItems = listItems;
  into.backticks = backticks;
  into.nonAscii = nonAscii;
  into.first = first;
  into.last = last;
  return into;
};
