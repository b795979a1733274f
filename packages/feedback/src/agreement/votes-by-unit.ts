/** @file The units that two or more annotators judged, with their votes counted by category. */
import { forEachAnnotator, type ReliabilityTable } from './reliability-table.ts';

/** Lists of weights on categories; list i lies from `starts[i]` up to `starts[i + 1]` and names each category once. */
export interface CategoryWeights {
  readonly starts: ArrayLike<number>;
  readonly category: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
}

/** Units in the order of their clusters, so that counting a resample walks through memory once. */
export interface VotesByUnit {
  readonly counts: CategoryWeights;
  /** Annotators of each unit, 2 or more. */
  readonly annotators: Int32Array;
  readonly cluster: Int32Array;
  /** The clusters that have such a unit, numbered anew. */
  readonly clusters: number;
  readonly categories: number;
  /** What an annotator said who said several things of a unit, and of which unit. */
  readonly repeats: CategoryWeights;
  readonly repeatUnit: readonly number[];
}

/** Collects lists of votes, those on one category as one weight. */
const collector = ({ category, weight, categories }: ReliabilityTable) => {
  const lists = { starts: [0], category: [] as number[], weight: [] as number[] };
  const sums = new Float64Array(categories.length);
  const add = (from: number, to: number): void => {
    for (let i = from; i < to; i++) sums[category[i]!]! += weight[i]!;
    for (let i = from; i < to; i++) {
      const at = category[i]!;
      if (sums[at] === 0) continue;
      lists.category.push(at);
      lists.weight.push(sums[at]!);
      sums[at] = 0;
    }
    lists.starts.push(lists.category.length);
  };
  return { lists, add };
};

export const votesByUnit = (table: ReliabilityTable): VotesByUnit => {
  const sizes = Int32Array.from(table.units, (_, unit) => {
    let annotators = 0;
    forEachAnnotator(table, unit, () => annotators++);
    return annotators;
  });
  const chosen = Int32Array.from([...sizes.keys()].filter((unit) => sizes[unit]! >= 2)).sort(
    (a, b) => table.cluster[a]! - table.cluster[b]! || a - b,
  );
  const counts = collector(table);
  const repeats = collector(table);
  const repeatUnit: number[] = [];
  const cluster = new Int32Array(chosen.length);
  chosen.forEach((unit, place) => {
    const before = place === 0 ? unit : chosen[place - 1]!;
    cluster[place] =
      (place === 0 ? 0 : cluster[place - 1]!) + (table.cluster[unit] === table.cluster[before] ? 0 : 1);
    counts.add(table.starts[unit]!, table.starts[unit + 1]!);
    if (table.repeats === 0) return;
    forEachAnnotator(table, unit, (from, to) => {
      if (to - from < 2) return;
      repeats.add(from, to);
      repeatUnit.push(place);
    });
  });
  return {
    counts: counts.lists,
    annotators: chosen.map((unit) => sizes[unit]!),
    cluster,
    clusters: chosen.length === 0 ? 0 : cluster.at(-1)! + 1,
    categories: table.categories.length,
    repeats: repeats.lists,
    repeatUnit,
  };
};

/**
 * Sum of w_i w_j d(i, j) over all ordered couples of the weights of a list. d is 1 for different categories, or the squared
 * distance of their positions.
 */
export const disagreement = (
  { starts, category, weight }: CategoryWeights,
  list: number,
  position: Float64Array | null,
): number => {
  let all = 0;
  let first = 0;
  let second = 0;
  for (let i = starts[list]!; i < starts[list + 1]!; i++) {
    const w = weight[i]!;
    const x = position === null ? w : position[category[i]!]!;
    all += w;
    first += w * x;
    second += w * x * x;
  }
  // For different categories `first` is the sum of squares: all couples without those of one category.
  return position === null ? all * all - first : 2 * (all * second - first * first);
};

/** The same over all votes, counted by category. */
export const disagreementOfTotals = (totals: Float64Array, position: Float64Array | null): number =>
  disagreement(
    { starts: [0, totals.length], category: Int32Array.from(totals.keys()), weight: totals },
    0,
    position,
  );

/** How much the annotators of each unit disagree: over ordered couples of different annotators. */
export const disagreements = (votes: VotesByUnit, position: Float64Array | null): Float64Array => {
  const found = Float64Array.from(votes.annotators, (_, unit) => disagreement(votes.counts, unit, position));
  // What one annotator said against what they said themselves is no disagreement between two.
  votes.repeatUnit.forEach((unit, list) => {
    found[unit]! -= disagreement(votes.repeats, list, position);
  });
  return found;
};
