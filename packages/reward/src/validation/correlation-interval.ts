/** @file An interval for a correlation whose observations come in prompts. */
import { Random } from '@plaudit/contract';
import { type BootstrapOptions, fewestClusters, pearson, quantile } from '@plaudit/feedback';
import type { Interval } from './document.ts';

/** Count, sums and sums of products: all that a correlation needs, and they add up over prompts. */
const momentsOf = 6;

/**
 * Pearson's correlation with the percentile interval of resampled prompts; of ranks, which stay those of the whole sample,
 * it is Spearman's. The interval is [-1, 1] below 10 prompts.
 *
 * @param clusters The prompt of each observation.
 * @returns null where one side never varies
 */
export const correlationWithInterval = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  clusters: readonly string[],
  { resamples = 2000, seed = 0, level = 0.95 }: BootstrapOptions = {},
): { readonly correlation: number; readonly interval: Interval } | null => {
  const correlation = pearson(x, y);
  if (correlation === null) return null;
  const places = new Map([...new Set(clusters)].map((cluster, i) => [cluster, i]));
  if (places.size < fewestClusters) return { correlation, interval: [-1, 1] };
  const sums = new Float64Array(places.size * momentsOf);
  // Around the means, so that no digits are lost when sums of squares are subtracted.
  const mean = (values: ArrayLike<number>): number =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(x), mean(y)];
  clusters.forEach((cluster, i) => {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    [1, dx, dy, dx * dx, dy * dy, dx * dy].forEach((value, moment) => {
      const at = places.get(cluster)! * momentsOf + moment;
      sums[at] = sums[at]! + value;
    });
  });
  const random = new Random(seed, 'bootstrap');
  const found: number[] = [];
  for (let r = 0; r < resamples; r++) {
    const total = new Float64Array(momentsOf);
    for (let i = 0; i < places.size; i++) {
      const from = random.integer(places.size) * momentsOf;
      for (let moment = 0; moment < momentsOf; moment++)
        total[moment] = total[moment]! + sums[from + moment]!;
    }
    const [n, sx, sy, xx, yy, xy] = total as unknown as [number, number, number, number, number, number];
    const [vx, vy] = [xx - (sx * sx) / n, yy - (sy * sy) / n];
    if (vx > 1e-12 * xx && vy > 1e-12 * yy)
      found.push(Math.max(-1, Math.min(1, (xy - (sx * sy) / n) / Math.sqrt(vx * vy))));
  }
  if (found.length < resamples / 2) return { correlation, interval: [-1, 1] };
  found.sort((a, b) => a - b);
  const tail = (1 - level) / 2;
  return { correlation, interval: [quantile(found, tail), quantile(found, 1 - tail)] };
};
