/** @file Merging: an adapter's branches added into the weights that they stand beside, so that they cost nothing. */
import { plauditError } from '@plaudit/contract';
import type { Graph } from '@plaudit/engine';
import type { Checkpoint, TensorToWrite } from '../checkpoint/index.ts';
import type { TransformerModel } from '../families/family.ts';
import { storedShapes } from '../transformer/float16-source.ts';
import { policyGraph, valueModule } from '../transformer/policy-graph.ts';
import { scoreGraph } from '../transformer/score-graph.ts';
import type { WeightSource, Weights } from '../transformer/weights.ts';
import { isLoraName, type LoraConfig, loraNames } from './lora.ts';

/** Trained values by name. */
export type Values = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/**
 * Every weight of the model with W + (alpha / rank) B A in place of W where an adapter stands, and the head.
 * Sums are taken in float64.
 *
 * @param values The trained values: the adapter's and the head's
 * @returns Tensors by the names of Hugging Face's sequence classifier; each is computed when it is written
 */
export const mergedTensors = (
  checkpoint: Checkpoint,
  source: WeightSource,
  model: TransformerModel,
  lora: LoraConfig,
  values: Values,
): Map<string, TensorToWrite> => {
  const built = scoreGraph(model, { source, lora });
  const tensors = mergedWeights(checkpoint, built, lora, values, 'F32');
  for (const [name, { shape, data }] of values) {
    if (built.weights.trained.has(name) && !isLoraName(name))
      tensors.set(name, { dtype: 'F32', shape, data });
  }
  return tensors;
};

/**
 * Every weight of a causal language model: merged where an adapter stands, the trained value where all weights were
 * trained, and the checkpoint's where nothing was. Those of a value function are left out.
 *
 * @param lora null where all weights were trained
 * @param dtype What the file stores; float32 by default
 * @returns Tensors by the names of Hugging Face's causal model; shared embeddings stay shared
 * @throws model.feature_unsupported for a network without scores of a vocabulary
 * @throws RangeError for a value that belongs to no part of the model
 */
export const mergedCausalTensors = (
  checkpoint: Checkpoint,
  model: TransformerModel,
  lora: LoraConfig | null,
  values: Values,
  dtype: 'F32' | 'F16' | 'BF16' = 'F32',
): Map<string, TensorToWrite> => {
  if (model.direction !== 'causal' || !model.logits)
    throw plauditError('model.feature_unsupported', {
      path: checkpoint.path,
      feature: 'a network without scores of a vocabulary, which writes no text,',
      cure: 'Use a causal language model as the base of a policy.',
    });
  const built = policyGraph(model, { source: storedShapes(checkpoint), lora });
  const tensors = mergedWeights(checkpoint, built, lora, values, dtype);
  for (const [name, { shape, data }] of values) {
    if (isValueFunction(name) || (isLoraName(name) && built.weights.trained.has(name))) continue;
    if (!tensors.has(name)) throw new RangeError(`the model has no place for the trained value ${name}`);
    tensors.set(name, { dtype, shape, data });
  }
  return tensors;
};

const isValueFunction = (name: string): boolean => name.startsWith(`${valueModule}.`);

/** What is trained of a causal model itself: all but its value function. */
export const withoutValueFunction = (values: Values): Values =>
  new Map([...values].filter(([name]) => !isValueFunction(name)));

/** The weights of a graph, with an adapter's branches added where it has any. */
const mergedWeights = (
  checkpoint: Checkpoint,
  { graph, weights }: { readonly graph: Graph; readonly weights: Weights },
  lora: LoraConfig | null,
  values: Values,
  dtype: 'F32' | 'F16' | 'BF16',
): Map<string, TensorToWrite> => {
  const tensors = new Map<string, TensorToWrite>();
  for (const [name, tensor] of graph.tensors) {
    if (tensor.source.kind !== 'weight') continue;
    if (tensor.dtype !== 'float32') throw unmergeable(checkpoint);
    const shape = tensor.shape as readonly number[];
    const module = name.replace(/\.weight$/, '');
    const names = loraNames(module);
    const a = values.get(names.a);
    const b = values.get(names.b);
    const layout = weights.linearModules.get(module)?.layout ?? 'out-in';
    const data = async (): Promise<Float32Array> => {
      const weight = await checkpoint.read(weights.storedAs(name));
      return lora && a && b ? added(weight, a.data, b.data, lora, layout) : weight;
    };
    tensors.set(name, { dtype, shape, data });
  }
  return tensors;
};

const unmergeable = ({ path }: Checkpoint) =>
  plauditError('model.feature_unsupported', {
    path,
    feature: 'weights of whole numbers, into which no adapter can be merged,',
    cure: 'Save the adapter beside its base instead.',
  });

/** W + (alpha / rank) B A. @param a [rank, in] @param b [out, rank] @param weight [out, in], or [in, out] */
const added = (
  weight: Float32Array,
  a: Float32Array,
  b: Float32Array,
  { rank, alpha }: LoraConfig,
  layout: 'out-in' | 'in-out',
): Float32Array => {
  const inputs = a.length / rank;
  const outputs = b.length / rank;
  const result = Float32Array.from(weight);
  const row = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = (b[o * rank + r]! * alpha) / rank;
      for (let i = 0; i < inputs; i++) row[i] = row[i]! + factor * a[r * inputs + i]!;
    }
    for (let i = 0; i < inputs; i++) {
      const at = layout === 'out-in' ? o * inputs + i : i * outputs + o;
      result[at] = weight[at]! + row[i]!;
    }
  }
  return result;
};
