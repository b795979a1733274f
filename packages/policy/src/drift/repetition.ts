/** @file How much of a text has been said before in it. */

/** A letter of a script that writes no spaces, a word or number of the others, or any other single character. */
const wordPattern =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[[\p{L}\p{M}\p{N}]--[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]]+|\S/gv;

const gram = 4;

/**
 * Share of the four-grams of words that have occurred before in the text; 0 for fewer than four words. Words are told apart
 * without regard to case; punctuation counts, so that a run of it is repetition.
 *
 * @example repeatedShare('no no no no no no') // 2 of 3
 * @see Welleck et al. 2020 (arXiv 1908.04319), seq-rep-4
 */
export const repeatedShare = (text: string): number => {
  const words = text.toLowerCase().match(wordPattern) ?? [];
  const grams = words.length - gram + 1;
  if (grams <= 0) return 0;
  const different = new Set<string>();
  for (let i = 0; i < grams; i++) different.add(words.slice(i, i + gram).join(' '));
  return 1 - different.size / grams;
};
