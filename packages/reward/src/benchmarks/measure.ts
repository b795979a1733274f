/** @file Measuring numbers of a benchmark with their intervals: whole prompts are resampled within each subset. */
import { Random } from '@plaudit/contract';
import { fewestClusters, quantile, wilsonInterval } from '@plaudit/feedback';
import { breather } from '../linear/breather.ts';
import type { Interval } from '../validation/document.ts';
import type { BenchmarkOptions, Measure } from './benchmark.ts';

/** What a number is computed from: units by subset. A subset that the file lacks is not there. */
export type Sample<Unit> = ReadonlyMap<string, readonly Unit[]>;

export interface Statistic<Unit> {
  readonly name: string;
  /** The subsets that it counts. */
  readonly subsets: readonly string[];
  readonly scale?: 'share' | 'number';
  /** False where resampling would take too long. */
  readonly interval?: boolean;
  /** Units of those subsets that it counts; without it all. */
  counts?(unit: Unit): boolean;
  of(sample: Sample<Unit>): number | null;
}

/** Mean of a number over units; null without units. */
export const meanOf = <Unit>(units: readonly Unit[], value: (unit: Unit) => number): number | null => {
  let sum = 0;
  for (const unit of units) sum += value(unit);
  return units.length === 0 ? null : sum / units.length;
};

/** Mean of a number over the units of some subsets, or over those of them that count. Makes no list: resampling is long. */
export const meanIn = <Unit>(
  sample: Sample<Unit>,
  subsets: readonly string[],
  value: (unit: Unit) => number,
  counts?: (unit: Unit) => boolean,
): number | null => {
  let sum = 0;
  let count = 0;
  for (const subset of subsets)
    for (const unit of sample.get(subset) ?? []) {
      if (counts && !counts(unit)) continue;
      sum += value(unit);
      count++;
    }
  return count === 0 ? null : sum / count;
};

/** The mean of the numbers that are there. */
export const meanOfPresent = (values: readonly (number | null)[]): number | null =>
  meanOf(
    values.filter((value) => value !== null),
    (value) => value,
  );

/** All units of some subsets. */
const unitsIn = <Unit>(sample: Sample<Unit>, subsets: readonly string[]): Unit[] =>
  subsets.flatMap((subset) => sample.get(subset) ?? []);

/** Units of each cluster, in the order of the first. */
const clustersOf = <Unit extends { readonly cluster: string }>(units: readonly Unit[]): Unit[][] => [
  ...Map.groupBy(units, (unit) => unit.cluster).values(),
];

/**
 * Draws whole prompts with replacement within each subset, so that the weights of the subsets stay as published, and hands
 * each drawn sample on.
 *
 * @throws The signal's reason when it was aborted
 */
export const resample = async <Unit extends { readonly cluster: string }>(
  sample: Sample<Unit>,
  visit: (drawn: Sample<Unit>) => void,
  { seed = 0, resamples = 1000, signal, onProgress }: BenchmarkOptions,
): Promise<void> => {
  const breath = breather(signal);
  const random = new Random(seed, 'benchmark');
  const clustered = [...sample].map(([subset, units]) => [subset, clustersOf(units)] as const);
  for (let r = 0; r < resamples; r++) {
    const drawn = new Map<string, Unit[]>();
    for (const [subset, clusters] of clustered) {
      const units: Unit[] = [];
      for (let i = 0; i < clusters.length; i++)
        for (const unit of clusters[random.integer(clusters.length)]!) units.push(unit);
      drawn.set(subset, units);
    }
    visit(drawn);
    if (!breath.due()) continue;
    onProgress?.(r + 1, resamples);
    await breath.pause();
  }
};

/** The middle 95 % of numbers, which are sorted here. */
export const middle = (values: number[]): Interval => {
  const sorted = Float64Array.from(values).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
};

/**
 * Every statistic with its interval, from the same resamples. Where resampling cannot see the uncertainty (fewer than ten
 * prompts, or all alike) the interval of a share is Wilson's with prompts as its count, and that of another number is null.
 */
export const measure = async <Unit extends { readonly cluster: string }>(
  sample: Sample<Unit>,
  statistics: readonly Statistic<Unit>[],
  options: BenchmarkOptions,
): Promise<Measure[]> => {
  const values = statistics.map((statistic) => statistic.of(sample));
  const drawn = statistics.map((): number[] => []);
  await resample(
    sample,
    (one) => {
      statistics.forEach((statistic, i) => {
        if (values[i] === null || statistic.interval === false) return;
        const value = statistic.of(one);
        if (value !== null) drawn[i]!.push(value);
      });
    },
    options,
  );
  return statistics.map((statistic, i) => {
    const { name, subsets, scale = 'share' } = statistic;
    const units = unitsIn(sample, subsets).filter((unit) => statistic.counts?.(unit) ?? true);
    const value = values[i]!;
    const prompts = new Set(units.map((unit) => unit.cluster)).size;
    return {
      name,
      value,
      interval: intervalOf(value, drawn[i]!, prompts, scale),
      items: units.length,
      scale,
    };
  });
};

const intervalOf = (
  value: number | null,
  drawn: number[],
  prompts: number,
  scale: Measure['scale'],
): Interval | null => {
  if (value === null || drawn.length === 0) return null;
  const found = middle(drawn);
  if (prompts >= fewestClusters && found[1] > found[0]) return found;
  return scale === 'share' ? wilsonInterval(Math.max(0, Math.min(1, value)), prompts) : null;
};
