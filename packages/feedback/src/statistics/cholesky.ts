/** @file The Cholesky factor of a symmetric positive definite matrix: solving with it, and updating it by one vector. */

/** Lower triangle L of L Lᵀ, row-major [size, size]; what lies above the diagonal is not read. */
export interface Cholesky {
  readonly size: number;
  readonly lower: Float64Array | Float32Array;
}

/**
 * Factors a matrix given by its lower triangle, in place.
 *
 * @returns null where the matrix is not positive definite
 * @see Golub and Van Loan 2013, algorithm 4.2.2
 */
export const factor = (matrix: Float64Array, size: number): Cholesky | null => {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let j = 0; j <= i; j++) {
      const other = j * size;
      let sum = matrix[row + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[row + k]! * matrix[other + k]!;
      if (i === j) {
        if (!(sum > 0)) return null;
        matrix[row + i] = Math.sqrt(sum);
      } else matrix[row + j] = sum / matrix[other + j]!;
    }
  }
  return { size, lower: matrix };
};

/** Solves L y = b in place. */
export const solveLower = ({ size, lower }: Cholesky, b: Float64Array): void => {
  for (let i = 0; i < size; i++) {
    const row = i * size;
    let sum = b[i]!;
    for (let k = 0; k < i; k++) sum -= lower[row + k]! * b[k]!;
    b[i] = sum / lower[row + i]!;
  }
};

/** Solves Lᵀ y = b in place. */
export const solveUpper = ({ size, lower }: Cholesky, b: Float64Array): void => {
  for (let i = size - 1; i >= 0; i--) {
    const row = i * size;
    const value = b[i]! / lower[row + i]!;
    b[i] = value;
    for (let k = 0; k < i; k++) b[k] = b[k]! - lower[row + k]! * value;
  }
};
