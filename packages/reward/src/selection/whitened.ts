/** @file Columns in the coordinates in which a posterior is the unit Gaussian: L⁻¹ (φ - φ̄) for the precision Λ = L Lᵀ. */
import type { Cholesky } from '../probe/cholesky.ts';
import type { Matrix } from '../probe/matrix.ts';

/** Rows that are solved for together: each number of L is read once for all of them. */
const panel = 8;

/**
 * The inner products of what comes back are the covariances of the rewards.
 *
 * @param centre [width] @param rows Of the matrix
 */
export const whitened = (
  { size, lower }: Cholesky,
  centre: ArrayLike<number>,
  { values }: Matrix,
  rows: readonly number[],
): Float32Array[] => {
  const vectors = rows.map(() => new Float32Array(size));
  const y = new Float64Array(size * panel);
  for (let first = 0; first < rows.length; first += panel) {
    const count = Math.min(panel, rows.length - first);
    y.fill(0);
    for (let r = 0; r < count; r++) {
      const at = rows[first + r]! * size;
      for (let i = 0; i < size; i++) y[i * panel + r] = values[at + i]! - centre[i]!;
    }
    solvePanel(lower, size, y);
    for (let r = 0; r < count; r++) {
      const vector = vectors[first + r]!;
      for (let i = 0; i < size; i++) vector[i] = y[i * panel + r]!;
    }
  }
  return vectors;
};

/** Solves L Y = B in place, Y float64 [size, panel]. */
const solvePanel = (lower: ArrayLike<number>, size: number, y: Float64Array): void => {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    const at = i * panel;
    let s0 = y[at]!;
    let s1 = y[at + 1]!;
    let s2 = y[at + 2]!;
    let s3 = y[at + 3]!;
    let s4 = y[at + 4]!;
    let s5 = y[at + 5]!;
    let s6 = y[at + 6]!;
    let s7 = y[at + 7]!;
    for (let k = 0; k < i; k++) {
      const value = lower[row + k]!;
      const other = k * panel;
      s0 -= value * y[other]!;
      s1 -= value * y[other + 1]!;
      s2 -= value * y[other + 2]!;
      s3 -= value * y[other + 3]!;
      s4 -= value * y[other + 4]!;
      s5 -= value * y[other + 5]!;
      s6 -= value * y[other + 6]!;
      s7 -= value * y[other + 7]!;
    }
    const scale = 1 / lower[row + i]!;
    y[at] = s0 * scale;
    y[at + 1] = s1 * scale;
    y[at + 2] = s2 * scale;
    y[at + 3] = s3 * scale;
    y[at + 4] = s4 * scale;
    y[at + 5] = s5 * scale;
    y[at + 6] = s6 * scale;
    y[at + 7] = s7 * scale;
  }
};
