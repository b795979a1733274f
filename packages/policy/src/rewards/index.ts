/** @file Rewards: what the rest of the package uses of this folder. */
export type { EndpointOptions } from './endpoint.ts';
export { type FailurePolicy, type Rewarded, rewardAll } from './failures.ts';
export type { RewardFunction, RewardFunctionOptions } from './functions.ts';
export { type OpenRewardOptions, openReward } from './open.ts';
export { normaliserOf, type PenalisedReward, type PenaltyOptions, penalised } from './penalised.ts';
export {
  hasFailed,
  type RewardFailure,
  type RewardItem,
  type RewardOptions,
  type RewardOutcome,
  type RewardScore,
  type RewardSource,
} from './source.ts';
