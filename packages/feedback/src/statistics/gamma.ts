/** @file The logarithm of the gamma function and its derivative, for counts and for variational Bayes. */

/** Coefficients B(2k) / (2k (2k - 1)) of Stirling's series. */
const stirling = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156];
/** Coefficients B(2k) / (2k) of the series of the digamma function. */
const asymptotic = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32_760, 1 / 12];

/** From here on seven terms of both series are exact to rounding; below, the recurrences lead here. */
const large = 12;

/** The sum of c(k) x^(-2k), k from 0. */
const inInverseSquares = (coefficients: readonly number[], x: number): number => {
  const square = 1 / (x * x);
  return coefficients.reduceRight((sum, coefficient) => sum * square + coefficient, 0);
};

/** ln Γ(x) for x above 0. @see Abramowitz and Stegun 1964, 6.1.41 */
export const logGamma = (x: number): number => {
  let product = 1;
  let at = x;
  for (; at < large; at++) product *= at;
  const tail = inInverseSquares(stirling, at) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + tail - Math.log(product);
};

/** ψ(x), the derivative of ln Γ, for x above 0. @see Abramowitz and Stegun 1964, 6.3.18 */
export const digamma = (x: number): number => {
  let sum = 0;
  let at = x;
  for (; at < large; at++) sum -= 1 / at;
  return sum + Math.log(at) - 0.5 / at - inInverseSquares(asymptotic, at) / (at * at);
};
