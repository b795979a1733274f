/** @file The public surface of `@plaudit/feedback`. */
export { canonicalJson, contentId } from './canonical-json.ts';
export { toPrompt } from './prompt.ts';
export { type FormatName, formatNames } from './readers/formats/formats.ts';
export {
  type JudgementBatch,
  type JudgementCounts,
  type ReadJudgements,
  type ReadOptions,
  readJudgements,
  streamJudgements,
} from './readers/read-judgements.ts';
export { type Reject, type RejectReason, rejectReasons } from './readers/reject.ts';
