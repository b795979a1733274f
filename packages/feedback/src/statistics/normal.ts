/** @file The normal distribution, and Holm's correction for looking at many slices. */

/** P(Z <= z) of the standard normal distribution, to about 1e-13 absolute. @see Marsaglia 2004 for the series */
export const normalCdf = (z: number): number => {
  if (z < -8) return 0;
  if (z > 8) return 1;
  let term = z;
  let sum = z;
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (z * z) / i;
    sum += term;
  }
  return Math.min(1, Math.max(0, 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)));
};

/** The z with P(Z <= z) = p of the standard normal distribution, for p between 1e-9 and 1 - 1e-9; to about 1e-9. */
export const normalQuantile = (p: number): number => {
  if (!(p >= 1e-9 && p <= 1 - 1e-9)) throw new RangeError('a probability between 1e-9 and 1 - 1e-9');
  // Newton's method never overshoots from the middle into a tail; 40 steps reach the outermost.
  const tail = Math.min(p, 1 - p);
  let z = 0;
  for (let i = 0; i < 40; i++) z -= (normalCdf(z) - tail) / (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI));
  return p < 0.5 ? z : -z;
};

/** P-values adjusted so that the chance of any false alarm stays below the level. @see Holm 1979 */
export const holm = (pValues: readonly number[]): number[] => {
  const order = [...pValues.keys()].sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 0;
  order.forEach((at, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[at]!));
    adjusted[at] = least;
  });
  return adjusted;
};
