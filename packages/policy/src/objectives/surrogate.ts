/**
 * @file What an online objective is: a loss of the log-probabilities of sampled tokens, as a graph and in closed form. The
 * trainer samples, scores and computes advantages; the objective says how the policy follows them.
 */
import type { Tensor } from '@plaudit/engine';

/** One number for each sampled token, unless it says otherwise. */
export interface TokenInputs<T> {
  /** Of the token under the policy that is trained, nats. */
  readonly logProbability: T;
  /** The same under the policy that sampled it, and under the reference; constants. */
  readonly old: T;
  readonly reference: T;
  readonly advantage: T;
  /**
   * What the token weighs in the update's mean, over all its batches: this is how GRPO (mean over responses of means over
   * tokens), DAPO (mean over all tokens) and Dr. GRPO (sum over a fixed length) differ.
   */
  readonly weight: T;
  /** [responses, tokens]: 1 where a token belongs to a response; for ratios of whole responses (GSPO). */
  readonly membership: T;
  /** Entropy of the policy's distribution at the token, nats. */
  readonly entropy: T;
}

/** What the value function sees, one number for each sampled token. */
export interface ValueInputs<T> {
  readonly value: T;
  /** When the token was sampled. */
  readonly oldValue: T;
  /** What it should have been. */
  readonly return: T;
  readonly weight: T;
}

/** What an update's log says of a batch, as sums over tokens of weight times what happened. */
export interface SurrogateTensors {
  /** float32 [], the batch's share of the update's loss. */
  readonly loss: Tensor;
  /** float32 []: share of the tokens, by weight, at which the ratio was clipped. */
  readonly clipped: Tensor;
  /** float32 []: mean over tokens, by weight, of (old - new) log-probability squared, halved: the k2 estimate. */
  readonly moved: Tensor;
}

/** A surrogate with its settings filled in. */
export interface Surrogate {
  readonly name: string;
  loss(inputs: TokenInputs<Tensor>): SurrogateTensors;
  /** The same in closed form; `membership` is the response of each token here. */
  evaluate(inputs: TokenInputs<readonly number[]>): {
    readonly loss: number;
    readonly clipped: number;
    readonly moved: number;
    /** dLoss/d(log-probability) and dLoss/d(entropy). */
    readonly logProbability: readonly number[];
    readonly entropy: readonly number[];
  };
}
