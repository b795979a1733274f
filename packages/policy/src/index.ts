/** @file The public surface of `@plaudit/policy`. */
export * from './advantage/index.ts';
export * from './control/index.ts';
export * from './drift/index.ts';
export * from './evaluate/index.ts';
export * from './objectives/index.ts';
export * from './overoptimisation/index.ts';
export { type LiveOptions, liveLine, liveLines, renderPolicyReport } from './report/index.ts';
export * from './rewards/index.ts';
export {
  type EvaluatePolicyDocument,
  type EvaluatePolicyOptions,
  evaluatePolicy,
  type PolicyComparison,
} from './run/evaluate.ts';
export {
  type ExportDocument,
  type ExportFormat,
  type ExportPolicyOptions,
  exportFormats,
  exportPolicy,
} from './run/export.ts';
export {
  type GenerateDocument,
  type GeneratedResponse,
  type GenerateOptions,
  generateResponses,
} from './run/generate.ts';
export { heldOutFile } from './run/held-out.ts';
export { type PolicyDocument, type TrainPolicyOptions, trainPolicy } from './run/train.ts';
export type { PolicyConfiguration } from './trainer/configuration.ts';
export { type OpenedPolicy, openPolicy, type PolicyCard, readPolicyCard } from './trainer/files.ts';
export { type PolicyRecord, policyRecord } from './trainer/record.ts';
export {
  isOnline,
  type PolicyMethod,
  type PolicySettingName,
  type PolicySettings,
  policyMethods,
  policySettings,
} from './trainer/settings.ts';
