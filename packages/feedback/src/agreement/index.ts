/** @file How far annotators agree: measures, their intervals, and what a model can reach at that agreement. */
export type { AnnotatorValue } from './annotator-value.ts';
export { type Attainable, annotatorAccuracy, attainable, majorityAccuracy } from './attainable.ts';
export type { Estimate } from './cluster-resampling.ts';
export {
  type AnnotatorPair,
  annotatorPairs,
  cohenKappa,
  type KappaOptions,
  type KappaWeights,
} from './cohen-kappa.ts';
export {
  type ComparisonClass,
  type ComparisonUnit,
  canonicalOutcome,
  comparisonClasses,
  comparisonUnit,
} from './comparison-unit.ts';
export {
  type CriterionValues,
  type JudgedValue,
  type SetAsideReason,
  type ValuesOfJudgements,
  valuesOfJudgements,
} from './criterion-values.ts';
export { fleissKappa } from './fleiss-kappa.ts';
export { type AlphaOptions, krippendorffAlpha, type Measurement } from './krippendorff-alpha.ts';
export {
  type AgreementMeasures,
  type AgreementReport,
  type CriterionAgreement,
  measureAgreement,
  type SegmentAgreement,
} from './measure-agreement.ts';
export { pairAgreement } from './pair-agreement.ts';
