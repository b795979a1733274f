/** @file A causal transformer as a generator: the graph from new tokens to the distributions of the tokens after them. */
import { type CacheShape, Graph, ops, type Tensor } from '@plaudit/engine';
import type { TransformerModel } from '../families/family.ts';
import { Weights, type WeightsOptions } from '../transformer/weights.ts';
import { cachedLayout } from './cached-layout.ts';

export interface GenerationGraphOptions extends Omit<WeightsOptions, 'training'> {
  /** Longest conversation in tokens; the model's positions by default. */
  readonly maxLength?: number;
}

export interface GenerationGraph {
  readonly weights: Weights;
  /** Of prompt and response together. */
  readonly maxLength: number;
  /** What a cache for this graph has in each row. */
  readonly cache: Omit<CacheShape, 'rows'>;
  /**
   * `logits` float32 [samples, vocabulary]; `probabilities`, their softmax when divided by the temperature; and for each
   * sample the log of the sum of e^x over the logits, as they are (`logsumexp`) and divided (`scaled_logsumexp`). Beside
   * them the new keys and values.
   */
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/**
 * Builds the distributions. Beside what `cachedLayout` is fed: `sample.rows`, int64 [samples], the flat tokens after which
 * one is to be chosen, and `temperature`, float32 [1], above 0.
 *
 * One graph serves prompts and single tokens, so that the weights are there once.
 *
 * @throws TypeError for a family that does not read from left to right or has no scores of a vocabulary
 */
export const generationGraph = (
  model: TransformerModel,
  { maxLength: limit, ...options }: GenerationGraphOptions,
): GenerationGraph => {
  if (model.direction !== 'causal' || !model.logits)
    throw new TypeError(`a ${model.family} model does not write text`);
  const graph = new Graph();
  const maxLength = Math.min(limit ?? model.maxPositions, model.maxPositions);
  const layout = cachedLayout(graph, maxLength);
  const weights = new Weights(graph, options, model.prefix);
  const states = model.body(weights, layout);
  const rows = ops.gather(states, graph.input('sample.rows', 'int64', ['samples']));
  const logits = model.logits(weights, model.finish(weights, rows));
  const scaled = ops.divide(logits, graph.input('temperature', 'float32', [1]));
  const probabilities = ops.softmax(scaled);
  const vector = (x: Tensor): Tensor => ops.reshape(x, ['samples']);
  const largest = ops.reduceMax(logits, [-1], true);
  const sum = ops.reduceSum(ops.exp(ops.subtract(logits, largest)), [-1], true);
  return {
    weights,
    maxLength,
    cache: layout.shape,
    outputs: {
      logits,
      probabilities,
      logsumexp: vector(ops.add(largest, ops.log(sum))),
      // log p = x - logsumexp, at the token where both are largest.
      scaled_logsumexp: vector(
        ops.subtract(ops.reduceMax(scaled, [-1], true), ops.log(ops.reduceMax(probabilities, [-1], true))),
      ),
      ...layout.held,
    },
  };
};
