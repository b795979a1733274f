/** @file Scores of responses to advantages of tokens: penalties, baselines, estimation along a response, whitening. */
export { batchBaseline, type Groups, groupRelative, leaveOneOut, runningBaseline } from './baselines.ts';
export { type AdvantagesAndReturns, type GaeOptions, gae, rewardsToGo } from './gae.ts';
export {
  deviation,
  type Moments,
  noMoments,
  type ScaledScores,
  scaleScores,
  withNumbers,
} from './moments.ts';
export { clipScore, perTokenRewards } from './token-rewards.ts';
export { type WhitenOptions, whiten } from './whiten.ts';
