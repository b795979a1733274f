/** @file Readers: files of judgements, contests and labels, in any known container and format, with what was set aside. */
export { type Contest, type ReadContests, readContests } from './contests.ts';
export { hasFields, isRow, optionalMessages, optionalText, promptOf, type Row } from './fields.ts';
export { type FormatName, formatNames } from './formats/formats.ts';
export {
  type JudgementBatch,
  type JudgementCounts,
  type ReadJudgements,
  type ReadOptions,
  readJudgements,
  streamJudgements,
} from './read-judgements.ts';
export { type PromptRow, type PromptRowOptions, readPromptRows } from './read-prompt-rows.ts';
export { type Reject, type RejectReason, RowFault, rejectReasons } from './reject.ts';
export { streamRows } from './rows.ts';
export { sourceFiles } from './source-files.ts';
export { type ReadWorkerLabels, readWorkerLabels, type WorkerLabel } from './worker-labels.ts';
