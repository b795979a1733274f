/** @file A transformer with scalar heads: the graph from a batch of conversations to the rewards of each response. */
import { Graph, ops, type Tensor } from '@plaudit/engine';
import type { LoraConfig } from '../adapters/lora.ts';
import type { TransformerModel } from '../families/family.ts';
import { type Layout, rowLayout, treeLayout } from './layout.ts';
import { type Initial, type WeightSource, Weights } from './weights.ts';

export interface ScoreGraphOptions {
  /** null for random initial values, which are then all trained. */
  readonly source: WeightSource | null;
  readonly full?: boolean;
  readonly lora?: LoraConfig | null;
  readonly training?: boolean;
  /** Longest conversation in tokens; the model's positions by default. */
  readonly maxLength?: number;
  /** Scalars of each response; 1 by default. */
  readonly heads?: number;
  /** Weights, decided by the prompt, for a mixture of so many heads; 0 for no gate. Causal models only. */
  readonly gate?: number;
}

/** The graph up to the rewards, and what is trained in it. */
export interface ScoreGraph {
  readonly graph: Graph;
  readonly weights: Weights;
  readonly layout: Layout;
  /** float32 [scores] of the first head, in the order of the fed `score.rows`. */
  readonly rewards: Tensor;
  /** The same of every head. */
  readonly heads: readonly Tensor[];
  /** For each gated head float32 [scores], positive with a sum of 1; empty without a gate. */
  readonly gate: readonly Tensor[];
}

/** Names of the head's values. */
export const headWeight = (model: TransformerModel): string => `${model.head.module}.weight`;

/** What the names of a gate's values start with: no checkpoint has such a module. */
export const gateModule = 'plaudit_gate';

/**
 * Builds the rewards. Beside the layout's inputs it is fed `score.rows`, int64 [scores]: the flat row of the token at
 * which each response is scored; with a gate also `prompt.rows`, int64 [scores]: that of the last token of its prompt.
 *
 * The head starts from the checkpoint's, where that is a classifier with one output, or else from N(0, 1/(hidden + 1))
 * (Stiennon et al. 2020), so that first rewards are of unit size.
 */
export const scoreGraph = (model: TransformerModel, options: ScoreGraphOptions): ScoreGraph => {
  const graph = new Graph();
  const maxLength = Math.min(options.maxLength ?? model.maxPositions, model.maxPositions);
  const layout = model.direction === 'causal' ? treeLayout(graph, maxLength) : rowLayout(graph, maxLength);
  const weights = new Weights(graph, options, model.prefix);
  const states = model.body(weights, layout);
  const pooled = model.pool?.(states, layout) ?? states;
  const rows = ops.gather(pooled, graph.input('score.rows', 'int64', ['scores']));
  const finished = model.finish(weights, rows);
  const { hiddenSize: size, head } = model;
  const count = options.heads ?? 1;
  const parameter = (name: string, shape: readonly number[], start: Initial): Tensor =>
    weights.parameter(name, shape, weights.headStart(name, shape, start));
  const weight = parameter(headWeight(model), [count, size], {
    kind: 'normal',
    deviation: Math.sqrt(1 / (size + 1)),
  });
  const bias = head.hasBias
    ? parameter(`${head.module}.bias`, [count], { kind: 'constant', value: 0 })
    : null;
  const heads = columns(ops.gemm(finished, weight, bias, false, true), count);
  return { graph, weights, layout, rewards: heads[0]!, heads, gate: gateOf(model, weights, pooled, options) };
};

/** [scores, count] as its columns. @returns float32 [scores], `count` times */
const columns = (x: Tensor, count: number): readonly Tensor[] => {
  const each = count === 1 ? [x] : ops.split(x, 1, Array(count).fill(1));
  return each.map((column) => ops.reshape(column, ['scores']));
};

/** A mixture that the prompt's last state decides; it starts as the plain mean (Wang et al. 2024, ArmoRM). */
const gateOf = (
  model: TransformerModel,
  weights: Weights,
  states: Tensor,
  { gate = 0 }: ScoreGraphOptions,
): readonly Tensor[] => {
  if (gate === 0) return [];
  const rows = ops.gather(states, weights.graph.input('prompt.rows', 'int64', ['scores']));
  const zero = { kind: 'constant', value: 0 } as const;
  const weight = weights.parameter(`${gateModule}.weight`, [gate, model.hiddenSize], zero);
  const bias = weights.parameter(`${gateModule}.bias`, [gate], zero);
  return columns(ops.softmax(ops.gemm(model.finish(weights, rows), weight, bias, false, true)), gate);
};

/**
 * The stored names of the layers that a model runs through `linear`, for quantisation.
 *
 * @param options.vocabulary Adds the table that scores the vocabulary; false by default
 */
export const linearWeightNames = (
  model: TransformerModel,
  source: WeightSource,
  { vocabulary = false }: { readonly vocabulary?: boolean } = {},
): Map<string, { readonly layout?: 'out-in' | 'in-out' }> => {
  const { graph, weights } = scoreGraph(model, { source });
  if (vocabulary) model.logits?.(weights, graph.input('states', 'float32', ['n', model.hiddenSize]));
  const stored = new Map<string, { readonly layout?: 'out-in' | 'in-out' }>();
  for (const [module, layer] of weights.linearModules) {
    const layout = layer.layout ? { layout: layer.layout } : {};
    stored.set(weights.storedAs(`${module}.weight`), layout);
  }
  return stored;
};
