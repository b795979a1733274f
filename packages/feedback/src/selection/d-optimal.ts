/**
 * @file D-optimal design by greedy choice: the pair whose judgement lowers the log-determinant of the posterior most, given
 * those that were chosen before it.
 *
 * With the posterior covariance S and the difference d of a pair's columns its judgement adds p(1-p) d dᵀ to the precision
 * and raises its log-determinant by log(1 + p(1-p) dᵀ S d). In the coordinates of the belief's vectors S begins as I and
 * after k choices is I - Σ uᵢ uᵢᵀ (Sherman and Morrison 1950), so that nothing of the size of S is kept and the variance of
 * every other pair falls by (uᵀ x)².
 *
 * @see Shen, Sun and Ton 2025, "Active Reward Modeling", the past-aware design
 */
import { informationOf } from './belief.ts';
import type { Pool } from './pool.ts';

export interface Design {
  /** The chosen pairs, in order, as indices of the pool. */
  readonly chosen: readonly number[];
  /** Of each pair of the pool: what its choice gained or, where it was not chosen, would gain behind the others. Nats. */
  readonly gains: Float64Array;
}

/** Vectors of all responses as rows of one matrix, and the rows of each pair. */
interface Rows {
  readonly vectors: readonly Float32Array[];
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

const rowsOf = ({ candidates, pairs }: Pool): Rows => {
  const starts: number[] = [];
  const vectors: Float32Array[] = [];
  for (const { beliefs } of candidates) {
    starts.push(vectors.length);
    for (const { vector } of beliefs) vectors.push(vector);
  }
  return {
    vectors,
    first: Uint32Array.from(pairs, ({ candidate, pair }) => starts[candidate]! + pair[0]),
    second: Uint32Array.from(pairs, ({ candidate, pair }) => starts[candidate]! + pair[1]),
  };
};

const dot = (a: ArrayLike<number>, b: Float64Array): number => {
  let sum = 0;
  for (let j = 0; j < b.length; j++) sum += a[j]! * b[j]!;
  return sum;
};

/** S x for S = I - Σ uᵢ uᵢᵀ. */
const timesCovariance = (updates: readonly Float64Array[], x: Float64Array): Float64Array => {
  const product = x.slice();
  for (const u of updates) {
    const along = dot(u, x);
    for (let j = 0; j < x.length; j++) product[j] = product[j]! - along * u[j]!;
  }
  return product;
};

export interface DesignOptions {
  readonly count: number;
  /** Most pairs of a group. */
  readonly perGroup: number;
  /** The pairs that may be chosen; of two that gain the same the one that comes first. */
  readonly order: Uint32Array;
}

/** Chooses up to `count` pairs. */
export const dOptimalDesign = (pool: Pool, { count, perGroup, order }: DesignOptions): Design => {
  const { pairs } = pool;
  const { vectors, first, second } = rowsOf(pool);
  const information = Float64Array.from(pairs, ({ gap }) => informationOf(gap));
  const variances = Float64Array.from(pairs, ({ gap }) => gap.variance);
  const gains = new Float64Array(pairs.length);
  const left = new Uint32Array(pool.groups).fill(perGroup);
  const isChosen = new Uint8Array(pairs.length);
  const chosen: number[] = [];
  const updates: Float64Array[] = [];
  const along = new Float64Array(vectors.length);
  while (chosen.length < count) {
    let best = -1;
    let most = -1;
    for (const i of order) {
      if (isChosen[i] === 1 || left[pairs[i]!.group] === 0) continue;
      const value = information[i]! * variances[i]!;
      if (value > most) {
        best = i;
        most = value;
      }
    }
    if (best < 0) break;
    const [a, b] = [vectors[first[best]!]!, vectors[second[best]!]!];
    const x = Float64Array.from(a, (value, j) => value - b[j]!);
    const u = timesCovariance(updates, x);
    const weight = information[best]!;
    const scale = Math.sqrt(weight / (1 + weight * Math.max(0, dot(x, u))));
    for (let j = 0; j < u.length; j++) u[j] = u[j]! * scale;
    updates.push(u);
    gains[best] = Math.log1p(most);
    isChosen[best] = 1;
    left[pairs[best]!.group] = left[pairs[best]!.group]! - 1;
    chosen.push(best);
    for (let row = 0; row < vectors.length; row++) along[row] = dot(vectors[row]!, u);
    for (let i = 0; i < pairs.length; i++)
      // Rounding may take a variance that is nearly used up below 0.
      variances[i] = Math.max(0, variances[i]! - (along[first[i]!]! - along[second[i]!]!) ** 2);
  }
  for (let i = 0; i < pairs.length; i++)
    if (isChosen[i] === 0) gains[i] = Math.log1p(information[i]! * variances[i]!);
  return { chosen, gains };
};
