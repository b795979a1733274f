/** @file A causal transformer as a policy: the graph from a batch of conversations to what it says of each response token. */
import { Graph, ops, type Tensor } from '@plaudit/engine';
import type { LoraConfig } from '../adapters/lora.ts';
import type { TransformerModel } from '../families/family.ts';
import { treeLayout } from './layout.ts';
import { type WeightSource, Weights } from './weights.ts';

export interface PolicyGraphOptions {
  /** null for random initial values, which are then all trained. */
  readonly source: WeightSource | null;
  readonly full?: boolean;
  readonly lora?: LoraConfig | null;
  readonly training?: boolean;
  /** Longest conversation in tokens; the model's positions by default. */
  readonly maxLength?: number;
  /** Whether a value function reads the states; false by default. */
  readonly value?: boolean;
  /**
   * A second policy beside the first: the frozen weights alone, or a second set of everything that is trained, whose
   * names start with `referenceScope`. None by default.
   */
  readonly reference?: 'none' | 'frozen' | 'copy';
  /** Divides the logits of both, 1 by default. */
  readonly temperature?: number;
}

/** What the graph says of each target, a token that was chosen after what stands before it. Nats; float32 [targets]. */
export interface PolicyGraph {
  readonly graph: Graph;
  readonly weights: Weights;
  /** Of the target. */
  readonly logProbability: Tensor;
  /** Of the distribution that the target was chosen from. */
  readonly entropy: Tensor;
  /** What is yet to be had before the target is chosen, as the value function has it. */
  readonly value: Tensor | null;
  readonly reference: PolicyReference | null;
}

export interface PolicyReference {
  readonly weights: Weights;
  readonly logProbability: Tensor;
  /** Of the policy's distribution from the reference's, over the whole vocabulary: at least 0 up to rounding. */
  readonly divergence: Tensor;
}

/** What the names of a copied reference's values start with. */
export const referenceScope = 'reference:';

/** What the names of the value function's values start with: no checkpoint has such a module. */
export const valueModule = 'plaudit_value';

/**
 * Builds the policy. Beside the inputs of `treeLayout` it is fed `target.rows`, int64 [targets]: the flat row of the token
 * before each target, and `target.ids`, int64 [targets]: the target itself.
 *
 * @throws TypeError for a family that does not read from left to right or has no scores of a vocabulary, and for a frozen
 *   reference where no weight is frozen
 */
export const policyGraph = (model: TransformerModel, options: PolicyGraphOptions): PolicyGraph => {
  if (model.direction !== 'causal' || !model.logits)
    throw new TypeError(`a ${model.family} model does not write text`);
  const { temperature = 1, reference = 'none' } = options;
  if (reference === 'frozen' && (options.full || !options.source))
    throw new TypeError('where every weight is trained there are no frozen weights to compare with');
  const graph = new Graph();
  const layout = treeLayout(graph, Math.min(options.maxLength ?? model.maxPositions, model.maxPositions));
  const rows = graph.input('target.rows', 'int64', ['targets']);
  const ids = graph.input('target.ids', 'int64', ['targets']);

  const statesOf = (weights: Weights): Tensor =>
    model.finish(weights, ops.gather(model.body(weights, layout), rows));
  const logProbabilities = (weights: Weights, states: Tensor): Tensor => {
    const logits = model.logits!(weights, states);
    return ops.logSoftmax(temperature === 1 ? logits : ops.multiply(logits, 1 / temperature));
  };

  const weights = new Weights(graph, options, model.prefix);
  const states = statesOf(weights);
  const all = logProbabilities(weights, states);
  const probabilities = ops.exp(all);
  return {
    graph,
    weights,
    logProbability: ops.gatherLast(all, ids),
    entropy: ops.negate(ops.reduceSum(ops.multiply(probabilities, all), [-1])),
    value: options.value ? valueFunction(model, weights, states) : null,
    reference: reference === 'none' ? null : referenceOf(),
  };

  function referenceOf(): PolicyReference {
    const own =
      reference === 'copy'
        ? { ...options, training: false, scope: referenceScope }
        : { source: options.source };
    const weights = new Weights(graph, own, model.prefix);
    const others = logProbabilities(weights, statesOf(weights));
    return {
      weights,
      logProbability: ops.gatherLast(others, ids),
      divergence: ops.reduceSum(ops.multiply(probabilities, ops.subtract(all, others)), [-1]),
    };
  }
};

/** Starts at 0 everywhere. */
const valueFunction = (model: TransformerModel, weights: Weights, states: Tensor): Tensor => {
  const zero = { kind: 'constant', value: 0 } as const;
  const weight = weights.parameter(`${valueModule}.weight`, [1, model.hiddenSize], zero);
  const bias = weights.parameter(`${valueModule}.bias`, [1], zero);
  return ops.reshape(ops.gemm(states, weight, bias, false, true), ['targets']);
};
