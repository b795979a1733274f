/** @file Weighted linear least squares for a handful of coefficients. */

export interface LeastSquares {
  readonly coefficients: readonly number[];
  /** Inverse of the weighted normal matrix: times a variance it is the covariance of the coefficients. */
  readonly inverse: readonly (readonly number[])[];
  /** Weighted sum of squared residuals. */
  readonly residual: number;
}

/** A column shorter than this beside its length before orthogonalising is a combination of the others. */
const rankTolerance = 1e-7;

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/**
 * Minimises sum of w (y - X c)^2 by modified Gram-Schmidt.
 *
 * @param rows X, one row a point.
 * @param weights Proportional to one over the variance of each point.
 * @returns null where the columns do not determine the coefficients
 * @see Björck 1996, ch. 2.4
 */
export const leastSquares = (
  rows: readonly (readonly number[])[],
  y: readonly number[],
  weights: readonly number[],
): LeastSquares | null => {
  const size = rows[0]?.length ?? 0;
  const roots = weights.map(Math.sqrt);
  const basis = Array.from({ length: size }, (_, j) =>
    Float64Array.from(rows, (row, i) => row[j]! * roots[i]!),
  );
  const rest = Float64Array.from(y, (value, i) => value * roots[i]!);
  const triangle = basis.map(() => new Float64Array(size));
  const target = new Float64Array(size);
  for (const [j, column] of basis.entries()) {
    const before = Math.sqrt(dot(column, column));
    for (let k = 0; k < j; k++) {
      const share = dot(basis[k]!, column);
      triangle[k]![j] = share;
      column.forEach((value, i) => {
        column[i] = value - share * basis[k]![i]!;
      });
    }
    const length = Math.sqrt(dot(column, column));
    if (!(length > rankTolerance * before)) return null;
    triangle[j]![j] = length;
    column.forEach((value, i) => {
      column[i] = value / length;
    });
    target[j] = dot(column, rest);
    rest.forEach((value, i) => {
      rest[i] = value - target[j]! * column[i]!;
    });
  }
  const solve = (right: ArrayLike<number>): number[] => {
    const found = new Array<number>(size).fill(0);
    for (let j = size - 1; j >= 0; j--) {
      let sum = right[j]!;
      for (let k = j + 1; k < size; k++) sum -= triangle[j]![k]! * found[k]!;
      found[j] = sum / triangle[j]![j]!;
    }
    return found;
  };
  const inverted = basis.map((_, j) => solve(basis.map((_, k) => (k === j ? 1 : 0))));
  return {
    coefficients: solve(target),
    inverse: basis.map((_, i) =>
      basis.map((_, j) => inverted.reduce((sum, column) => sum + column[i]! * column[j]!, 0)),
    ),
    residual: dot(rest, rest),
  };
};
