/** @file Words around a candidate: where a recogniser's context words stand in a text, and how near the nearest is. */
import { countUpTo } from './count-up-to.ts';

/** Scripts that are written without spaces, where a word has no boundary to look for. */
const unspaced = /[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

/** Words up to this length count only whole (`tel`, `dni`); longer ones may carry an ending (`cards`, `Telefonnummer`). */
const wholeWord = 4;

const escaped = (word: string): string =>
  word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/ /g, '[\\s_-]{1,2}');
const withoutAccents = (word: string): string =>
  word.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');

/** Words that are written down as one text, with commas between them. */
export const listed = (words: string): string[] => words.trim().split(/,\s*/);

/** One pattern for all words of a list, over lower-case text; words with accents are found without them too. */
export const wordPattern = (words: readonly string[]): RegExp => {
  const all = new Set(words.flatMap((word) => [word, withoutAccents(word)]));
  const free = [...all].filter((word) => unspaced.test(word));
  const bounded = [...all].filter((word) => !unspaced.test(word));
  const short = bounded.filter((word) => word.length <= wholeWord).map(escaped);
  const long = bounded.filter((word) => word.length > wholeWord).map(escaped);
  const branches = [
    ...(short.length > 0 ? [`(?<![\\p{L}\\p{N}])(?:${short.join('|')})(?![\\p{L}\\p{N}])`] : []),
    ...(long.length > 0 ? [`(?<![\\p{L}\\p{N}])(?:${long.join('|')})`] : []),
    ...free.map(escaped),
  ];
  return new RegExp(branches.join('|'), 'gu');
};

/** Where the words of a list stand in one text, in order. */
export class WordPlaces {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  /** @param pattern Absent where there is no word to look for */
  constructor(pattern: RegExp | undefined, words: string) {
    if (pattern === undefined) return;
    for (const match of words.matchAll(pattern)) {
      this.starts.push(match.index);
      this.ends.push(match.index + match[0].length);
    }
  }

  get none(): boolean {
    return this.starts.length === 0;
  }

  /** Characters between the last word before `start` and `start`; infinite where there is none. */
  before(start: number): number {
    const index = countUpTo(this.ends, start) - 1;
    return index < 0 ? Number.POSITIVE_INFINITY : start - this.ends[index]!;
  }

  /** Characters between `end` and the first word after it; infinite where there is none. */
  after(end: number): number {
    const index = countUpTo(this.starts, end - 1);
    return index === this.starts.length ? Number.POSITIVE_INFINITY : this.starts[index]! - end;
  }
}
