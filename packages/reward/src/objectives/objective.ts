/** @file What an objective is: a loss over rewards in the graph, and the arrays that are fed for it. One file each. */
import type { Graph, Tensor, TensorValues } from '@plaudit/engine';
import type { PreferencePair } from '@plaudit/feedback';

/** A pair among the rewards of a batch. */
export interface PlacedPair {
  /** Index of the winner's and the loser's reward. */
  readonly winner: number;
  readonly loser: number;
  readonly pair: PreferencePair;
}

export interface Objective {
  readonly name: string;
  /**
   * The loss of a batch.
   * @param rewards float32 [scores]
   * @returns float32 scalar: the weighted sum over what is judged; the weights of one update add up to 1
   */
  loss(graph: Graph, rewards: Tensor): Tensor;
  /** @param total The weight of everything judged in this update, by which each weight is divided. */
  feeds(pairs: readonly PlacedPair[], total: number): TensorValues;
}
