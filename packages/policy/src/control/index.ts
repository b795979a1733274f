/** @file What is steered between updates: the penalty on leaving the reference, and the weight of a safety constraint. */
export { type KlControl, klControl, nextKlCoefficient } from './kl-coefficient.ts';
export {
  type CostConstraint,
  combineAdvantage,
  costConstraint,
  initialMultiplier,
  type MultiplierState,
  nextMultiplier,
} from './multiplier.ts';
