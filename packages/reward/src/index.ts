/** @file The public surface of `@plaudit/reward`. */
export {
  type Calibration,
  type ModelCard,
  modelCard,
  modelCardFile,
  type RewardModel,
  readModelCard,
  type Score,
  type ScoreItem,
  type ScoreOptions,
} from './model.ts';
export {
  type ComparisonDocument,
  compareRewardModels,
  type EvaluationDocument,
  type EvaluationOptions,
  evaluateRewardModel,
  type SplitName,
  splitNames,
} from './run/evaluate.ts';
export { type LoadOptions, loadRewardModel, rewardModelKinds } from './run/kinds.ts';
export { pairsIn, readPreferenceData } from './run/preference-data.ts';
export type { OnProgress, RunProgress } from './run/progress.ts';
export { type RowScores, type ScoreDocument, scoreRows } from './run/score.ts';
export { type SettingName, type TrainingSettings, trainingSettings } from './run/settings.ts';
export { type TrainingDocument, type TrainRewardModelOptions, trainRewardModel } from './run/train.ts';
export type { ModelComparison } from './validation/compare.ts';
export type { GroupAccuracy, Interval, ValidationDocument } from './validation/document.ts';
