/** @file GLAD: a vote is right by the annotator's ability times how easy the unit is. */
import { sigmoid, softplus } from '@plaudit/contract';
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { minimise } from '../statistics/lbfgs.ts';
import type { SearchOptions } from './expectation-maximisation.ts';
import {
  type AnnotatorAccuracy,
  annotatorAccuracies,
  type Fit,
  type LabelModel,
  type UnitPosterior,
  unitPosteriors,
} from './label-model.ts';
import { checkPrior, logs } from './prior.ts';
import { type ClassOptions, type VoteTable, voteTable } from './vote-table.ts';

export interface GladOptions extends ClassOptions, SearchOptions {
  /** Probability of each class. Default: all alike. */
  readonly prior?: readonly number[];
}

export interface AbleAnnotator extends AnnotatorAccuracy {
  /** 0 for someone who guesses, below 0 for one who says the opposite; 1 is what is expected before any vote. */
  readonly ability: number;
  /** How easy the units are and everybody else's ability count as known. Null where the votes do not determine it. */
  readonly abilityDeviation: number | null;
}

export interface Glad extends LabelModel<AbleAnnotator>, Fit {
  /** Each with how easy it is, above 0. */
  readonly units: readonly (UnitPosterior & { readonly ease: number })[];
}

/** Mean of the normal priors, with standard deviation 1, of the abilities and of the logarithms of ease. */
const expected = 1;

/**
 * True classes, abilities and ease at the maximum of their posterior. P(right) = sigmoid(ability · ease), and an error goes
 * to every other class alike. The true classes are summed out, so that one search finds what EM would.
 *
 * @see Whitehill et al. 2009, "Whose vote should count more"; the priors are those of the authors' program
 * @throws data.bad_option for classes that do not fit the values, or a prior that does not fit the classes
 */
export const glad = (values: readonly AnnotatorValue[], options: GladOptions = {}): Glad => {
  const table = voteTable(values, options);
  const width = table.classes.length;
  const prior = checkPrior(options.prior ?? new Array<number>(width).fill(1 / width), width);
  const logPrior = logs(prior);
  const people = table.annotators.length;
  const start = new Float64Array(people + table.units.length).fill(expected);
  const posterior = new Float64Array(table.units.length * width);
  const { x, value, iterations, reason } = minimise(
    (at, slope) => -logPosterior(table, logPrior, at, slope, posterior),
    start,
    {
      maxIterations: options.maxIterations ?? 1000,
      gradientTolerance: 1e-5,
      functionTolerance: options.tolerance ?? 1e-9,
    },
  );
  logPosterior(table, logPrior, x, new Float64Array(x.length), posterior);
  const isRight = (unit: number, said: number): number => posterior[unit * width + said]!;
  const information = abilityInformation(table, x, isRight);
  return {
    classes: table.classes,
    prior,
    units: unitPosteriors(table, posterior).map((one, u) => ({ ...one, ease: Math.exp(x[people + u]!) })),
    annotators: annotatorAccuracies(table, isRight).map((one, w) => ({
      ...one,
      ability: x[w]!,
      abilityDeviation: information[w]! > 0 ? 1 / Math.sqrt(information[w]!) : null,
    })),
    logLikelihood: -value,
    iterations,
    converged: reason === 'gradient' || reason === 'function',
  };
};

/**
 * ln P(votes, parameters) without constants; writes minus its slope, and P(true class | votes).
 *
 * @param at Abilities, then logarithms of ease
 */
const logPosterior = (
  { units, annotators, classes, starts, annotator, said, gold }: VoteTable,
  logPrior: Float64Array,
  at: Float64Array,
  slope: Float64Array,
  posterior: Float64Array,
): number => {
  const width = classes.length;
  const people = annotators.length;
  const others = Math.log(Math.max(1, width - 1));
  const joint = new Float64Array(width);
  let sum = 0;
  at.forEach((parameter, i) => {
    sum -= (parameter - expected) ** 2 / 2;
    slope[i] = parameter - expected;
  });
  for (let unit = 0; unit < units.length; unit++) {
    const ease = Math.exp(at[people + unit]!);
    const of = posterior.subarray(unit * width, (unit + 1) * width);
    joint.set(logPrior);
    for (let i = starts[unit]!; i < starts[unit + 1]!; i++) {
      const lead = at[annotator[i]!]! * ease;
      // ln P(wrong) for every class, and what being right adds for the one that was said.
      sum -= softplus(lead) + others;
      joint[said[i]!]! += lead + others;
    }
    sum += normalise(joint, gold[unit]!, of);
    for (let i = starts[unit]!; i < starts[unit + 1]!; i++) {
      const ability = at[annotator[i]!]!;
      const excess = of[said[i]!]! - sigmoid(ability * ease);
      slope[annotator[i]!]! -= excess * ease;
      slope[people + unit]! -= excess * ability * ease;
    }
  }
  return sum;
};

/** Writes the distribution of which these are logarithms, and returns ln of their sum; of a known class its own. */
const normalise = (joint: Float64Array, known: number, into: Float64Array): number => {
  if (known >= 0) {
    into.fill(0);
    into[known] = 1;
    return joint[known]!;
  }
  const most = joint.reduce((best, one) => Math.max(best, one), Number.NEGATIVE_INFINITY);
  let sum = 0;
  joint.forEach((one, k) => {
    into[k] = Math.exp(one - most);
    sum += into[k]!;
  });
  for (let k = 0; k < into.length; k++) into[k]! /= sum;
  return most + Math.log(sum);
};

/** Observed information on each ability: what the votes would say if their truth were known, less what is missing. */
const abilityInformation = (
  { units, annotators, starts, annotator, said }: VoteTable,
  at: Float64Array,
  isRight: (unit: number, said: number) => number,
): Float64Array => {
  const information = new Float64Array(annotators.length).fill(1);
  for (let unit = 0; unit < units.length; unit++) {
    const ease = Math.exp(at[annotators.length + unit]!);
    for (let i = starts[unit]!; i < starts[unit + 1]!; i++) {
      const right = sigmoid(at[annotator[i]!]! * ease);
      const p = isRight(unit, said[i]!);
      information[annotator[i]!]! += (right * (1 - right) - p * (1 - p)) * ease * ease;
    }
  }
  return information;
};
