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
