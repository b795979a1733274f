/** @file The public surface of `@plaudit/reward`. */

export type { Benchmark, BenchmarkResult, Measure, MeasureGroup } from './benchmarks/benchmark.ts';
export { benchmarkNames } from './benchmarks/benchmarks.ts';
export {
  type BestOfNCurve,
  type BestOfNPoint,
  type BestOfNPrompt,
  bestOfN,
  bestOfNCurve,
} from './benchmarks/best-of-n-curve.ts';
export { renderBenchmarkReport } from './benchmarks/report.ts';
export { type BenchmarkDocument, type BenchmarkRunOptions, runBenchmark } from './benchmarks/run.ts';
export { isMeasured } from './built/card.ts';
export { type DistillationDocument, type DistilOptions, distilRewardModel } from './distillation/distil.ts';
export type { Fidelity } from './distillation/fidelity-document.ts';
export { type InspectionDocument, type InspectionOptions, inspectRewardModel } from './inspection/inspect.ts';
export type { ProbeMeasure, ProbeResult } from './inspection/probe.ts';
export type { JudgeUsage, PositionConsistency } from './judge/usage.ts';
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
  type ScorePart,
} from './model.ts';
export type { ItemFeatures } from './probe/features.ts';
export { ProbeTrainer, type Refit } from './probe/trainer.ts';
export {
  openRewardFunction,
  type RewardFunctionFile,
  type RewardFunctionLimits,
} from './program/function.ts';
export { type Curve, curveFigure, type Series } from './report/curve.ts';
export { axes, figure, horizontal, percent, short, vertical } from './report/figures.ts';
export { type Html, html } from './report/html.ts';
export { styleSheet } from './report/style.ts';
export { type BuildRewardModelOptions, buildRewardModel } from './run/build.ts';
export { type CalibrationDocument, type CalibrationOptions, calibrateRewardModel } from './run/calibrate.ts';
export {
  type ComparisonDocument,
  compareRewardModels,
  type EvaluationDocument,
  type EvaluationOptions,
  evaluateRewardModel,
  type SplitName,
  splitNames,
} from './run/evaluate.ts';
export type { BuildDocument } from './run/finish-build.ts';
export { type JudgementDocument, type JudgePairsOptions, judgePairs } from './run/judge.ts';
export { type Combination, type LoadOptions, loadRewardModel, rewardModelKinds } from './run/kinds.ts';
export { type EnsembleDocument, trainEnsemble } from './run/members.ts';
export {
  openStaging,
  type RunIdentity,
  requireFree,
  type Staging,
  type StagingOptions,
  writing,
} from './run/output-folder.ts';
export {
  type DataSource,
  type PreferenceData,
  pairsIn,
  readPreferenceData,
  sha256OfFile,
} from './run/preference-data.ts';
export type { OnProgress, RunProgress } from './run/progress.ts';
export { type RowScores, type ScoreDocument, scoreRows } from './run/score.ts';
export { type SettingName, settingFault, type TrainingSettings, trainingSettings } from './run/settings.ts';
export { type TrainingDocument, type TrainRewardModelOptions, trainRewardModel } from './run/train.ts';
export { createdBy } from './run/version.ts';
export {
  type Estimate,
  type LiveAnswer,
  type LiveItem,
  LiveModel,
  type LivePoint,
  type NextItem,
  type NextItemsDocument,
  type Reached,
  type RuleCurves,
  type RuleResult,
  renderSelectionReport,
  type SelectionSimulationDocument,
  type SelectionSimulationOptions,
  type SelectNextOptions,
  selectionNotes,
  selectionSetting,
  selectionTable,
  selectNext,
  simulateSelection,
  type TrialPlan,
} from './selection/index.ts';
export { type Base, freshBase, openBase, openLocatedBase, textsOf } from './transformer/base.ts';
export { type EncodedTree, planBatches, type TreeBatchPlan, tokenCount } from './transformer/batches.ts';
export {
  keptState,
  readBest,
  readLast,
  runFingerprint,
  saveBest,
  saveLast,
} from './transformer/checkpoint.ts';
export { providerOf } from './transformer/configuration.ts';
export { encodeTree } from './transformer/encode.ts';
export { contribOf, type Frozen, initialParameters, type TrainedValues } from './transformer/network.ts';
export { planUpdates } from './transformer/schedule.ts';
export type { ModelComparison } from './validation/compare.ts';
export type { GroupAccuracy, Interval, ValidationDocument } from './validation/document.ts';
