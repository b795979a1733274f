/** @file What an evaluation says of one policy, and of one beside another. */
export type { LengthControlled } from './length-control.ts';
export {
  clusteredStandardError,
  type EvaluatedResponse,
  type MeanWithError,
  type PolicyStatistics,
  policyStatistics,
} from './statistics.ts';
export {
  evaluateOutcomes,
  evaluateWinRate,
  type OutcomesInput,
  type PairedRewards,
  type RewardsInput,
  type WinRate,
} from './win-rate.ts';
