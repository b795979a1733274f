/** @file What every surrogate shares: the weighing of tokens, the divergence in the loss, the entropy bonus, the log. */
import { ops, type Tensor } from '@plaudit/engine';
import { z } from 'zod';
import { klEstimate, klEstimateSlope, klEstimateTensor, klEstimators } from './kl-estimate.ts';
import { nonnegative } from './settings.ts';
import type { Surrogate, TokenInputs } from './surrogate.ts';

/** Settings of every surrogate. */
export const sharedSettings = {
  /** Of the divergence from the reference in the loss; TRL's GRPO has 0. A penalty in the reward is the trainer's. */
  klCoefficient: nonnegative.default(0),
  /** TRL's GRPO has k3. */
  klEstimator: z.enum(klEstimators).default('k3'),
  /** Of the entropy, which is taken off the loss; TRL's GRPO has 0. */
  entropyCoefficient: nonnegative.default(0),
};
export interface SharedSettings {
  readonly klCoefficient: number;
  readonly klEstimator: (typeof klEstimators)[number];
  readonly entropyCoefficient: number;
}

/** How a surrogate follows the advantages; the rest is `tokenSurrogate`. */
export interface PolicyTerm {
  /** Losses of the tokens and 1 where one was clipped, float32 [tokens] each; null where nothing is ever clipped. */
  inGraph(inputs: TokenInputs<Tensor>): { readonly losses: Tensor; readonly clipped: Tensor | null };
  /** The same for each token, and d(sum of weight times loss)/d(log-probability). */
  inNumbers(inputs: TokenInputs<readonly number[]>): {
    readonly losses: readonly number[];
    readonly clipped: readonly boolean[];
    readonly slopes: readonly number[];
  };
}

const weighted = (values: readonly number[], weights: readonly number[]): number =>
  values.reduce((sum, value, i) => sum + value * weights[i]!, 0);

/** Sum over tokens of weight times (loss + klCoefficient kl - entropyCoefficient entropy). */
export const tokenSurrogate = (
  name: string,
  { klCoefficient, klEstimator, entropyCoefficient }: SharedSettings,
  term: PolicyTerm,
): Surrogate => ({
  name,
  loss(inputs) {
    const { logProbability, old, reference, entropy, weight } = inputs;
    const { losses, clipped } = term.inGraph(inputs);
    const total = (values: Tensor): Tensor => ops.reduceSum(ops.multiply(values, weight));
    const parts = [losses];
    if (klCoefficient > 0)
      parts.push(ops.multiply(klEstimateTensor(klEstimator, logProbability, reference), klCoefficient));
    if (entropyCoefficient > 0) parts.push(ops.multiply(entropy, -entropyCoefficient));
    const apart = ops.subtract(old, logProbability);
    return {
      loss: total(parts.reduce((sum, part) => ops.add(sum, part))),
      clipped: clipped ? total(clipped) : losses.graph.constant(0),
      moved: total(ops.multiply(ops.multiply(apart, apart), 0.5)),
    };
  },
  evaluate(inputs) {
    const { logProbability, old, reference, entropy, weight } = inputs;
    const { losses, clipped, slopes } = term.inNumbers(inputs);
    const kl = logProbability.map((value, i) => klEstimate(klEstimator, value, reference[i]!));
    return {
      loss:
        weighted(losses, weight) +
        klCoefficient * weighted(kl, weight) -
        entropyCoefficient * weighted(entropy, weight),
      clipped: weighted(clipped.map(Number), weight),
      moved: weighted(
        logProbability.map((value, i) => (old[i]! - value) ** 2 / 2),
        weight,
      ),
      logProbability: slopes.map(
        (slope, i) =>
          slope +
          klCoefficient * weight[i]! * klEstimateSlope(klEstimator, logProbability[i]!, reference[i]!),
      ),
      entropy: weight.map((share) => -entropyCoefficient * share),
    };
  },
});
