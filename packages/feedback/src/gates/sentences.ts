/** @file Numbers and lists as a person reads them, for the sentences of gates. */

export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** Percent with as many digits as a small share needs to be told from none. */
export const finePercent = (share: number): string =>
  share > 0 && share < 0.0005 ? 'below 0.1 %' : percent(share);

export const between = ([low, high]: readonly [number, number]): string =>
  `${percent(low)} to ${percent(high)}`;

export const counted = (count: number): string => count.toLocaleString('en');

/** @example plural(2, 'row') // '2 rows' */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${counted(count)} ${count === 1 ? one : many}`;

const longestName = 60;

/** A name from the data, as long as fits into a sentence or a picture. */
export const shortName = (name: string): string => {
  const line = name.replace(/\s+/g, ' ').trim();
  return line.length <= longestName ? line : `${line.slice(0, longestName - 1).trimEnd()}…`;
};

/** @example listed(['a', 'b', 'c']) // 'a, b and c' */
export const listed = (items: readonly string[]): string =>
  items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
