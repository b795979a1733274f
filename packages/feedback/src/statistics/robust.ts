/** @file Centre and spread that a few wild values do not move. */
import { quantile } from './bootstrap.ts';

/** Makes the median absolute deviation of normal numbers their standard deviation: 1 / Φ⁻¹(3/4). */
const toStandardDeviation = 1.482602218505602;

export const median = (values: ArrayLike<number>): number => quantile(Float64Array.from(values).sort(), 0.5);

export interface RobustScale {
  readonly centre: number;
  /** In standard deviations of a normal distribution; 0 where more than half of the values are alike. */
  readonly spread: number;
}

/** Median, and the median distance from it. @see Hampel 1974 */
export const robustScale = (values: ArrayLike<number>): RobustScale => {
  const centre = median(values);
  const distances = Float64Array.from(values, (value) => Math.abs(value - centre));
  return { centre, spread: toStandardDeviation * median(distances) };
};
