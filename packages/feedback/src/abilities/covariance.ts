/** @file Covariances of the estimates: from the model, or from how the clusters really scatter. */
import { type Cholesky, solveLower, solveUpper } from '../statistics/cholesky.ts';
import { type Design, outcomesOf, type Row } from './design.ts';
import type { Maximum } from './maximum-likelihood.ts';

/** The inverse of the curvature, full and row-major: right where every comparison is independent and the model true. */
export const modelCovariance = ({ curvature }: Maximum): Float64Array => inverse(curvature);

/**
 * H⁻¹ G H⁻¹ · C / (C - 1), G being the sum of squares of the C clusters' scores: right too where the comparisons of a
 * cluster hang together, ties are half wins, or the model is only nearly true.
 *
 * @see Huber 1967; White 1982; Liang and Zeger 1986 for clusters
 */
export const sandwichCovariance = (
  design: Design,
  { at, curvature }: Maximum,
): { readonly covariance: Float64Array; readonly clusters: number } => {
  const { size } = design;
  const { meat, clusters } = scatter(design, at);
  const bread = inverse(curvature);
  const covariance = multiply(multiply(bread, meat, size), bread, size);
  const correction = clusters > 1 ? clusters / (clusters - 1) : 1;
  return { covariance: covariance.map((value) => value * correction), clusters };
};

const inverse = (cholesky: Cholesky): Float64Array => {
  const { size } = cholesky;
  const found = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    const column = found.subarray(i * size, (i + 1) * size);
    column[i] = 1;
    solveLower(cholesky, column);
    solveUpper(cholesky, column);
  }
  return found;
};

const multiply = (a: Float64Array, b: Float64Array, size: number): Float64Array => {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * b[k * size + j]!;
    }
  return product;
};

/** A score with few entries. */
type Score = Map<number, number>;

/** Sum over clusters of score times score transposed. Comparisons without a cluster are each their own. */
const scatter = (design: Design, at: Float64Array): { meat: Float64Array; clusters: number } => {
  const { field, rows, rowOf, size, tie, counts } = design;
  const meat = new Float64Array(size * size);
  const byCluster = new Map<string, Score>();
  const byRow = outcomesOf(design, at);
  let alone = 0;
  field.contests.forEach(({ cluster }, contest) => {
    const row = rows[rowOf[contest]!]!;
    byRow[rowOf[contest]!]!.forEach((of, outcome) => {
      const count = counts[contest * 3 + outcome]!;
      if (count === 0) return;
      if (cluster === undefined) {
        const score: Score = new Map();
        addScore(score, row, of.lead, tie, of.tie, 1);
        addSquare(meat, size, score, count);
        alone += count;
      } else {
        const score = byCluster.get(cluster) ?? new Map<number, number>();
        byCluster.set(cluster, score);
        addScore(score, row, of.lead, tie, of.tie, count);
      }
    });
  });
  for (const score of byCluster.values()) addSquare(meat, size, score, 1);
  return { meat, clusters: byCluster.size + alone };
};

const addScore = (
  score: Score,
  { index, factor }: Row,
  slope: number,
  tie: number,
  tieSlope: number,
  count: number,
): void => {
  index.forEach((parameter, i) => {
    score.set(parameter, (score.get(parameter) ?? 0) + count * slope * factor[i]!);
  });
  if (tie >= 0) score.set(tie, (score.get(tie) ?? 0) + count * tieSlope);
};

const addSquare = (meat: Float64Array, size: number, score: Score, count: number): void => {
  for (const [i, x] of score) for (const [j, y] of score) meat[i * size + j]! += count * x * y;
};
