/** @file Who judges how well, what the true labels probably are, and whose judgements to look at. */
export {
  type CrowdBradleyTerry,
  type CrowdBradleyTerryOptions,
  crowdBradleyTerry,
  type PairPosterior,
  type SkilledAnnotator,
} from './crowd-bradley-terry.ts';
export type { CrowdPriors } from './crowd-likelihood.ts';
export { type PairVote, type PairVotes, pairVotes } from './crowd-pairs.ts';
export {
  type ConfusedAnnotator,
  type DawidSkene,
  type DawidSkeneOptions,
  dawidSkene,
} from './dawid-skene.ts';
export type { SearchOptions } from './expectation-maximisation.ts';
export { type AbleAnnotator, type Glad, type GladOptions, glad } from './glad.ts';
export {
  type AnnotatorHealth,
  annotatorHealth,
  type Concern,
  type HealthOptions,
  type HealthReport,
} from './health/annotator-health.ts';
export { type CheckedVote, type CheckOptions, type CheckResult, checkVotes } from './health/checks.ts';
export { type Contrarian, contrarians } from './health/contrarians.ts';
export { type CopyOptions, type LikePair, likePairs } from './health/copies.ts';
export {
  type AnnotatorSpeed,
  judgingSpeeds,
  type SpeedOptions,
  type Speeds,
  type TimedJudgement,
} from './health/speed.ts';
export {
  type GivenAnswer,
  type LongestRun,
  longestRuns,
  type SideShare,
  sideShares,
} from './health/straight-lining.ts';
export { type KnownValuesOfJudgements, knownValues } from './known-values.ts';
export type { AnnotatorAccuracy, Fit, LabelModel, UnitPosterior } from './label-model.ts';
export { type CompetentAnnotator, type Mace, type MaceOptions, mace } from './mace.ts';
export { majorityVote, type WeightedAnnotator, wawa } from './majority-vote.ts';
export { type OneCoin, type OneCoinOptions, oneCoin } from './one-coin.ts';
export { type SoftComparisons, softComparisons } from './soft-comparisons.ts';
export type { ClassOptions } from './vote-table.ts';
