/** @file Terms that are always found (a deny list) or never reported (an allow list). */

/** The form in which terms are compared: compatibility forms and letter case do not count, runs of white space are one. */
export const comparableTerm = (term: string): string =>
  term.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ');

const wordLike = /[\p{L}\p{N}]+/gu;

/** A list of terms that is looked up word by word, so that its length does not slow the search of a text. */
export class TermList {
  private readonly byFirstWord = new Map<string, string[]>();

  /** @throws RangeError for a term without a letter or digit, which could not be found */
  constructor(terms: readonly string[]) {
    for (const term of terms) {
      const plain = comparableTerm(term);
      const first = plain.match(wordLike)?.[0];
      if (first === undefined || !plain.startsWith(first))
        throw new RangeError('a term of a deny list has to begin with a letter or a digit');
      const known = this.byFirstWord.get(first);
      if (known) known.push(plain);
      else this.byFirstWord.set(first, [plain]);
    }
    for (const list of this.byFirstWord.values()) list.sort((a, b) => b.length - a.length);
  }

  /** Spans of the terms in a text, whole words with one space between them, the longest term at each place. */
  find(text: string): { readonly start: number; readonly end: number }[] {
    const spans = [];
    for (const { 0: word, index } of text.matchAll(wordLike)) {
      for (const term of this.byFirstWord.get(word.toLowerCase()) ?? []) {
        const end = index + term.length;
        if (
          comparableTerm(text.slice(index, end)) !== term ||
          /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
        )
          continue;
        spans.push({ start: index, end });
        break;
      }
    }
    return spans;
  }
}
