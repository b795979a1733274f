/** @file How far estimates may be off: from a covariance matrix, or from the estimates of resamples. */
import { type BootstrapOptions, type Interval, quantile } from '../statistics/bootstrap.ts';
import { normalQuantile } from '../statistics/normal.ts';
import { modelCovariance, sandwichCovariance } from './covariance.ts';
import type { Design } from './design.ts';
import type { Maximum } from './maximum-likelihood.ts';
import { resampleEstimates } from './resampling.ts';

export interface Coefficient {
  readonly value: number;
  readonly standardError: number;
  /** At 95 %, unless told. */
  readonly interval: Interval;
}

export interface Spread {
  /** A system's ability less another's, or less the mean of all. */
  readonly relative: (system: number, base: number | null) => Coefficient;
  readonly parameter: (index: number) => Coefficient;
  readonly clusters: number | null;
  /** Resamples without an estimate. */
  readonly failed?: number;
}

/** A system's ability less the base's, at some parameters; the mean of all abilities is given. */
const relativeAt = (
  { ability }: Design,
  at: Float64Array,
  mean: number,
  system: number,
  base: number | null,
): number => abilityAt(ability, at, system) - (base === null ? mean : abilityAt(ability, at, base));

const abilityAt = (ability: Int32Array, at: Float64Array, system: number): number =>
  ability[system]! < 0 ? 0 : at[ability[system]!]!;

const meanAbility = ({ ability }: Design, at: Float64Array): number =>
  ability.reduce((sum, _, system) => sum + abilityAt(ability, at, system), 0) / ability.length;

/** Normal intervals around the maximum. */
export const normalSpread = (
  design: Design,
  maximum: Maximum,
  from: 'sandwich' | 'model',
  { level = 0.95 }: BootstrapOptions,
): Spread => {
  const { covariance, clusters } =
    from === 'model'
      ? { covariance: modelCovariance(maximum), clusters: null }
      : sandwichCovariance(design, maximum);
  const { size, ability } = design;
  const { at } = maximum;
  const z = normalQuantile((1 + level) / 2);
  const between = (i: number, j: number): number => (i < 0 || j < 0 ? 0 : covariance[i * size + j]!);
  // Covariance of each ability with the mean of all.
  const withMean = Float64Array.from(
    ability,
    (i) => ability.reduce((sum, j) => sum + between(i, j), 0) / ability.length,
  );
  const ofMean = withMean.reduce((sum, value) => sum + value, 0) / ability.length;
  const mean = meanAbility(design, at);
  const around = (value: number, variance: number): Coefficient => {
    const standardError = Math.sqrt(Math.max(0, variance));
    return { value, standardError, interval: [value - z * standardError, value + z * standardError] };
  };
  return {
    relative: (system, base) => {
      const i = ability[system]!;
      const j = base === null ? -1 : ability[base]!;
      const variance =
        base === null
          ? between(i, i) - 2 * withMean[system]! + ofMean
          : between(i, i) - 2 * between(i, j) + between(j, j);
      return around(relativeAt(design, at, mean, system, base), variance);
    },
    parameter: (index) => around(at[index]!, between(index, index)),
    clusters,
  };
};

/** Percentile intervals of resampled clusters. */
export const resampledSpread = (design: Design, maximum: Maximum, options: BootstrapOptions): Spread => {
  const { resamples = 1000, seed = 0, level = 0.95 } = options;
  const { estimates, failed } = resampleEstimates(design, maximum.at, resamples, seed);
  const means = estimates.map((at) => meanAbility(design, at));
  const mean = meanAbility(design, maximum.at);
  const tail = (1 - level) / 2;
  const around = (value: number, found: readonly number[]): Coefficient => {
    const sorted = Float64Array.from(found).sort();
    const centre = sorted.reduce((sum, one) => sum + one / sorted.length, 0);
    const variance = sorted.reduce((sum, one) => sum + (one - centre) ** 2, 0) / (sorted.length - 1);
    return {
      value,
      standardError: Math.sqrt(variance),
      interval: [quantile(sorted, tail), quantile(sorted, 1 - tail)],
    };
  };
  return {
    relative: (system, base) =>
      around(
        relativeAt(design, maximum.at, mean, system, base),
        estimates.map((at, r) => relativeAt(design, at, means[r]!, system, base)),
      ),
    parameter: (index) =>
      around(
        maximum.at[index]!,
        estimates.map((at) => at[index]!),
      ),
    clusters: null,
    failed,
  };
};
