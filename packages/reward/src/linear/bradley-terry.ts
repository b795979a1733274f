/** @file The Bradley-Terry loss of a linear reward and its gradient, over a sparse matrix with one row per response. */
import { sigmoid, softplus } from '@plaudit/contract';

/** Features of all responses in compressed sparse rows: row i has entries `offsets[i]` to `offsets[i + 1]`. */
export interface SparseRows {
  readonly offsets: Uint32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  readonly width: number;
}

/** Comparisons between rows: `winners[p]` was preferred to `losers[p]`. */
export interface Comparisons {
  readonly winners: Uint32Array;
  readonly losers: Uint32Array;
  readonly weights: Float64Array;
  /** By how much the winner's reward should lead; 0 where the data has no margin. */
  readonly margins: Float64Array;
}

/** Rewards of all rows: X w. */
export const rowRewards = (rows: SparseRows, weights: Float64Array, out: Float64Array): Float64Array => {
  const { offsets, columns, values } = rows;
  const count = offsets.length - 1;
  let entry = 0;
  for (let row = 0; row < count; row++) {
    const end = offsets[row + 1]!;
    let sum = 0;
    for (; entry < end; entry++) sum += values[entry]! * weights[columns[entry]!]!;
    out[row] = sum;
  }
  return out;
};

export interface LossOptions {
  /** Precision of the Gaussian prior of each weight, [width]: the penalty is sum of l2_j w_j^2 / 2. */
  readonly l2: Float64Array;
  /** Probability that a judgement is the wrong way round; 0 <= labelSmoothing < 0.5. */
  readonly labelSmoothing: number;
}

/**
 * Mean negative log likelihood of the comparisons plus the penalty, both divided by the comparisons' total weight:
 *
 *   L(w) = 1/W ( sum_p omega_p [ (1 - e) ln(1 + exp(-z_p)) + e ln(1 + exp(z_p)) ] + 1/2 sum_j l2_j w_j^2 ),
 *   z_p = r(winner) - r(loser) - margin_p,   r = X w
 *
 * The gradient goes through one coefficient per row, so a response that stands in many comparisons costs one pass.
 *
 * @see Bradley and Terry 1952; label smoothing as in conservative DPO (Mitchell 2023).
 */
export const bradleyTerryLoss = (
  rows: SparseRows,
  comparisons: Comparisons,
  options: LossOptions,
): ((weights: Float64Array, gradient: Float64Array) => number) => {
  const { winners, losers, weights: omegas, margins } = comparisons;
  const { l2, labelSmoothing } = options;
  const count = rows.offsets.length - 1;
  const rewards = new Float64Array(count);
  const coefficients = new Float64Array(count);
  let total = 0;
  for (const omega of omegas) total += omega;
  return (weights, gradient) => {
    rowRewards(rows, weights, rewards);
    coefficients.fill(0);
    let loss = 0;
    for (let p = 0; p < winners.length; p++) {
      const winner = winners[p]!;
      const loser = losers[p]!;
      const omega = omegas[p]!;
      const z = rewards[winner]! - rewards[loser]! - margins[p]!;
      loss += omega * ((1 - labelSmoothing) * softplus(-z) + labelSmoothing * softplus(z));
      // d/dz = -(1 - e) sigma(-z) + e sigma(z) = sigma(z) - (1 - e)
      const slope = omega * (sigmoid(z) - 1 + labelSmoothing);
      coefficients[winner] = coefficients[winner]! + slope;
      coefficients[loser] = coefficients[loser]! - slope;
    }
    const { offsets, columns, values } = rows;
    for (let j = 0; j < gradient.length; j++) {
      const w = weights[j]!;
      loss += 0.5 * l2[j]! * w * w;
      gradient[j] = l2[j]! * w;
    }
    let entry = 0;
    for (let row = 0; row < count; row++) {
      const end = offsets[row + 1]!;
      const coefficient = coefficients[row]!;
      if (coefficient === 0) entry = end;
      for (; entry < end; entry++) {
        const column = columns[entry]!;
        gradient[column] = gradient[column]! + coefficient * values[entry]!;
      }
    }
    for (let j = 0; j < gradient.length; j++) gradient[j] = gradient[j]! / total;
    return loss / total;
  };
};

/**
 * An upper bound of the Hessian's diagonal at weights of 0, [width], in units of the loss: each comparison adds
 * (x_winner^2 + x_loser^2) / 4 by its weight. It leaves out what both sides share, which costs L-BFGS little.
 */
export const curvatureBound = (
  rows: SparseRows,
  comparisons: Comparisons,
  l2: Float64Array,
): Float64Array => {
  const { winners, losers, weights } = comparisons;
  const shares = new Float64Array(rows.offsets.length - 1);
  let total = 0;
  weights.forEach((omega, p) => {
    shares[winners[p]!] = shares[winners[p]!]! + omega / 4;
    shares[losers[p]!] = shares[losers[p]!]! + omega / 4;
    total += omega;
  });
  const curvatures = Float64Array.from(l2);
  shares.forEach((share, row) => {
    for (let k = rows.offsets[row]!; k < rows.offsets[row + 1]!; k++) {
      const column = rows.columns[k]!;
      curvatures[column] = curvatures[column]! + share * rows.values[k]! ** 2;
    }
  });
  for (let j = 0; j < curvatures.length; j++) curvatures[j] = curvatures[j]! / total;
  return curvatures;
};
