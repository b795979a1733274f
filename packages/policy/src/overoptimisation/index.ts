/** @file Over-optimisation: the law of gold against divergence, when to stop, and the panel of best-of-n. */
export {
  type BestOfNFit,
  type BestOfNPanel,
  type BestOfNPanelOptions,
  bestOfNPanel,
} from './best-of-n-panel.ts';
export {
  type FitOptions,
  fitOverOptimisation,
  type GoldPeak,
  type GoldPoint,
  lawGain,
  type OverOptimisationFit,
  type OverOptimisationLaw,
} from './fit.ts';
export {
  fitEvaluations,
  type StopDecision,
  type StopEvaluation,
  StopRule,
  type StopRuleOptions,
  type StopState,
  stopState,
} from './stop-rule.ts';
