/** @file Percentile intervals of any statistic of a table, by resampling whole clusters of units. */
import { Random } from '@plaudit/contract';
import { type BootstrapOptions, fewestClusters, type Interval, quantile } from '../statistics/bootstrap.ts';

/** A number of the data in which each cluster counts so many times; null where those data have no such number. */
export type ClusterStatistic = (times: Int32Array) => number | null;

export interface Estimate {
  /** Null where the data have no such number: nothing judged twice, say, or everybody always said the same. */
  readonly value: number | null;
  /** Null where resampling shows nothing: fewer than 10 clusters, all resamples alike, or one in twenty without a value. */
  readonly interval: Interval | null;
}

/**
 * A statistic with its percentile interval. The asymptotic intervals of chance-corrected agreement are too narrow.
 *
 * @see Zapf et al. 2016, "Measuring inter-rater reliability for nominal data: which coefficients and confidence intervals
 *   are appropriate?", BMC Medical Research Methodology 16
 */
export const estimateWithInterval = (
  clusters: number,
  statistic: ClusterStatistic,
  options: BootstrapOptions = {},
): Estimate => {
  const { resamples = 1000, seed = 0, level = 0.95 } = options;
  const value = statistic(new Int32Array(clusters).fill(1));
  if (value === null || clusters < fewestClusters || resamples < 1) return { value, interval: null };
  const random = new Random(seed, 'agreement');
  const found: number[] = [];
  const times = new Int32Array(clusters);
  for (let r = 0; r < resamples; r++) {
    times.fill(0);
    for (let i = 0; i < clusters; i++) times[random.integer(clusters)]!++;
    const one = statistic(times);
    if (one !== null) found.push(one);
  }
  if (found.length < 0.95 * resamples) return { value, interval: null };
  const sorted = Float64Array.from(found).sort();
  const tail = (1 - level) / 2;
  const interval: Interval = [quantile(sorted, tail), quantile(sorted, 1 - tail)];
  return { value, interval: interval[1] > interval[0] ? interval : null };
};
