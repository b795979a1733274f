/** @file Abilities of systems from who beat whom: Bradley-Terry with ties, the advantage of the place, and covariates. */
import { plauditError } from '@plaudit/contract';
import type { BootstrapOptions, Interval } from '../statistics/bootstrap.ts';
import { type Contest, componentsOf, type Field, fieldOf, separatedSystems } from './contest.ts';
import { type Design, designOf, type ModelOptions } from './design.ts';
import { type LogLikelihoods, logLikelihoods } from './log-likelihood.ts';
import { maximise } from './maximum-likelihood.ts';
import { type Coefficient, normalSpread, resampledSpread } from './spread.ts';

export interface BradleyTerryOptions extends ModelOptions, BootstrapOptions {
  /** The system whose ability is 0. Default: the mean of all abilities is 0. */
  readonly reference?: string;
  /**
   * Where intervals come from. sandwich: how clusters scatter. model: the curvature of the likelihood. bootstrap:
   * resampled clusters, 1,000 unless told. Default sandwich.
   */
  readonly intervals?: 'sandwich' | 'model' | 'bootstrap';
}

export interface Ability {
  readonly system: string;
  /** ln odds of beating the reference, at equal places and covariates. */
  readonly ability: number;
  readonly standardError: number;
  readonly interval: Interval;
  /**
   * The best rank is one more than the number of systems whose whole interval lies above this one's; the worst follows from
   * those whose whole interval lies below. Intervals around the mean of all decide, so that the reference changes no rank.
   */
  readonly ranks: readonly [best: number, worst: number];
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
}

export interface BradleyTerry extends LogLikelihoods {
  /** By ability, the best first. */
  readonly systems: readonly Ability[];
  /** ln odds that the place alone adds. */
  readonly home?: Coefficient;
  /** ln odds for each unit of a covariate by which one side is ahead. */
  readonly covariates: Readonly<Record<string, Coefficient>>;
  /** Davidson's ln ν, or Rao and Kupper's ln θ. */
  readonly tie?: Coefficient;
  readonly comparisons: number;
  /** Independent observations: clusters, and comparisons without one. Null where intervals are not the sandwich's. */
  readonly clusters: number | null;
  /** Resamples in which a system won everything or lost everything; they are left out. Absent without a bootstrap. */
  readonly failedResamples?: number;
  readonly iterations: number;
}

/** Above, the matrices take minutes. */
const mostSystems = 2000;

/**
 * Maximum likelihood by Newton's method. With the defaults it is what R's BradleyTerry2 finds.
 *
 * @example
 * const { systems, home } = bradleyTerryAbilities(
 *   [{ a: 'Milwaukee', b: 'Detroit', aWins: 4, bWins: 3, home: 'a' }, ...],
 *   { home: true, reference: 'Baltimore' },
 * );
 * @see Bradley and Terry 1952; Turner and Firth 2012, "Bradley-Terry models in R: the BradleyTerry2 package"
 * @throws quality.systems_disconnected where some systems were never compared with the others, even through others
 * @throws quality.systems_separated where some systems won all against the rest, or covariates explain everything
 * @throws quality.too_many_systems
 * @throws data.bad_option for an unknown reference, a missing covariate, a tie rule without ties, no contest at all
 */
export const bradleyTerryAbilities = (
  contests: readonly Contest[],
  options: BradleyTerryOptions = {},
): BradleyTerry => {
  const { intervals = 'sandwich' } = options;
  const field = fieldOf(contests);
  const base = placeOfReference(field, options.reference);
  const design = solvableDesign(field, options);
  const maximum = maximise(design, design.counts, startOf(design));
  if (maximum === null) throw plauditError('quality.systems_separated', { systems: field.systems.length });
  const spread =
    intervals === 'bootstrap'
      ? resampledSpread(design, maximum, options)
      : normalSpread(design, maximum, intervals, options);
  const ranks = ranksOf(field.systems.map((_, system) => spread.relative(system, null).interval));
  const records = recordsOf(field);
  const systems = field.systems.map((system, i): Ability => {
    const { value, ...uncertainty } = spread.relative(i, base);
    return { system, ability: value, ...uncertainty, ranks: ranks[i]!, ...records[i]! };
  });
  return {
    systems: systems.sort((one, other) => other.ability - one.ability),
    ...(design.home >= 0 && { home: spread.parameter(design.home) }),
    covariates: Object.fromEntries(
      design.covariates.map((name, c) => [name, spread.parameter(design.firstCovariate + c)]),
    ),
    ...(design.tie >= 0 && { tie: spread.parameter(design.tie) }),
    ...logLikelihoods(design, maximum),
    comparisons: design.counts.reduce((sum, count) => sum + count, 0),
    clusters: spread.clusters,
    ...(spread.failed !== undefined && { failedResamples: spread.failed }),
    iterations: maximum.iterations,
  };
};

const placeOfReference = ({ systems }: Field, reference: string | undefined): number | null => {
  if (reference === undefined) return null;
  const place = systems.indexOf(reference);
  if (place >= 0) return place;
  throw plauditError('data.bad_option', {
    option: 'reference',
    problem: 'it has to be one of the systems that were compared',
  });
};

const solvableDesign = (field: Field, options: ModelOptions): Design => {
  const { systems } = field;
  if (systems.length === 0)
    throw plauditError('data.bad_option', { option: 'contests', problem: 'no two systems were compared' });
  if (systems.length > mostSystems)
    throw plauditError('quality.too_many_systems', { systems: systems.length, most: mostSystems });
  const design = designOf(field, options);
  if ((options.ridge?.abilities ?? 0) > 0) return design;
  const components = 1 + componentsOf(field).reduce((most, component) => Math.max(most, component), 0);
  if (components > 1)
    throw plauditError('quality.systems_disconnected', { systems: systems.length, components });
  const separated = separatedSystems(field, design.counts);
  if (separated > 0) throw plauditError('quality.systems_separated', { systems: separated });
  return design;
};

const startOf = ({ size, tie, model, counts }: Design): Float64Array => {
  const start = new Float64Array(size);
  if (tie < 0) return start;
  const all = counts.reduce((sum, count) => sum + count, 0);
  const tied = counts.reduce((sum, count, i) => (i % 3 === 2 ? sum + count : sum), 0);
  // Where everything tied there is no maximum; this start lets the search find that out.
  start[tie] = model.start(Math.min(0.99, tied / all));
  return start;
};

const ranksOf = (intervals: readonly Interval[]): (readonly [number, number])[] =>
  intervals.map(([low, high]) => [
    1 + intervals.filter(([otherLow]) => otherLow > high).length,
    intervals.length - intervals.filter(([, otherHigh]) => otherHigh < low).length,
  ]);

const recordsOf = ({ systems, contests, a, b }: Field): Pick<Ability, 'wins' | 'losses' | 'ties'>[] => {
  const records = systems.map(() => ({ wins: 0, losses: 0, ties: 0 }));
  contests.forEach(({ aWins, bWins, ties = 0 }, i) => {
    const [one, other] = [records[a[i]!]!, records[b[i]!]!];
    one.wins += aWins;
    one.losses += bWins;
    one.ties += ties;
    other.wins += bWins;
    other.losses += aWins;
    other.ties += ties;
  });
  return records;
};
