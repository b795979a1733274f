/** @file The dense features of a response: its length, shape and relation to the prompt, each a named number. */
import type { ScannedText } from './tokens.ts';

/** What a response shares with the prompt's last user turn. */
export interface Overlap {
  /** Distinct words of the response, and how many of them the user's turn has too. */
  readonly distinct: number;
  readonly shared: number;
  /** Distinct words of the user's turn. */
  readonly promptDistinct: number;
  /** Word bigrams that had occurred before in the same response. */
  readonly repeatedBigrams: number;
}

/** Names in the order of the columns. Stored with a model: a reader checks that it knows them all. */
export const surfaceNames = [
  'log_characters',
  'log_characters_squared',
  'log_words',
  'log_sentences',
  'log_newlines',
  'log_list_items',
  'log_questions',
  'log_exclamations',
  'log_commas',
  'log_quotes',
  'log_parentheses',
  'log_colons',
  'log_backticks',
  'word_length',
  'sentence_length',
  'capital_share',
  'digit_share',
  'non_ascii_share',
  'distinct_share',
  'repeated_share',
  'prompt_share',
  'prompt_coverage',
  'length_over_prompt',
  'starts_with_capital',
  'ends_with_question',
  'ends_unfinished',
  'empty',
] as const;

const isUnfinished = (code: number): boolean =>
  !(
    code === 0x2e ||
    code === 0x21 ||
    code === 0x3f ||
    code === 0x22 ||
    code === 0x29 ||
    code === 0x60 ||
    code === 0x201d ||
    code === 0x3002 ||
    code === 0xff01 ||
    code === 0xff1f
  );

/** Writes the raw values of `surfaceNames` into `out` from `at`. All are finite for every text. */
export const surfaceFeatures = (
  response: ScannedText,
  prompt: ScannedText,
  overlap: Overlap,
  out: Float64Array,
  at = 0,
): void => {
  const logCharacters = Math.log1p(response.characters);
  const tokens = Math.max(1, response.tokens);
  const letters = Math.max(1, response.letters);
  const filled = response.tokens > 0;
  let i = at;
  out[i++] = logCharacters;
  out[i++] = logCharacters * logCharacters;
  out[i++] = Math.log1p(response.words);
  out[i++] = Math.log1p(response.sentences);
  out[i++] = Math.log1p(response.newlines);
  out[i++] = Math.log1p(response.listItems);
  out[i++] = Math.log1p(response.questions);
  out[i++] = Math.log1p(response.exclamations);
  out[i++] = Math.log1p(response.commas);
  out[i++] = Math.log1p(response.quotes);
  out[i++] = Math.log1p(response.parentheses);
  out[i++] = Math.log1p(response.colons);
  out[i++] = Math.log1p(response.backticks);
  out[i++] = Math.min(20, response.letters / Math.max(1, response.words));
  out[i++] = Math.log1p(response.words / Math.max(1, response.sentences));
  out[i++] = response.capitals / letters;
  out[i++] = response.digits / Math.max(1, response.characters);
  out[i++] = response.nonAscii / Math.max(1, response.characters);
  out[i++] = overlap.distinct / Math.max(1, response.words);
  out[i++] = overlap.repeatedBigrams / tokens;
  out[i++] = overlap.shared / Math.max(1, overlap.distinct);
  out[i++] = overlap.shared / Math.max(1, overlap.promptDistinct);
  out[i++] = Math.log1p(response.words) - Math.log1p(prompt.words);
  out[i++] = filled && response.first >= 0x41 && response.first <= 0x5a ? 1 : 0;
  out[i++] = response.last === 0x3f || response.last === 0xff1f ? 1 : 0;
  out[i++] = filled && isUnfinished(response.last) ? 1 : 0;
  out[i++] = filled ? 0 : 1;
};
