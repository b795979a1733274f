/**
 * @file How a response is laid out: counts of the marks of Markdown that please the eye whatever the words say. Paragraphs are
 * not among them: they say little that length does not.
 */

export const styleFeatures = ['list items', 'headings', 'bold', 'code blocks', 'tables'] as const;

const count = (text: string, pattern: RegExp): number => {
  let found = 0;
  for (const _ of text.matchAll(pattern)) found++;
  return found;
};

/** Each pattern looks at a bounded stretch of one line, so that no text takes more than linear time. */
const listItem = /^[ \t]{0,8}(?:[-*+•]|\d{1,3}[.)])[ \t]/gm;
const heading = /^#{1,6}[ \t]/gm;
const bold = /(?:\*\*|__)[^\s*_][^*_\n]{0,200}(?:\*\*|__)/g;
const fence = /^[ \t]{0,8}(?:```|~~~)/gm;
const tableRow = /^[ \t]{0,8}\|[^\n|]{0,200}\|/gm;

/** One number for each of `styleFeatures`. */
export const styleOf = (text: string): number[] => [
  count(text, listItem),
  count(text, heading),
  count(text, bold),
  count(text, fence) / 2,
  count(text, tableRow),
];

/**
 * How much more of each feature the first response has, from -1 to 1: the difference over the sum, 0 where neither has any.
 *
 * @see Li, Angelopoulos and Chiang 2024, "Does style matter?" (Chatbot Arena), which normalises so
 */
export const styleDifference = (first: readonly number[], second: readonly number[]): number[] =>
  first.map((x, i) => {
    const sum = x + second[i]!;
    return sum === 0 ? 0 : (x - second[i]!) / sum;
  });
