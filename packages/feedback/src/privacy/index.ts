/** @file Privacy: finding what is personal, taking it out at the door, the vault of originals, people by their identifiers. */
export { type DetectionReport, detectionReport, type TypeDetection } from './detection-report.ts';
export { createDetector, type Detector, type DetectorOptions } from './detector.ts';
export { type FixtureOptions, type LabelledText, privacyFixture } from './fixture/privacy-fixture.ts';
export {
  createMasterKey,
  type MasterKey,
  masterKeyOf,
  openMasterKey,
  type RandomBytes,
  readMasterKey,
  writeMasterKey,
} from './master-key.ts';
export { checkOperators, defaultOperator, type Operator } from './operators.ts';
export { type PrivacyPolicy, type PrivacySettings, privacyPolicy } from './policy.ts';
export type { Finding, Pattern, Recogniser } from './recogniser.ts';
export {
  type FieldFinding,
  type ScrubbedJudgement,
  scrubJudgement,
  scrubJudgementsWith,
} from './scrub-judgement.ts';
export { type SuppressedCounts, suppressSmallCells } from './small-cells.ts';
export type { ModelSpan, SpanModel } from './span-model.ts';
export { findSubject, subjectsNamed } from './subjects.ts';
export { projectKey, type SubjectId, tokenOf } from './tokens.ts';
export { Keyring, reveal, type SubjectKey, type Vault, type VaultEntry } from './vault.ts';
