/** @file How far a distribution has moved from its reference: PSI, Kolmogorov-Smirnov, Wasserstein, Jensen-Shannon. */
import { quantile } from '@plaudit/feedback';
import { type Measured, momentsOf, requireFinite, tooFew } from './measured.ts';

/** What stands for an empty bin, so that no logarithm is infinite. */
const emptyBin = 1e-4;

/**
 * The population stability index of two lists of shares: sum (p - q) ln(p / q). By convention, and no more than that, below
 * 0.1 is stable and above 0.25 has moved.
 */
export const stabilityIndex = (reference: readonly number[], current: readonly number[]): number => {
  if (reference.length !== current.length || reference.length === 0)
    throw new RangeError(`${reference.length} bins against ${current.length}`);
  return reference.reduce((sum, share, bin) => {
    const p = Math.max(share, emptyBin);
    const q = Math.max(current[bin]!, emptyBin);
    return sum + (q - p) * Math.log(q / p);
  }, 0);
};

/** Jensen-Shannon distance to base 2, from 0 (the same) to 1 (nothing in common). @see Lin 1991 */
export const jensenShannonDistance = (a: readonly number[], b: readonly number[]): number => {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`${a.length} shares against ${b.length}`);
  const half = (of: readonly number[], other: readonly number[]): number =>
    of.reduce((sum, p, i) => (p > 0 ? sum + p * Math.log2((2 * p) / (p + other[i]!)) : sum), 0);
  return Math.sqrt(Math.min(1, Math.max(0, (half(a, b) + half(b, a)) / 2)));
};

/** The largest distance between two empirical distribution functions. @param a, b Sorted. */
const largestGap = (a: Float64Array, b: Float64Array): number => {
  let [i, j, gap] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
    gap = Math.max(gap, Math.abs(i / a.length - j / b.length));
  }
  return gap;
};

/** The area between two empirical distribution functions. @param a, b Sorted. */
const areaBetween = (a: Float64Array, b: Float64Array): number => {
  let [i, j, area] = [0, 0, 0];
  let before = Math.min(a[0]!, b[0]!);
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    area += (value - before) * Math.abs(i / a.length - j / b.length);
    before = value;
    while (i < a.length && a[i]! <= value) i++;
    while (j < b.length && b[j]! <= value) j++;
  }
  return area;
};

/** P(K > x) of Kolmogorov's distribution. */
const kolmogorovTail = (x: number): number => {
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17) break;
  }
  return Math.min(1, Math.max(0, 2 * sum));
};

/** The same with a value of PSI's bins: equal masses of the reference, its repeated values in one bin. */
const sharesIn = (edges: readonly number[], sorted: Float64Array): number[] => {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bin = 0;
  for (const value of sorted) {
    while (bin < edges.length && value > edges[bin]!) bin++;
    counts[bin]!++;
  }
  return counts.map((count) => count / sorted.length);
};

export interface NumberDrift {
  /** Population stability index over ten bins of equal mass in the reference. */
  readonly psi: number;
  /** Kolmogorov-Smirnov: the largest distance of the distribution functions, 0 to 1. */
  readonly ks: number;
  /** Asymptotic. With many observations everything differs: act on the effect sizes. */
  readonly ksPValue: number;
  /** First Wasserstein distance in standard deviations of the reference; null where the reference never varies. */
  readonly wasserstein: number | null;
  /** Difference of the means in standard deviations of the reference; null as above. */
  readonly shift: number | null;
}

export interface DriftLeast {
  /** Values that each side needs. Default 100: below, ten bins are mostly noise. */
  readonly least?: number;
}

const bins = 10;

/**
 * How far numbers have moved from a reference.
 *
 * @throws RangeError for numbers that are not finite
 */
export const numberDrift = (
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
  { least = 100 }: DriftLeast = {},
): Measured<NumberDrift> => {
  requireFinite('the reference', reference);
  requireFinite('the current window', current);
  const fewest = Math.min(reference.length, current.length);
  if (fewest < least || fewest === 0) return tooFew(fewest, least);
  const a = Float64Array.from(reference).sort();
  const b = Float64Array.from(current).sort();
  const edges = [...new Set(Array.from({ length: bins - 1 }, (_, i) => quantile(a, (i + 1) / bins)))];
  const ks = largestGap(a, b);
  const size = Math.sqrt((a.length * b.length) / (a.length + b.length));
  const from = momentsOf(a);
  const deviation = Math.sqrt(from.variance);
  return {
    enough: true,
    n: b.length,
    psi: stabilityIndex(sharesIn(edges, a), sharesIn(edges, b)),
    ks,
    ksPValue: kolmogorovTail(size * ks),
    wasserstein: deviation > 0 ? areaBetween(a, b) / deviation : null,
    shift: deviation > 0 ? (momentsOf(b).mean - from.mean) / deviation : null,
  };
};

export interface CategoryDrift {
  readonly psi: number;
  readonly jensenShannon: number;
  /** The category whose share has changed most, and by how much. */
  readonly furthest: { readonly category: string; readonly change: number };
}

/** Most categories that are told apart; the rest of the reference are one. */
const mostCategories = 50;
const otherCategories = 'other';

/** How far categories (languages, domains, models) have moved. What the reference did not have counts too. */
export const categoryDrift = (
  reference: readonly string[],
  current: readonly string[],
  { least = 100 }: DriftLeast = {},
): Measured<CategoryDrift> => {
  const fewest = Math.min(reference.length, current.length);
  if (fewest < least || fewest === 0) return tooFew(fewest, least);
  const counted = new Map<string, number>();
  for (const category of reference) counted.set(category, (counted.get(category) ?? 0) + 1);
  const kept = new Set(
    [...counted]
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, mostCategories)
      .map(([category]) => category),
  );
  const names = [...kept, otherCategories];
  const sharesOf = (categories: readonly string[]): number[] => {
    const counts = new Map<string, number>();
    for (const category of categories) {
      const name = kept.has(category) ? category : otherCategories;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return names.map((name) => (counts.get(name) ?? 0) / categories.length);
  };
  const [before, now] = [sharesOf(reference), sharesOf(current)];
  const changes = now.map((share, i) => share - before[i]!);
  const at = changes.reduce((most, change, i) => (Math.abs(change) > Math.abs(changes[most]!) ? i : most), 0);
  return {
    enough: true,
    n: current.length,
    psi: stabilityIndex(before, now),
    jensenShannon: jensenShannonDistance(before, now),
    furthest: { category: names[at]!, change: changes[at]! },
  };
};
