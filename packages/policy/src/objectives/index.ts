/** @file What policies learn by: objectives of preferences, surrogates of sampled tokens, the loss of values. */
export { type KlEstimator, klEstimate, klEstimators } from './kl-estimate.ts';
export type {
  LabelClosedForm,
  LabelInputs,
  LabelObjective,
  PairClosedForm,
  PairInputs,
  PairObjective,
  PreferenceObjective,
} from './preference-objective.ts';
export {
  type LabelObjectiveName,
  labelObjective,
  labelObjectiveNames,
  type PairObjectiveName,
  pairObjective,
  pairObjectiveNames,
  preferenceObjective,
} from './preference-objectives.ts';
export type { Surrogate, SurrogateTensors, TokenInputs, ValueInputs } from './surrogate.ts';
export { type SurrogateName, surrogate, surrogateNames } from './surrogates.ts';
export { type TokenNormalisation, tokenWeights } from './token-weights.ts';
export { type ValueLoss, valueLoss } from './value-loss.ts';
