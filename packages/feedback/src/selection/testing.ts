/** @file For tests: linear heads with a Gaussian posterior, and what they believe. */
import type { Random } from '@plaudit/contract';
import type { ResponseBelief } from './belief.ts';

export type Matrix = readonly (readonly number[])[];

/** L with L Lᵀ = A. */
const cholesky = (a: Matrix): number[][] => {
  const lower: number[][] = [];
  for (const [i, row] of a.entries()) {
    const own: number[] = [];
    for (let j = 0; j <= i; j++) {
      const other = j < i ? lower[j]! : own;
      const rest = own.slice(0, j).reduce((sum, value, k) => sum - value * other[k]!, row[j]!);
      own.push(j < i ? rest / other[j]! : Math.sqrt(rest));
    }
    lower.push(own);
  }
  return lower;
};

export const logDeterminant = (a: Matrix): number =>
  2 * cholesky(a).reduce((sum, row, i) => sum + Math.log(row[i]!), 0);

/** A + w x xᵀ */
export const plusOuter = (a: Matrix, x: readonly number[], w: number): number[][] =>
  a.map((row, i) => row.map((value, j) => value + w * x[i]! * x[j]!));

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** A head with weights and posterior precision Λ = L Lᵀ: reward φᵀ w, vector L⁻¹ φ. */
export const headBelief = (
  weights: readonly number[],
  precision: Matrix,
): ((columns: readonly number[]) => ResponseBelief) => {
  const lower = cholesky(precision);
  return (columns) => {
    const vector: number[] = [];
    for (const [i, value] of columns.entries())
      vector.push((value - dot(lower[i]!.slice(0, i), vector)) / lower[i]![i]!);
    return { reward: dot(columns, weights), vector: Float32Array.from(vector) };
  };
};

export const normals = (random: Random, length: number, scale = 1): number[] =>
  Array.from({ length }, () => scale * random.normal());

/** A random symmetric positive definite matrix. */
export const randomPrecision = (random: Random, size: number): number[][] => {
  let a: Matrix = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j) => Number(i === j)),
  );
  for (let k = 0; k < size; k++) a = plusOuter(a, normals(random, size), 1);
  return a.map((row) => [...row]);
};
