/** @file What other programs found in R's example data. */
import { readFileSync } from 'node:fs';

/** Of a binomial model with ties as half wins: by statsmodels. */
export interface RecordedBinomial {
  /** And other coefficients. */
  readonly abilities: Readonly<Record<string, number>>;
  readonly modelErrors: Readonly<Record<string, number>>;
  readonly clusterErrors?: Readonly<Record<string, number>>;
  readonly logLikelihoodInR: number;
}

/** Of a model with ties as a third outcome: by SciPy. */
export interface RecordedWithTies {
  readonly abilities: Readonly<Record<string, number>>;
  readonly tie: number;
  readonly logLikelihood: number;
}

/** What `fixtures/record.py` recorded. */
export const recorded: Readonly<
  Record<
    'citations' | 'baseball' | 'baseballHome' | 'hockey' | 'hockeyHome' | 'cems' | 'cemsCovariate',
    RecordedBinomial
  > &
    Record<'cemsDavidson' | 'cemsRaoKupper', RecordedWithTies>
> = JSON.parse(readFileSync(new URL('fixtures/abilities.json', import.meta.url), 'utf8'));
