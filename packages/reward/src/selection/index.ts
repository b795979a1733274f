/** @file Selection with a model: the next pairs by a saved one, and simulations of what a rule would have saved. */
export type { Estimate, Reached, RuleCurves } from './curves.ts';
export {
  type LiveAnswer,
  type LiveItem,
  LiveModel,
  type LivePoint,
} from './live-model.ts';
export { renderSelectionReport, selectionNotes, selectionSetting, selectionTable } from './report.ts';
export { type NextItem, type NextItemsDocument, type SelectNextOptions, selectNext } from './select-next.ts';
export {
  type RuleResult,
  type SelectionSimulationDocument,
  type SelectionSimulationOptions,
  simulateSelection,
} from './simulate-selection.ts';
export type { TrialPlan } from './trial.ts';
