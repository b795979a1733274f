/** @file Quality gates: what is wrong with a set of judgements, one report of it, and whether to train on it. */
export { type CheckedJudgements, checkQuality, gateMemory, type QualityOptions } from './check-quality.ts';
export { type WordMarks, wordMarks } from './content/word-marks.ts';
export {
  type Bounds,
  type GateFamily,
  type GateResult,
  gateFamilies,
  type MeasuredShare,
  type Picture,
  type QualityReport,
  qualityReport,
  type RowReference,
  type Verdict,
  verdicts,
} from './document.ts';
export { type GateName, gateNames } from './gate-names.ts';
export type { GateOptions, GateSettings } from './options.ts';
export { renderQualityReport } from './report/render.ts';
export type { Benchmark, MeasuredAgreement, PrivacyFindings, QualityInputs } from './shared.ts';
