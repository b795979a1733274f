/** @file k-anonymity of counts: groups of fewer than k people are not shown, nor can they be worked out from the rest. */

export interface SuppressedCounts {
  /** The counts that may be shown. */
  readonly cells: Readonly<Record<string, number>>;
  /** The groups that are not shown, in order of their names. */
  readonly suppressed: readonly string[];
  /** How many are in those groups together; absent where that would be fewer than k. */
  readonly rest?: number;
}

/**
 * Counts of people by group, without the groups of fewer than k. Where what is suppressed comes to fewer than k, or is one
 * group alone, the smallest of the others goes too: otherwise the total gives it away. Empty groups count as small.
 *
 * @param counts Whole numbers, not negative
 * @param k At least 2. Default 5, for which there is no agreed value for annotators
 * @see Sweeney 2002; Cox 1980 on complementary suppression
 * @throws RangeError for other counts or k
 */
export const suppressSmallCells = (counts: Readonly<Record<string, number>>, k = 5): SuppressedCounts => {
  if (!Number.isInteger(k) || k < 2) throw new RangeError('k has to be a whole number of at least 2');
  const sorted = Object.entries(counts).sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1));
  if (sorted.some(([, count]) => !Number.isInteger(count) || count < 0))
    throw new RangeError('a count of people has to be a whole number, not negative');
  let hidden = sorted.filter(([, count]) => count < k).length;
  const sum = (): number => sorted.slice(0, hidden).reduce((total, [, count]) => total + count, 0);
  if (hidden > 0) while (hidden < sorted.length && (hidden < 2 || sum() < k)) hidden++;
  return {
    cells: Object.fromEntries(sorted.slice(hidden)),
    suppressed: sorted
      .slice(0, hidden)
      .map(([name]) => name)
      .sort(),
    ...(sum() >= k && { rest: sum() }),
  };
};
