/** @file Objectives that are sums of curves of a pair's log-ratios: of the chosen, of the rejected, of the difference. */
import { ops, type Tensor } from '@plaudit/engine';
import type { Curve } from './curve.ts';
import type { PairClosedForm, PairInputs, PairObjective } from './preference-objective.ts';
import { nonnegative, positive } from './settings.ts';

/** Settings of every objective that compares with a reference. */
export const referencedSettings = {
  /** Strength of the pull to the reference; TRL 1.16 `DPOConfig.beta` has 0.1. */
  beta: positive.default(0.1),
  /** Weight of the chosen responses' negative log-likelihood beside the loss (RPO, Pang et al. 2024, has 1). */
  supervised: nonnegative.default(0),
};

/** One summand: a curve of one of a pair's two log-ratios or of the chosen one's less the rejected one's. */
export interface PairTerm {
  readonly of: 'chosen' | 'rejected' | 'difference';
  readonly curve: Curve;
}

export interface PairTerms {
  readonly name: string;
  /** Log-ratios to the reference, or plain log-probabilities. */
  readonly needsReference: boolean;
  /** Divides them by the tokens that they are over. */
  readonly perToken: boolean;
  readonly supervised: number;
  /** Multiplies them in the implied reward. */
  readonly rewardScale: number;
  readonly terms: readonly PairTerm[];
}

type Ratio = Pick<PairTerms, 'needsReference' | 'perToken'>;

/** The log-ratio that a loss is of, float32 [pairs]. A response without tokens counts as one of one token, as in TRL. */
const logRatio = (
  { needsReference, perToken }: Ratio,
  logProbability: Tensor,
  reference: Tensor,
  tokens: Tensor,
): Tensor => {
  const ratio = needsReference ? ops.subtract(logProbability, reference) : logProbability;
  return perToken ? ops.divide(ratio, ops.maximum(tokens, 1)) : ratio;
};

/** What a log-ratio is divided by. */
const divisor = ({ perToken }: Ratio, tokens: number): number => (perToken ? Math.max(tokens, 1) : 1);

/** The same for one response. */
const logRatioNumber = (ratio: Ratio, logProbability: number, reference: number, tokens: number): number =>
  (logProbability - (ratio.needsReference ? reference : 0)) / divisor(ratio, tokens);

/** Both log-ratios of each pair. */
export const logRatios = (
  ratio: Ratio,
  inputs: PairInputs<Tensor>,
): { chosen: Tensor; rejected: Tensor } => ({
  chosen: logRatio(ratio, inputs.chosen, inputs.referenceChosen, inputs.chosenTokens),
  rejected: logRatio(ratio, inputs.rejected, inputs.referenceRejected, inputs.rejectedTokens),
});

export const logRatioNumbers = (
  ratio: Ratio,
  inputs: PairInputs<readonly number[]>,
): { chosen: number[]; rejected: number[] } => ({
  chosen: inputs.chosen.map((value, i) =>
    logRatioNumber(ratio, value, inputs.referenceChosen[i]!, inputs.chosenTokens[i]!),
  ),
  rejected: inputs.rejected.map((value, i) =>
    logRatioNumber(ratio, value, inputs.referenceRejected[i]!, inputs.rejectedTokens[i]!),
  ),
});

/** The implied reward of an objective of sums over whole responses. */
export const logRatioReward =
  (beta: number) =>
  (logProbability: number, reference: number): number =>
    beta * (logProbability - reference);

/** The sum of the terms, float32 [pairs]. */
const lossOf = ({ terms, ...form }: Ratio & Pick<PairTerms, 'terms'>, inputs: PairInputs<Tensor>): Tensor => {
  const { chosen, rejected } = logRatios(form, inputs);
  const argument = { chosen, rejected, difference: ops.subtract(chosen, rejected) };
  return terms.map(({ of, curve }) => curve.tensor(argument[of])).reduce((sum, term) => ops.add(sum, term));
};

/** The same in closed form. */
export const evaluateTerms = (
  { terms, ...form }: Ratio & Pick<PairTerms, 'terms'>,
  inputs: PairInputs<readonly number[]>,
): PairClosedForm => {
  const ratios = logRatioNumbers(form, inputs);
  const pairs = ratios.chosen.map((chosen, i) => {
    const rejected = ratios.rejected[i]!;
    const argument = { chosen, rejected, difference: chosen - rejected };
    let loss = 0;
    const slopes = { chosen: 0, rejected: 0, difference: 0 };
    for (const { of, curve } of terms) {
      loss += curve.value(argument[of]);
      slopes[of] += curve.slope(argument[of]);
    }
    return {
      loss,
      chosen: (slopes.chosen + slopes.difference) / divisor(form, inputs.chosenTokens[i]!),
      rejected: (slopes.rejected - slopes.difference) / divisor(form, inputs.rejectedTokens[i]!),
    };
  });
  return {
    losses: pairs.map(({ loss }) => loss),
    chosen: pairs.map(({ chosen }) => chosen),
    rejected: pairs.map(({ rejected }) => rejected),
  };
};

/** The objective that is the sum of the terms. */
export const pairTerms = (form: PairTerms): PairObjective => ({
  kind: 'pairs',
  name: form.name,
  needsReference: form.needsReference,
  supervised: form.supervised,
  loss: (inputs) => lossOf(form, inputs),
  evaluate: (inputs) => evaluateTerms(form, inputs),
  impliedReward: (logProbability, reference, tokens) =>
    form.rewardScale * logRatioNumber(form, logProbability, reference, tokens),
});
