/** @file Two annotators' votes on the units that both judged, as cells of a table of categories by categories. */
import { forEachAnnotator, Numbering, type ReliabilityTable } from './reliability-table.ts';

/** Cell i is row `row[i]` and column `column[i]`; only cells that occur are there. */
export interface Cells {
  readonly row: readonly number[];
  readonly column: readonly number[];
  readonly categories: number;
}

/** What two annotators said of one unit: a cell, or several where one of them repeats, of weights that sum to 1. */
interface JointVote {
  readonly unit: number;
  readonly cell: number;
  readonly weight: number;
}

export interface JointVotes {
  readonly first: number;
  readonly second: number;
  readonly units: number;
  readonly cells: Cells;
  readonly votes: readonly JointVote[];
}

/** Every pair of annotators that share a unit. */
export const jointVotes = (table: ReliabilityTable): JointVotes[] => {
  const { annotator, category, weight } = table;
  const width = table.categories.length;
  const pairs = new Map<number, { units: number; cells: Numbering<number>; votes: JointVote[] }>();
  const people = table.annotators.length;
  for (let unit = 0; unit < table.units.length; unit++) {
    const lists: (readonly [from: number, to: number])[] = [];
    forEachAnnotator(table, unit, (from, to) => lists.push([from, to]));
    for (const [k, [from, to]] of lists.entries())
      for (const [otherFrom, otherTo] of lists.slice(k + 1)) {
        const key = annotator[from]! * people + annotator[otherFrom]!;
        let pair = pairs.get(key);
        if (pair === undefined) {
          pair = { units: 0, cells: new Numbering(), votes: [] };
          pairs.set(key, pair);
        }
        pair.units++;
        for (let i = from; i < to; i++)
          for (let j = otherFrom; j < otherTo; j++)
            pair.votes.push({
              unit,
              cell: pair.cells.of(category[i]! * width + category[j]!),
              weight: weight[i]! * weight[j]!,
            });
      }
  }
  return [...pairs].map(([key, { units, cells, votes }]) => ({
    first: Math.floor(key / people),
    second: key % people,
    units,
    cells: {
      row: cells.keys.map((cell) => Math.floor(cell / width)),
      column: cells.keys.map((cell) => cell % width),
      categories: width,
    },
    votes,
  }));
};

/** The weight of each cell, each unit counting so many times. */
export const cellWeights = (
  { cells, votes }: JointVotes,
  timesOf: (unit: number) => number = () => 1,
): Float64Array => {
  const weights = new Float64Array(cells.row.length);
  for (const { unit, cell, weight } of votes) weights[cell]! += timesOf(unit) * weight;
  return weights;
};
