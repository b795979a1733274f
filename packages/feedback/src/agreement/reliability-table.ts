/** @file Judgements as a table of units by annotators with holes in it, held as plain arrays. */
import { plauditError } from '@plaudit/contract';
import type { AnnotatorValue } from './annotator-value.ts';

export type Category = string | number;

/**
 * The votes on unit u are those from `starts[u]` up to `starts[u + 1]`; within a unit those of one annotator are
 * neighbours. Units and annotators are numbered by first appearance.
 */
export interface ReliabilityTable {
  readonly units: readonly string[];
  readonly annotators: readonly string[];
  /** Numbers in ascending order, then texts: in the given order, or by code unit. */
  readonly categories: readonly Category[];
  readonly starts: Int32Array;
  readonly annotator: Int32Array;
  readonly category: Int32Array;
  /** An annotator who judged a unit k times has k votes of weight 1/k, so that repeating oneself is no agreement. */
  readonly weight: Float64Array;
  /** The cluster of each unit. */
  readonly cluster: Int32Array;
  readonly clusters: number;
  /** Votes beyond an annotator's first on a unit. */
  readonly repeats: number;
}

/** Numbers things by first appearance. */
export class Numbering<Key> {
  private readonly numbers = new Map<Key, number>();
  readonly keys: Key[] = [];

  of(key: Key): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.numbers.set(key, this.keys.length);
    return this.keys.push(key) - 1;
  }
}

/**
 * @param order All texts that may occur, least first; without it they are sorted.
 * @throws data.bad_option for a value that `order` lacks
 * @throws RangeError for a number that is not finite
 */
export const reliabilityTable = (
  values: readonly AnnotatorValue[],
  order?: readonly string[],
): ReliabilityTable => {
  const units = new Numbering<string>();
  const annotators = new Numbering<string>();
  const found = new Numbering<Category>();
  const clusterNumbers = new Numbering<string>();
  const unitOf = new Int32Array(values.length);
  const annotatorOf = new Int32Array(values.length);
  const categoryOf = new Int32Array(values.length);
  const clusterOf: number[] = [];
  values.forEach(({ unit, annotator, value, cluster }, i) => {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('a value is not finite');
    unitOf[i] = units.of(unit);
    annotatorOf[i] = annotators.of(annotator);
    categoryOf[i] = found.of(value);
    // The two letters keep a cluster apart from a unit that happens to have its name.
    clusterOf[unitOf[i]!] ??= clusterNumbers.of(cluster === undefined ? `u ${unit}` : `c ${cluster}`);
  });
  const categories = inOrder(found.keys, order);
  const places = new Map(categories.map((category, place) => [category, place]));
  const placeOf = found.keys.map((category) => places.get(category)!);

  const starts = new Int32Array(units.keys.length + 1);
  for (const unit of unitOf) starts[unit + 1]!++;
  for (let u = 0; u < units.keys.length; u++) starts[u + 1]! += starts[u]!;
  const next = starts.slice();
  const votes = new Int32Array(values.length);
  unitOf.forEach((unit, i) => {
    votes[next[unit]!++] = i;
  });
  for (let u = 0; u < units.keys.length; u++)
    votes.subarray(starts[u]!, starts[u + 1]!).sort((i, j) => annotatorOf[i]! - annotatorOf[j]! || i - j);
  const annotator = votes.map((i) => annotatorOf[i]!);
  const weight = new Float64Array(votes.length);
  let repeats = 0;
  for (let u = 0; u < units.keys.length; u++)
    forEachAnnotator({ starts, annotator }, u, (from, to) => {
      weight.fill(1 / (to - from), from, to);
      repeats += to - from - 1;
    });
  return {
    units: units.keys,
    annotators: annotators.keys,
    categories,
    starts,
    annotator,
    category: votes.map((i) => placeOf[categoryOf[i]!]!),
    weight,
    cluster: Int32Array.from(clusterOf),
    clusters: clusterNumbers.keys.length,
    repeats,
  };
};

/** Visits the votes of a unit annotator by annotator. */
export const forEachAnnotator = (
  { starts, annotator }: Pick<ReliabilityTable, 'starts' | 'annotator'>,
  unit: number,
  visit: (from: number, to: number) => void,
): void => {
  const end = starts[unit + 1]!;
  for (let from = starts[unit]!; from < end; ) {
    let to = from + 1;
    while (to < end && annotator[to] === annotator[from]) to++;
    visit(from, to);
    from = to;
  }
};

const inOrder = (found: readonly Category[], order: readonly string[] | undefined): Category[] => {
  const numbers = found.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  const texts = found.filter((value) => typeof value === 'string').sort();
  if (order === undefined) return [...numbers, ...texts];
  const known = new Set(order);
  if (known.size !== order.length || texts.some((text) => !known.has(text)))
    throw plauditError('data.bad_option', {
      option: 'order',
      problem: 'it has to name every value that occurs, and each of them once',
    });
  return [...numbers, ...order];
};

/**
 * Where each category lies on a line: numbers where they are, texts of a declared order one step apart.
 *
 * @throws data.bad_option for texts without a declared order, and for texts among numbers
 */
export const positions = (
  { categories }: ReliabilityTable,
  order: readonly string[] | undefined,
): Float64Array => {
  const texts = categories.filter((category) => typeof category === 'string').length;
  if (texts > 0 && (order === undefined || texts < categories.length))
    throw plauditError('data.bad_option', {
      option: 'order',
      problem: 'values that are texts have to be put in order, and not mixed with numbers',
    });
  return Float64Array.from(categories, (category, place) =>
    typeof category === 'number' ? category : place,
  );
};
