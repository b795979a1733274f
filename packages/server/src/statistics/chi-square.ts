/** @file Tails of the chi-square and the Poisson distribution, and points of a rising function. */
import { normalCdf } from '@plaudit/feedback';

/** Where a rising function passes 0, between two bounds, to the last digit. */
export const crossing = (rising: (x: number) => number, low: number, high: number): number => {
  let [below, above] = [low, high];
  for (let step = 0; step < 200; step++) {
    const middle = (below + above) / 2;
    if (middle <= below || middle >= above) break;
    if (rising(middle) < 0) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
};

/** The z with P(Z <= z) = p, for p from 1e-12 to 1 - 1e-12. */
export const normalPoint = (p: number): number => {
  if (!(p >= 1e-12 && p <= 1 - 1e-12)) throw new RangeError('a probability between 1e-12 and 1 - 1e-12');
  return crossing((z) => normalCdf(z) - p, -8, 8);
};

/**
 * P(X > x) of the chi-square distribution, from that of one or two degrees of freedom upwards.
 *
 * @param degrees A whole number from 1.
 * @see Abramowitz and Stegun 1964, 26.4.4 and 26.4.5
 */
export const chiSquareTail = (x: number, degrees: number): number => {
  if (!Number.isInteger(degrees) || degrees < 1) throw new RangeError('degrees of freedom are 1, 2, 3, …');
  if (!(x > 0)) return 1;
  const half = x / 2;
  const odd = degrees % 2 === 1;
  let tail = odd ? 2 * normalCdf(-Math.sqrt(x)) : Math.exp(-half);
  // ln(half^a e^-half / Γ(a + 1)), a rising by 1; Γ(3/2) = sqrt(π) / 2 and Γ(2) = 1.
  let a = odd ? 0.5 : 1;
  let term = a * Math.log(half) - half - (odd ? Math.log(Math.sqrt(Math.PI) / 2) : 0);
  for (; a < degrees / 2; a++) {
    tail += Math.exp(term);
    term += Math.log(half) - Math.log(a + 1);
  }
  return Math.min(1, tail);
};

/** P(X <= count) of a Poisson distribution. */
export const poissonCdf = (count: number, mean: number): number => {
  if (mean <= 0) return 1;
  let term = -mean;
  let sum = 0;
  for (let k = 0; k <= count; k++) {
    sum += Math.exp(term);
    term += Math.log(mean) - Math.log(k + 1);
  }
  return Math.min(1, sum);
};
