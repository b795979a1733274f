/** @file Selection: which pairs of responses to have judged next, and with what probability each was chosen. */
export { beliefOfDraws, type ResponseBelief } from './belief.ts';
export { type Candidate, type SelectionPurpose, selectionPurposes } from './pool.ts';
export {
  needsUncertainty,
  type SelectedPair,
  type Selection,
  type SelectionOptions,
  type SelectionRule,
  selectionRules,
  selectPairs,
} from './select.ts';
