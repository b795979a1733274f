/** @file Cohen's kappa of two annotators, plain and weighted. */
import { type BootstrapOptions, type Interval, wilsonInterval } from '../statistics/bootstrap.ts';
import type { AnnotatorValue } from './annotator-value.ts';
import { type Estimate, estimateWithInterval } from './cluster-resampling.ts';
import { type Cells, cellWeights, jointVotes } from './joint-votes.ts';
import { Numbering, positions, reliabilityTable } from './reliability-table.ts';

/** By how much two different values disagree: always the same, their distance, or its square. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

export interface KappaOptions extends BootstrapOptions {
  /** Default none. */
  readonly weights?: KappaWeights;
  /** Texts in order, least first; needed where values are texts and weighted. */
  readonly order?: readonly string[];
}

/**
 * Cohen's kappa over the units that both annotators judged: 1 - observed / expected disagreement. Weighted, values lie
 * where their numbers are, texts one step apart. Null where they share no unit or both always say one and the same.
 *
 * @example cohenKappa(values, ['ann', 'bob'], { weights: 'quadratic' })
 * @see Cohen 1960; Cohen 1968 for the weights
 * @throws data.bad_option where texts are to be weighted and have no order
 */
export const cohenKappa = (
  values: readonly AnnotatorValue[],
  [first, second]: readonly [string, string],
  options: KappaOptions = {},
): Estimate => {
  const { weights = 'none', order } = options;
  const theirs = values.filter(({ annotator }) => annotator === first || annotator === second);
  const table = reliabilityTable(theirs, order);
  const position = weights === 'none' ? null : positions(table, order);
  const joint = jointVotes(table)[0];
  if (joint === undefined) return { value: null, interval: null };
  const clusters = new Numbering<number>();
  const clusterOf = new Map(joint.votes.map(({ unit }) => [unit, clusters.of(table.cluster[unit]!)]));
  return estimateWithInterval(
    clusters.keys.length,
    (times) =>
      kappaOfCells(
        joint.cells,
        cellWeights(joint, (unit) => times[clusterOf.get(unit)!]!),
        weights,
        position,
      ),
    options,
  );
};

/** Two annotators and the units that both judged. */
export interface AnnotatorPair {
  readonly annotators: readonly [string, string];
  readonly units: number;
  /** Share of these units on which they say the same. */
  readonly agreement: number;
  /** Wilson's, at 95 %. */
  readonly interval: Interval;
  /** Cohen's, unweighted; null where both always say one and the same. */
  readonly kappa: number | null;
}

/**
 * Every pair of annotators with enough units in common, those who agree least first. Takes time with the square of the
 * annotators of a unit.
 *
 * @param fewestUnits Default 10: below, a share says next to nothing.
 */
export const annotatorPairs = (values: readonly AnnotatorValue[], fewestUnits = 10): AnnotatorPair[] => {
  const table = reliabilityTable(values);
  return jointVotes(table)
    .filter(({ units }) => units >= fewestUnits)
    .map((joint) => {
      const { cells, units } = joint;
      const weights = cellWeights(joint);
      const agreeing = weights.reduce(
        (sum, weight, i) => (cells.row[i] === cells.column[i] ? sum + weight : sum),
        0,
      );
      const agreement = Math.min(1, agreeing / units);
      return {
        annotators: [table.annotators[joint.first]!, table.annotators[joint.second]!] as const,
        units,
        agreement,
        interval: wilsonInterval(agreement, units),
        kappa: kappaOfCells(cells, weights, 'none', null),
      };
    })
    .sort((a, b) => a.agreement - b.agreement);
};

const kappaOfCells = (
  { row, column, categories }: Cells,
  weight: Float64Array,
  weights: KappaWeights,
  position: Float64Array | null,
): number | null => {
  const distance = (i: number, j: number): number => {
    if (position === null) return i === j ? 0 : 1;
    const apart = Math.abs(position[i]! - position[j]!);
    return weights === 'linear' ? apart : apart * apart;
  };
  const rows = new Float64Array(categories);
  const columns = new Float64Array(categories);
  let all = 0;
  let observed = 0;
  weight.forEach((w, cell) => {
    rows[row[cell]!]! += w;
    columns[column[cell]!]! += w;
    all += w;
    observed += w * distance(row[cell]!, column[cell]!);
  });
  const expected = expectedDisagreement(rows, columns, all, weights, position);
  return expected > 1e-12 * all ? 1 - observed / expected : null;
};

/** Sum over all cells of row total times column total times distance, divided by all. */
const expectedDisagreement = (
  rows: Float64Array,
  columns: Float64Array,
  all: number,
  weights: KappaWeights,
  position: Float64Array | null,
): number => {
  const sum = (of: (category: number) => number): number =>
    rows.reduce((total, _, category) => total + of(category), 0);
  if (position === null) return all - sum((i) => rows[i]! * columns[i]!) / all;
  if (weights === 'quadratic') {
    const centre = sum((i) => (rows[i]! + columns[i]!) * position[i]!) / (2 * all);
    const first = (totals: Float64Array): number => sum((i) => totals[i]! * (position[i]! - centre));
    const second = sum((i) => (rows[i]! + columns[i]!) * (position[i]! - centre) ** 2);
    return second - (2 * first(rows) * first(columns)) / all;
  }
  // A distance is the sum of the gaps between; each counts where one of the two lies below it and the other above.
  let rowsBelow = 0;
  let columnsBelow = 0;
  return sum((i) => {
    rowsBelow += rows[i]!;
    columnsBelow += columns[i]!;
    if (i + 1 === position.length) return 0;
    const apart = rowsBelow * (all - columnsBelow) + columnsBelow * (all - rowsBelow);
    return ((position[i + 1]! - position[i]!) * apart) / all;
  });
};
