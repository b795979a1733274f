/** @file Drift: what goes wrong slowly in a run, and the measures of a rollout that show it. */
export { type RewardedLength, withinPromptLengthCorrelation } from './length-correlation.ts';
export { repeatedShare } from './repetition.ts';
export {
  type DriftCode,
  type DriftOptions,
  type DriftWarning,
  driftCodes,
  driftWarnings,
} from './warnings.ts';
