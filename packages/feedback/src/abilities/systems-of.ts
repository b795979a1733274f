/** @file Which systems wrote the two responses of a comparison, by the segments in which files name them. */
import type { Comparison, Judgement } from '@plaudit/contract';
import { plauditError } from '@plaudit/contract';
import type { Contest as ContestRow } from '../readers/contests.ts';
import type { Contest } from './contest.ts';
import type { ContestOptions } from './contests-of.ts';

type SystemsOf = ContestOptions['systemsOf'];

/** The segments in which readers keep the names of the two systems: Arena battles, AlpacaEval, PandaLM. */
const usual: readonly (readonly string[])[] = [
  ['model_a', 'model_b'],
  ['generator_1', 'generator_2'],
  ['models'],
];

/** What stands between two names in one segment, in the order in which it is looked for. */
const separators = ['_vs_', ' vs ', '_'];

/**
 * Systems by segments: two that name one system each, in the order of the responses, or one that names both, such as
 * `bloom-7b_llama-7b`. Names that cannot be told apart are not known.
 *
 * @example contestsOf(judgements, { systemsOf: systemsBy(['model_a', 'model_b']) })
 * @throws data.bad_option for other than one or two segments
 */
export const systemsBy = (segments: readonly string[]): SystemsOf => {
  const [first, second, ...rest] = segments;
  if (first === undefined || rest.length > 0)
    throw plauditError('data.bad_option', {
      option: 'by',
      problem: 'it names the two segments that say which systems wrote the responses, or one that says both',
    });
  return ({ provenance: { segments: named = {} } }: Comparison) => {
    if (second === undefined) return named[first] === undefined ? undefined : parted(named[first]);
    const [one, other] = [named[first], named[second]];
    return one === undefined || other === undefined ? undefined : [one, other];
  };
};

const parted = (both: string): readonly [string, string] | undefined => {
  for (const separator of separators) {
    const [one, other, ...rest] = both.split(separator);
    if (one && other && rest.length === 0) return [one, other];
  }
  return undefined;
};

/**
 * The segments that name the systems, found in the first comparison that has any of those which readers keep.
 *
 * @throws data.bad_option where no comparison has them
 */
export const segmentsOfSystems = (judgements: Iterable<Judgement>): readonly string[] => {
  for (const { kind, provenance } of judgements) {
    if (kind !== 'comparison') continue;
    const found = usual.find((names) => names.every((name) => provenance.segments?.[name] !== undefined));
    if (found) return found;
  }
  throw plauditError('data.bad_option', {
    option: 'by',
    problem: 'no comparison has a segment that is known to name systems, so say which segments do',
  });
};

export interface ContestColumns {
  /** Columns that say by how much the first side is ahead in what should not count. */
  readonly covariates?: readonly string[];
  /** A column whose rows with one value are one observation. */
  readonly cluster?: string;
}

/** Contests as a table holds them, for `bradleyTerryAbilities`. A covariate that is no number is not there. */
export const contestsOfRows = (
  rows: readonly ContestRow[],
  { covariates = [], cluster }: ContestColumns = {},
): Contest[] =>
  rows.map(({ first, second, firstWins, secondWins, ties, home, context }) => ({
    a: first,
    b: second,
    aWins: firstWins,
    bWins: secondWins,
    ties,
    ...(home !== undefined && { home: home === 'first' ? ('a' as const) : ('b' as const) }),
    ...(covariates.length > 0 && {
      covariates: Object.fromEntries(
        covariates.flatMap((name) => {
          const text = context[name]?.trim();
          return text === undefined || text === '' ? [] : [[name, Number(text)]];
        }),
      ),
    }),
    ...(cluster !== undefined && context[cluster] !== undefined && { cluster: context[cluster] }),
  }));
