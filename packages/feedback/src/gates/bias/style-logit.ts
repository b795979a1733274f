/** @file A logistic regression on differences, without an intercept, and how well it tells winners it has not seen. */
import { sigmoid } from '@plaudit/contract';

/** A decided pair: how the winner differs from the loser, and the prompt to which it belongs. */
export interface StyledPair {
  readonly difference: readonly number[];
  readonly prompt: number;
}

/** The ridge, as that many pairs of one win and one loss for each feature: what keeps a separable sample finite. */
const ridge = 1;

/** Weights that make the winners likeliest: Newton's method on sum ln sigmoid(w . d) - ridge |w|^2 / 2. */
export const fitWinners = (pairs: readonly StyledPair[], features: number): Float64Array => {
  const weights = new Float64Array(features);
  for (let step = 0; step < 25; step++) {
    const gradient = weights.map((weight) => -ridge * weight);
    const information = Array.from({ length: features }, (_, i) => {
      const row = new Float64Array(features);
      row[i] = ridge;
      return row;
    });
    for (const { difference } of pairs) {
      const p = sigmoid(scoreOf(difference, weights));
      const curvature = p * (1 - p);
      for (let i = 0; i < features; i++) {
        const x = difference[i]!;
        if (x === 0) continue;
        gradient[i]! += (1 - p) * x;
        for (let j = 0; j < features; j++) information[i]![j]! += curvature * x * difference[j]!;
      }
    }
    const change = solve(information, gradient);
    let largest = 0;
    for (let i = 0; i < features; i++) {
      weights[i]! += change[i]!;
      largest = Math.max(largest, Math.abs(change[i]!));
    }
    if (largest < 1e-9) break;
  }
  return weights;
};

export const scoreOf = (difference: readonly number[], weights: Float64Array): number =>
  difference.reduce((sum, x, i) => sum + x * weights[i]!, 0);

/** Gaussian elimination of a small, positive definite system. */
const solve = (matrix: readonly Float64Array[], right: Float64Array): Float64Array => {
  const rows = matrix.map((row) => Float64Array.from(row));
  const x = Float64Array.from(right);
  const n = x.length;
  for (let i = 0; i < n; i++)
    for (let r = i + 1; r < n; r++) {
      const factor = rows[r]![i]! / rows[i]![i]!;
      for (let c = i; c < n; c++) rows[r]![c]! -= factor * rows[i]![c]!;
      x[r]! -= factor * x[i]!;
    }
  for (let i = n - 1; i >= 0; i--) {
    for (let c = i + 1; c < n; c++) x[i]! -= rows[i]![c]! * x[c]!;
    x[i]! /= rows[i]![i]!;
  }
  return x;
};

export interface MirroredAuc {
  readonly auc: number;
  /** Robust to pairs of one prompt being alike. */
  readonly standardError: number;
}

/**
 * Area under the ROC curve of scores of winners against losers, where each pair stands in the sample both ways round, as it
 * must when the sides mean nothing: P(s_i + s_j > 0) over all i and j, a sum of 0 counting one half. That is a U-statistic of
 * degree 2 (but for i = j), whose standard error comes from the share of each pair.
 *
 * @see Hoeffding 1948
 */
export const mirroredAuc = (scores: Float64Array, prompts: ArrayLike<number>): MirroredAuc => {
  const n = scores.length;
  const sorted = Float64Array.from(scores).sort();
  const countBelow = (limit: number, orEqual: boolean): number => {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle]! < limit || (orEqual && sorted[middle] === limit)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const parts = scores.map((score) => {
    const below = countBelow(-score, false);
    const notAbove = countBelow(-score, true);
    return (n - notAbove + (notAbove - below) / 2) / n;
  });
  const auc = parts.reduce((sum, part) => sum + part, 0) / n;
  const byPrompt = new Map<number, number>();
  for (const [i, part] of parts.entries())
    byPrompt.set(prompts[i]!, (byPrompt.get(prompts[i]!) ?? 0) + part - auc);
  let squares = 0;
  for (const sum of byPrompt.values()) squares += sum * sum;
  return { auc, standardError: (2 * Math.sqrt(squares)) / n };
};
