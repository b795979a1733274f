/** @file The maximum of the (penalised) likelihood by Newton's method with step halving. */
import { type Cholesky, factor, solveLower, solveUpper } from '../statistics/cholesky.ts';
import { countRows, type Design, leadOf } from './design.ts';

export interface Maximum {
  readonly at: Float64Array;
  /** Without the penalty, and without binomial coefficients. */
  readonly logLikelihood: number;
  readonly iterations: number;
  /** Of minus the second derivatives, penalty included. */
  readonly curvature: Cholesky;
}

/** A lead of this many log odds in a contest that took place is on its way to infinity. */
const unbounded = 30;
const mostIterations = 100;
const precision = 1e-10;

/**
 * @param counts Wins of a, of b and ties of each contest [contests, 3]
 * @returns null where the likelihood has no maximum
 */
export const maximise = (design: Design, counts: Float64Array, start: Float64Array): Maximum | null => {
  const byRow = countRows(design, counts);
  const { size, penalty } = design;
  const gradient = new Float64Array(size);
  let at = start;
  let curvature = new Float64Array(size * size);
  let { value } = evaluate(design, byRow, at, gradient, curvature);
  for (let iteration = 1; iteration <= mostIterations; iteration++) {
    const cholesky = factor(curvature, size);
    if (cholesky === null) return null;
    const step = gradient.slice();
    solveLower(cholesky, step);
    solveUpper(cholesky, step);
    let moved = at;
    let next = { value, largestLead: 0 };
    let share = 1;
    for (; share > 1e-6; share /= 2) {
      moved = at.map((x, i) => x + share * step[i]!);
      curvature = new Float64Array(size * size);
      next = evaluate(design, byRow, moved, gradient, curvature);
      if (next.value >= value - 1e-12 * Math.abs(value)) break;
    }
    const largest = step.reduce((most, x) => Math.max(most, Math.abs(share * x)), 0);
    at = moved;
    value = next.value;
    const tie = design.tie < 0 ? 0 : Math.abs(at[design.tie]!);
    if (next.largestLead > unbounded || tie > unbounded || !Number.isFinite(value)) return null;
    if (largest < precision) {
      const final = factor(curvature, size);
      const plain = value + penaltyAt(penalty, at);
      return final && { at, logLikelihood: plain, iterations: iteration, curvature: final };
    }
  }
  return null;
};

const penaltyAt = (penalty: Float64Array, at: Float64Array): number =>
  at.reduce((sum, x, i) => sum + (penalty[i]! * x * x) / 2, 0);

/**
 * The penalised log-likelihood; writes its gradient, and minus its second derivatives as a lower triangle.
 *
 * @param counts Of each row's outcomes [rows, 3]
 */
const evaluate = (
  design: Design,
  counts: Float64Array,
  at: Float64Array,
  gradient: Float64Array,
  curvature: Float64Array,
): { readonly value: number; readonly largestLead: number } => {
  const { rows, model, size, tie, penalty } = design;
  let value = -penaltyAt(penalty, at);
  let largestLead = 0;
  for (let i = 0; i < size; i++) {
    gradient[i] = -penalty[i]! * at[i]!;
    curvature[i * size + i] = penalty[i]!;
  }
  rows.forEach((row, r) => {
    const { index, factor: x } = row;
    const lead = leadOf(row, at);
    const outcomes = model.outcomes(lead, tie < 0 ? 0 : at[tie]!);
    let [slope, tieSlope, bend, tieBend, cross] = [0, 0, 0, 0, 0];
    for (let outcome = 0; outcome < 3; outcome++) {
      const count = counts[r * 3 + outcome]!;
      if (count === 0) continue;
      const of = outcomes[outcome as 0 | 1 | 2];
      value += count * of.log;
      slope += count * of.lead;
      tieSlope += count * of.tie;
      bend -= count * of.leadLead;
      cross -= count * of.leadTie;
      tieBend -= count * of.tieTie;
    }
    if (slope !== 0) largestLead = Math.max(largestLead, Math.abs(lead));
    for (let i = 0; i < index.length; i++) {
      gradient[index[i]!]! += slope * x[i]!;
      for (let j = 0; j <= i; j++) {
        const [low, high] = [Math.min(index[i]!, index[j]!), Math.max(index[i]!, index[j]!)];
        curvature[high * size + low]! += bend * x[i]! * x[j]!;
      }
      if (tie >= 0) curvature[tie * size + index[i]!]! += cross * x[i]!;
    }
    if (tie >= 0) {
      gradient[tie]! += tieSlope;
      curvature[tie * size + tie]! += tieBend;
    }
  });
  return { value, largestLead };
};
