/** @file Words and phrases with what they stand for, found in a text's words in one pass. */
import { wordsOf } from '../text-words.ts';

/** A term of a list: `strong` says what a text is about by itself, a weak one only together with another. */
interface Term<Tag> {
  readonly words: readonly string[];
  readonly tag: Tag;
  readonly strong: boolean;
}

/** Terms of one meaning, separated by commas. */
export interface Terms {
  readonly strong: string;
  readonly weak?: string;
}

export class TermIndex<Tag extends string> {
  private readonly byFirstWord = new Map<string, Term<Tag>[]>();

  constructor(lists: Readonly<Record<Tag, Terms>>) {
    for (const [tag, { strong, weak = '' }] of Object.entries(lists) as [Tag, Terms][]) {
      this.addAll(strong, tag, true);
      this.addAll(weak, tag, false);
    }
  }

  /** The tags of which a text holds a strong term or two different weak ones. */
  tagsOf(words: readonly string[]): Set<Tag> {
    const found = new Set<Tag>();
    const weak = new Map<Tag, Term<Tag>>();
    for (const [i, word] of words.entries())
      for (const term of this.byFirstWord.get(word) ?? []) {
        if (!term.words.every((one, k) => words[i + k] === one)) continue;
        const before = weak.get(term.tag);
        if (term.strong || (before !== undefined && before !== term)) found.add(term.tag);
        else weak.set(term.tag, term);
      }
    return found;
  }

  private addAll(list: string, tag: Tag, strong: boolean): void {
    for (const text of list.split(',')) {
      const words = wordsOf(text);
      const first = words[0];
      if (first === undefined) continue;
      const terms = this.byFirstWord.get(first) ?? [];
      this.byFirstWord.set(first, terms);
      terms.push({ words, tag, strong });
    }
  }
}

/** Whether most words begin with a Latin letter: word lists of four European languages say nothing of other scripts. */
export const mostlyLatin = (words: readonly string[]): boolean => {
  let latin = 0;
  for (const word of words) if (word.charCodeAt(0) < 0x250) latin++;
  return 2 * latin > words.length;
};
