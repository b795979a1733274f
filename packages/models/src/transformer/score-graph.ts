/** @file A transformer with a scalar head: the graph from a batch of conversations to one reward for each response. */
import { Graph, ops, type Tensor } from '@plaudit/engine';
import type { LoraConfig } from '../adapters/lora.ts';
import type { TransformerModel } from '../families/family.ts';
import { type Layout, rowLayout, treeLayout } from './layout.ts';
import { type WeightSource, Weights } from './weights.ts';

export interface ScoreGraphOptions {
  /** null for random initial values, which are then all trained. */
  readonly source: WeightSource | null;
  readonly full?: boolean;
  readonly lora?: LoraConfig | null;
  readonly training?: boolean;
  /** Longest conversation in tokens; the model's positions by default. */
  readonly maxLength?: number;
}

/** The graph up to the rewards, and what is trained in it. */
export interface ScoreGraph {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly layout: Layout;
  /** float32 [scores], in the order of the fed `score.rows`. */
  readonly rewards: Tensor;
}

/** Names of the head's values. */
export const headWeight = (model: TransformerModel): string => `${model.head.module}.weight`;

/**
 * Builds the rewards. Beside the layout's inputs it is fed `score.rows`, int64 [scores]: the flat row of the token at
 * which each response is scored.
 *
 * The head starts from N(0, 1/(hidden + 1)) (Stiennon et al. 2020), so that first rewards are of unit size.
 */
export const scoreGraph = (model: TransformerModel, options: ScoreGraphOptions): ScoreGraph => {
  const graph = new Graph();
  const maxLength = Math.min(options.maxLength ?? model.maxPositions, model.maxPositions);
  const layout = model.direction === 'causal' ? treeLayout(graph, maxLength) : rowLayout(graph, maxLength);
  const weights = new Weights(graph, options, model.prefix);
  const states = model.body(weights, layout);
  const rows = ops.gather(states, graph.input('score.rows', 'int64', ['scores']));
  const finished = model.finish(weights, rows);
  const { hiddenSize: size, head } = model;
  const weight = weights.parameter(headWeight(model), [1, size], {
    kind: 'normal',
    deviation: Math.sqrt(1 / (size + 1)),
  });
  const bias = head.hasBias
    ? weights.parameter(`${head.module}.bias`, [1], { kind: 'constant', value: 0 })
    : null;
  const rewards = ops.reshape(ops.gemm(finished, weight, bias, false, true), ['scores']);
  return { graph, weights, layout, rewards };
};

/** The stored names of the layers that a model runs through `linear`, for quantisation. */
export const linearWeightNames = (
  model: TransformerModel,
  source: WeightSource,
): Map<string, { readonly layout?: 'out-in' | 'in-out' }> => {
  const { weights } = scoreGraph(model, { source });
  const stored = new Map<string, { readonly layout?: 'out-in' | 'in-out' }>();
  for (const [module, layer] of weights.linearModules) {
    const layout = layer.layout ? { layout: layer.layout } : {};
    stored.set(weights.storedAs(`${module}.weight`), layout);
  }
  return stored;
};
