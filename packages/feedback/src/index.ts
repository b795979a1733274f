/** @file The public surface of `@plaudit/feedback`. */
export { canonicalJson, contentId } from './canonical-json.ts';
export { clusterPrompts, type NearDuplicateOptions, textSimilarity } from './near-duplicates.ts';
export {
  judgementsIn,
  type PreferencePair,
  type PreferenceTree,
  type TreeLabel,
  type TreeRanking,
  type TreeRating,
  type TreeSteps,
  type TreeTie,
} from './preference-tree.ts';
export { type PreferenceTrees, preferenceTrees } from './preference-trees.ts';
export { toPrompt } from './prompt.ts';
export { hasFields, isRow, optionalMessages, optionalText, promptOf, type Row } from './readers/fields.ts';
export { type FormatName, formatNames } from './readers/formats/formats.ts';
export {
  type JudgementBatch,
  type JudgementCounts,
  type ReadJudgements,
  type ReadOptions,
  readJudgements,
  streamJudgements,
} from './readers/read-judgements.ts';
export { type PromptRow, readPromptRows } from './readers/read-prompt-rows.ts';
export { type Reject, type RejectReason, RowFault, rejectReasons } from './readers/reject.ts';
export { streamRows } from './readers/rows.ts';
export { sourceFiles } from './readers/source-files.ts';
export { responsesOf } from './responses-of.ts';
export { goldReward } from './simulate/gold-reward.ts';
export {
  type SimulatedAnnotator,
  type SimulatedAnnotators,
  type SimulateOptions,
  type Simulation,
  simulate,
} from './simulate/simulate.ts';
export { type PromptSplit, type SplitOptions, splitByPrompt } from './split.ts';
export {
  accuracyWithInterval,
  type BootstrapOptions,
  type BootstrapResult,
  clusterBootstrap,
  differenceWithInterval,
  fewestClusters,
  type Interval,
  quantile,
  wilsonInterval,
} from './statistics/bootstrap.ts';
export { holm, normalCdf } from './statistics/normal.ts';
export {
  averageRanks,
  type KendallTau,
  kendallTau,
  pearson,
  spearman,
} from './statistics/rank-correlation.ts';
export { mcnemarExact, rocAuc } from './statistics/two-outcomes.ts';
export { writeJudgements, writeRejects } from './write-lines.ts';
