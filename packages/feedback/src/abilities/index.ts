/** @file How able systems are, from who beat whom: Bradley-Terry with ties, places, covariates and honest intervals. */
export {
  type Ability,
  type BradleyTerry,
  type BradleyTerryOptions,
  bradleyTerryAbilities,
} from './bradley-terry.ts';
export { type Contest, connectedSystems } from './contest.ts';
export {
  type ContestOptions,
  type ContestsOfComparisons,
  contestsOf,
  styleDifferences,
} from './contests-of.ts';
export type { ModelOptions } from './design.ts';
export type { LogLikelihoods } from './log-likelihood.ts';
export type { TieRule } from './outcome-model.ts';
export type { Coefficient } from './spread.ts';
export { type ContestColumns, contestsOfRows, segmentsOfSystems, systemsBy } from './systems-of.ts';
