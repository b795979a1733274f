/** @file Implicit signals: what users did, made into judgements by declared rules, weighted and calibrated. */
export { calibrateSignals, type RuleCalibration, type RuledJudgement } from './calibration.ts';
export { type Seen, selfNormalisedMean, type WeightedMean } from './estimate.ts';
export {
  type ImplicitJudgement,
  judgementsFromSignals,
  type RuleReport,
  type SignalJudgements,
  type SignalOptions,
  type SignalReason,
  signalReasons,
} from './judgements.ts';
export { type Impression, type SignalEvent, type SignalLog, type SignalName, signalNames } from './log.ts';
export type { StratumRate } from './propensity.ts';
export { type ReadSignalLog, readSignalLog } from './read-log.ts';
export {
  defaultSignalRules,
  readSignalRules,
  type SignalRule,
  type SignalRules,
  signalRules,
} from './rules.ts';
