/** @file The linear model behind a lead: abilities, advantage of the place, covariates; and the weights of its rows. */
import { plauditError } from '@plaudit/contract';
import { Numbering } from '../agreement/reliability-table.ts';
import type { Field } from './contest.ts';
import { type OutcomeModel, type Outcomes, outcomeModels, type TieRule } from './outcome-model.ts';

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
 * Contests whose leads are the same sum of parameters are one row: without covariates a few rows, however many contests.
 *
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
  /** Penalty of each parameter. */
  readonly penalty: Float64Array;
  /** What each row's lead adds up: parameters with their factors. */
  readonly rows: readonly Row[];
  /** Row of each contest. */
  readonly rowOf: Int32Array;
  /** Wins of a, wins of b and ties of each contest [contests, 3]. */
  readonly counts: Float64Array;
}

export interface Row {
  readonly index: readonly number[];
  readonly factor: readonly number[];
}

/** @throws data.bad_option for a contest without one of the covariates, or a tie rule where nothing tied */
export const designOf = (field: Field, options: ModelOptions): Design => {
  const { ties = 'half', home = false, covariates = [], ridge = {} } = options;
  const model = outcomeModels[ties];
  const { contests, systems } = field;
  const values = contests.map((contest) =>
    covariates.map((name) => contest.covariates?.[name] ?? Number.NaN),
  );
  if (!values.every((of) => of.every(Number.isFinite)))
    throw plauditError('data.bad_option', {
      option: 'covariates',
      problem: 'every contest has to have each of them as a finite number',
    });
  if (model.hasTie && !contests.some((contest) => (contest.ties ?? 0) > 0))
    throw plauditError('data.bad_option', {
      option: 'ties',
      problem: 'no contest ended in a tie, so that there is nothing to estimate; take ties as half wins',
    });
  const penalised = (ridge.abilities ?? 0) > 0;
  const abilities = systems.length - (penalised ? 0 : 1);
  const firstCovariate = abilities + (home ? 1 : 0);
  const tie = firstCovariate + covariates.length;
  const size = tie + (model.hasTie ? 1 : 0);
  const penalty = new Float64Array(size).fill(ridge.abilities ?? 0, 0, abilities);
  covariates.forEach((_, c) => {
    const square = values.reduce((sum, of) => sum + of[c]! ** 2 / contests.length, 0);
    penalty[firstCovariate + c] = (ridge.covariates ?? 0) * square;
  });
  const ability = Int32Array.from(systems, (_, i) => (penalised ? i : i - 1));
  const rows = new Numbering<string>();
  const rowOf = Int32Array.from(contests, (contest, i) => {
    const place = !home || contest.home === undefined ? 0 : contest.home === 'a' ? 1 : -1;
    const parts: readonly (readonly [index: number, factor: number])[] = [
      [ability[field.a[i]!]!, 1],
      [ability[field.b[i]!]!, -1],
      [abilities, place],
      ...values[i]!.map((value, c) => [firstCovariate + c, value] as const),
    ];
    return rows.of(JSON.stringify(parts.filter(([index, factor]) => index >= 0 && factor !== 0)));
  });
  return {
    field,
    model,
    size,
    ability,
    home: home ? abilities : -1,
    covariates,
    firstCovariate,
    tie: model.hasTie ? tie : -1,
    penalty,
    rows: rows.keys.map((key) => {
      const parts = JSON.parse(key) as [number, number][];
      return { index: parts.map(([index]) => index), factor: parts.map(([, factor]) => factor) };
    }),
    rowOf,
    counts: Float64Array.from(contests.flatMap(({ aWins, bWins, ties: tied = 0 }) => [aWins, bWins, tied])),
  };
};

/** The lead of a over b in a row's contests. */
export const leadOf = ({ index, factor }: Row, at: Float64Array): number =>
  index.reduce((sum, parameter, i) => sum + factor[i]! * at[parameter]!, 0);

/** The outcomes of each row's contests at some parameters. */
export const outcomesOf = ({ rows, model, tie }: Design, at: Float64Array): Outcomes[] =>
  rows.map((row) => model.outcomes(leadOf(row, at), tie < 0 ? 0 : at[tie]!));

/** Counts of contests [contests, 3] summed by row [rows, 3]. */
export const countRows = ({ rows, rowOf }: Design, counts: Float64Array): Float64Array => {
  const found = new Float64Array(rows.length * 3);
  counts.forEach((count, cell) => {
    found[rowOf[Math.floor(cell / 3)]! * 3 + (cell % 3)]! += count;
  });
  return found;
};
