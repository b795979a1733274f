/** @file The linear model behind a lead: abilities, advantage of the place, covariates; and the weights of its rows. */
import { plauditError } from '@plaudit/contract';
import type { Field } from './contest.ts';
import { type OutcomeModel, outcomeModels, type TieRule } from './outcome-model.ts';

export interface ModelOptions {
  /** Default half. */
  readonly ties?: TieRule;
  /** Estimates the advantage of the place. Default false. */
  readonly home?: boolean;
  /** Names of covariates to estimate; every contest has to have them. */
  readonly covariates?: readonly string[];
  /**
   * Half of this times the square is subtracted from the log-likelihood: of each ability, and of each covariate's
   * coefficient times the covariate's root mean square. Default 0 for both. Any above 0 for abilities makes them finite.
   */
  readonly ridge?: { readonly abilities?: number; readonly covariates?: number };
}

/**
 * Parameters in order: abilities, home, covariates, tie. Without a penalty on abilities the first system's is 0 and no
 * parameter, because only differences can be seen.
 */
export interface Design {
  readonly field: Field;
  readonly model: OutcomeModel;
  readonly size: number;
  /** Parameter of each system; -1 for the one that is 0. */
  readonly ability: Int32Array;
  readonly home: number;
  readonly covariates: readonly string[];
  readonly firstCovariate: number;
  readonly tie: number;
  /** 1 where a is at home, -1 where b is. */
  readonly place: Float64Array;
  /** [contests, covariates] */
  readonly values: Float64Array;
  /** Penalty of each parameter. */
  readonly penalty: Float64Array;
  /** Wins of a, wins of b and ties of each contest [contests, 3]. */
  readonly counts: Float64Array;
}

/** @throws data.bad_option for a contest without one of the covariates, or a tie rule where nothing tied */
export const designOf = (field: Field, options: ModelOptions): Design => {
  const { ties = 'half', home = false, covariates = [], ridge = {} } = options;
  const model = outcomeModels[ties];
  const { contests, systems } = field;
  const penalised = (ridge.abilities ?? 0) > 0;
  const abilities = systems.length - (penalised ? 0 : 1);
  const values = Float64Array.from(
    contests.flatMap((contest) => covariates.map((name) => contest.covariates?.[name] ?? Number.NaN)),
  );
  if (!values.every(Number.isFinite))
    throw plauditError('data.bad_option', {
      option: 'covariates',
      problem: 'every contest has to have each of them as a finite number',
    });
  if (model.hasTie && !contests.some((contest) => (contest.ties ?? 0) > 0))
    throw plauditError('data.bad_option', {
      option: 'ties',
      problem: 'no contest ended in a tie, so that there is nothing to estimate; take ties as half wins',
    });
  const firstCovariate = abilities + (home ? 1 : 0);
  const tie = firstCovariate + covariates.length;
  const size = tie + (model.hasTie ? 1 : 0);
  const penalty = new Float64Array(size).fill(ridge.abilities ?? 0, 0, abilities);
  covariates.forEach((_, c) => {
    let square = 0;
    for (let i = c; i < values.length; i += covariates.length) square += values[i]! ** 2 / contests.length;
    penalty[firstCovariate + c] = (ridge.covariates ?? 0) * square;
  });
  return {
    field,
    model,
    size,
    ability: Int32Array.from(systems, (_, i) => (penalised ? i : i - 1)),
    home: home ? abilities : -1,
    covariates,
    firstCovariate,
    tie: model.hasTie ? tie : -1,
    place: Float64Array.from(contests, (contest) =>
      contest.home === undefined ? 0 : contest.home === 'a' ? 1 : -1,
    ),
    values,
    penalty,
    counts: Float64Array.from(contests.flatMap(({ aWins, bWins, ties: tied = 0 }) => [aWins, bWins, tied])),
  };
};

/** The parameters that a contest's lead depends on, with their factors, and the lead itself. */
export const leadOf = (
  design: Design,
  contest: number,
  at: Float64Array,
  terms: { readonly index: number[]; readonly factor: number[] },
): number => {
  const { field, ability, home, place, values, covariates, firstCovariate } = design;
  terms.index.length = 0;
  terms.factor.length = 0;
  let lead = 0;
  const add = (index: number, factor: number): void => {
    if (index < 0 || factor === 0) return;
    terms.index.push(index);
    terms.factor.push(factor);
    lead += factor * at[index]!;
  };
  add(ability[field.a[contest]!]!, 1);
  add(ability[field.b[contest]!]!, -1);
  add(home, place[contest]!);
  for (let c = 0; c < covariates.length; c++)
    add(firstCovariate + c, values[contest * covariates.length + c]!);
  return lead;
};
