/**
 * @file What an offline objective is: a loss of log-probabilities of whole responses, as a graph and in closed form. The
 * trainer computes the log-probabilities, weighs the losses of an update and adds them up; an objective does neither.
 */
import type { Tensor } from '@plaudit/engine';

/**
 * What an objective of pairs sees, one number for each pair. Log-probabilities are in nats, summed over the tokens of a
 * response, its end token included. `reference*` are those of the reference model, which are constants.
 */
export interface PairInputs<T> {
  readonly chosen: T;
  readonly rejected: T;
  readonly referenceChosen: T;
  readonly referenceRejected: T;
  /** Tokens that the sums are over. */
  readonly chosenTokens: T;
  readonly rejectedTokens: T;
}

/** Losses in float64, and their derivatives by the policy's log-probabilities. */
export interface PairClosedForm {
  /** One for each pair. */
  readonly losses: readonly number[];
  /** d(sum of losses)/d(chosen), one for each pair. */
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

/** An objective with its settings filled in. */
export interface PairObjective {
  readonly kind: 'pairs';
  readonly name: string;
  /** Whether it compares with a reference model; the reference inputs are zeros where it does not. */
  readonly needsReference: boolean;
  /** Weight of the mean negative log-likelihood of a chosen token, which the trainer adds (ORPO 1, CPO alpha); 0 for none. */
  readonly supervised: number;
  /** @param inputs float32 [pairs] each @returns float32 [pairs] */
  loss(inputs: PairInputs<Tensor>): Tensor;
  /** The same in closed form. */
  evaluate(inputs: PairInputs<readonly number[]>): PairClosedForm;
  /** The implicit reward of a response, for accuracies and margins in the log (DPO: beta times the log-ratio). */
  impliedReward(logProbability: number, reference: number, tokens: number): number;
}

/** What an objective of labelled responses sees, one number for each response. */
export interface LabelInputs<T> {
  readonly policy: T;
  readonly reference: T;
  readonly tokens: T;
  /** 1 for desirable, 0 for undesirable. */
  readonly desirable: T;
  /**
   * A constant of the update, the same for each response: KTO's estimate of the divergence from the reference, BCO's
   * running mean of the rewards.
   */
  readonly baseline: T;
}

export interface LabelClosedForm {
  readonly losses: readonly number[];
  /** d(sum of losses)/d(policy), one for each response. */
  readonly policy: readonly number[];
}

export interface LabelObjective {
  readonly kind: 'labels';
  readonly name: string;
  /** Of what the baseline is an estimate; `none` where the objective reads none. */
  readonly baseline: 'mismatched-divergence' | 'running-reward' | 'none';
  readonly supervised: number;
  /** @param inputs float32 [responses] each @returns float32 [responses] */
  loss(inputs: LabelInputs<Tensor>): Tensor;
  evaluate(inputs: LabelInputs<readonly number[]>): LabelClosedForm;
  impliedReward(logProbability: number, reference: number, tokens: number): number;
}

export type PreferenceObjective = PairObjective | LabelObjective;
