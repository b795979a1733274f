/** @file Rank correlations with ties: Spearman's rho, Kendall's tau-a and tau-b, and Pearson's r, which they rest on. */

/** Ranks from 1, equal numbers sharing the mean of their ranks. */
export const averageRanks = (values: readonly number[]): Float64Array => {
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let i = from; i <= to; i++) ranks[order[i]!] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
};

/** Pearson's correlation; null where one side never varies. */
export const pearson = (x: ArrayLike<number>, y: ArrayLike<number>): number | null => {
  const n = x.length;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < n; i++) {
    meanX += x[i]! / n;
    meanY += y[i]! / n;
  }
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null;
};

/** Spearman's rank correlation; null where one side never varies. @see Spearman 1904 */
export const spearman = (a: readonly number[], b: readonly number[]): number | null =>
  pearson(averageRanks(a), averageRanks(b));

export interface KendallTau {
  /** (concordant - discordant) / all pairs; null for fewer than two items. */
  readonly a: number | null;
  /** The same divided by the pairs that are not tied on either side; null where one side never varies. */
  readonly b: number | null;
}

const pairsAmong = (count: number): number => (count * (count - 1)) / 2;

/** Pairs that are tied, over runs of neighbours that are alike in a sorted order. */
const tiedPairs = (length: number, alike: (i: number, j: number) => boolean): number => {
  let tied = 0;
  for (let from = 0; from < length; ) {
    let to = from + 1;
    while (to < length && alike(from, to)) to++;
    tied += pairsAmong(to - from);
    from = to;
  }
  return tied;
};

/** Sorts the numbers in place and returns by how many exchanges of neighbours (merge sort). */
const exchanges = (values: Float64Array): number => {
  let from = values;
  let to: Float64Array = new Float64Array(values.length);
  let count = 0;
  for (let width = 1; width < values.length; width *= 2) {
    for (let low = 0; low < values.length; low += 2 * width) {
      const middle = Math.min(low + width, values.length);
      const high = Math.min(low + 2 * width, values.length);
      let left = low;
      let right = middle;
      for (let at = low; at < high; at++) {
        if (left < middle && (right >= high || from[left]! <= from[right]!)) to[at] = from[left++]!;
        else {
          count += middle - left;
          to[at] = from[right++]!;
        }
      }
    }
    [from, to] = [to, from];
  }
  values.set(from);
  return count;
};

/**
 * Kendall's rank correlations in O(n log n).
 *
 * @see Kendall 1945 for tau-b; Knight 1966 for counting discordant pairs by sorting.
 */
export const kendallTau = (a: readonly number[], b: readonly number[]): KendallTau => {
  const n = a.length;
  const all = pairsAmong(n);
  if (all === 0) return { a: null, b: null };
  const order = Uint32Array.from(a.keys()).sort((i, j) => a[i]! - a[j]! || b[i]! - b[j]!);
  const tiedA = tiedPairs(n, (i, j) => a[order[i]!] === a[order[j]!]);
  const tiedBoth = tiedPairs(n, (i, j) => a[order[i]!] === a[order[j]!] && b[order[i]!] === b[order[j]!]);
  const other = Float64Array.from(order, (i) => b[i]!);
  const discordant = exchanges(other);
  const tiedB = tiedPairs(n, (i, j) => other[i] === other[j]);
  const difference = all - tiedA - tiedB + tiedBoth - 2 * discordant;
  const varied = Math.sqrt((all - tiedA) * (all - tiedB));
  return { a: difference / all, b: varied > 0 ? difference / varied : null };
};
