/** @file Learns the map of a head that has one to learn, a hidden layer or a product of low rank, by AdamW in the engine. */
import { Random } from '@plaudit/contract';
import {
  compile,
  EngineWorker,
  Graph,
  gradientPrefix,
  gradients,
  type InitialParameter,
  learningRateAt,
  ops,
  type Tensor,
  type TensorValues,
} from '@plaudit/engine';
import type { PlacedTree } from '../objectives/objective.ts';
import type { ObjectivePlan } from '../objectives/plan.ts';
import type { LearningRecord } from '../report/pictures.ts';
import { planUpdates, sizeOf } from '../transformer/schedule.ts';
import type { Design } from './loss.ts';
import type { HeadMap } from './map.ts';
import { type ProbeTerm, probeTerms } from './outputs.ts';

export interface MapTraining {
  readonly kind: 'mlp' | 'low-rank';
  /** Hidden units, or the rank. */
  readonly units: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly batchSize: number;
  /** Epochs without a lower validation loss after which training stops. */
  readonly patience: number;
  readonly seed: number;
  readonly threads: number | null;
  readonly signal?: AbortSignal;
  readonly onRecord?: (record: LearningRecord, totalSteps: number) => void;
}

const weightDecay = 0.01;
const maxGradientNorm = 1;
const warmup = 0.05;

/** A matrix [columns, size] that features are multiplied with. */
const columnsOf = (x: Tensor, weight: Tensor, bias: Tensor | null, count: number): Tensor[] => {
  const product = ops.gemm(x, weight, bias, false, true);
  const each = count === 1 ? [product] : ops.split(product, 1, Array(count).fill(1));
  return each.map((column) => ops.reshape(column, ['rows']));
};

interface Built {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly initial: Readonly<Record<string, InitialParameter>>;
}

/** The loss of a plan, fed `response.features` and `prompt.features` [rows, size] and what the objectives ask for. */
const build = (
  plan: ObjectivePlan,
  terms: readonly ProbeTerm[],
  size: number,
  { kind, units, seed }: MapTraining,
): Built => {
  const graph = new Graph();
  const initial: Record<string, InitialParameter> = {};
  const parameter = (name: string, shape: readonly number[], deviation: number): Tensor => {
    const random = new Random(seed, `probe:${name}`);
    const length = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length }, () => (deviation === 0 ? 0 : deviation * random.normal()));
    initial[name] = { shape, data, weightDecay: shape.length > 1 };
    return graph.parameter(name, shape);
  };
  const x = graph.input('response.features', 'float32', ['rows', size]);
  const needsPrompt = kind === 'low-rank' || plan.gate !== null;
  const p = needsPrompt ? graph.input('prompt.features', 'float32', ['rows', size]) : null;
  const small = 1 / Math.sqrt(size);
  const hidden =
    kind === 'mlp'
      ? ops.tanh(
          ops.gemm(
            x,
            parameter('map.weight', [units, size], small),
            parameter('map.bias', [units], 0),
            false,
            true,
          ),
        )
      : ops.multiply(
          ops.gemm(p!, parameter('map.prompt', [units, size], small), null, false, true),
          ops.gemm(x, parameter('map.response', [units, size], small), null, false, true),
        );
  const count = plan.heads.length;
  const direct = columnsOf(
    x,
    parameter('head.features', [count, size], 0),
    parameter('head.bias', [count], 0),
    count,
  );
  const through = columnsOf(
    hidden,
    parameter('head.units', [count, units], 1 / Math.sqrt(units)),
    null,
    count,
  );
  const outputs = new Map(plan.heads.map((name, k) => [name, ops.add(direct[k]!, through[k]!)]));
  const sum = (parts: readonly Tensor[]): Tensor => parts.reduce((a, b) => ops.add(a, b));
  for (const [name, weights] of Object.entries(plan.sums))
    outputs.set(
      name,
      sum(Object.entries(weights).map(([head, weight]) => ops.multiply(outputs.get(head)!, weight))),
    );
  if (plan.gate) {
    const { name, over } = plan.gate;
    const logits = ops.gemm(
      p!,
      parameter('gate.weight', [over.length, size], 0),
      parameter('gate.bias', [over.length], 0),
      false,
      true,
    );
    const shares = ops
      .split(ops.softmax(logits), 1, Array(over.length).fill(1))
      .map((share) => ops.reshape(share, ['rows']));
    outputs.set(name, sum(over.map((head, i) => ops.multiply(outputs.get(head)!, shares[i]!))));
  }
  const loss = sum(
    terms.map(({ objective, on, weight, scope }) => {
      for (const { name, shape, initial: start } of objective.parameters)
        initial[`${scope}${name}`] = { shape, data: Float32Array.from(start), weightDecay: false };
      const read = on.map((output) => outputs.get(output)!);
      return ops.multiply(objective.loss(graph, read, scope), weight);
    }),
  );
  return { graph, loss, initial };
};

/** What is fed for some trees, each with rows of its own. */
const feedsOf = (
  { columns, prompts }: Design,
  trees: readonly PlacedTree[],
  terms: readonly ProbeTerm[],
  withPrompts: boolean,
): TensorValues => {
  const rows = trees.flatMap(({ places }) => places);
  const size = columns.width;
  const gathered = (values: Float32Array, of: (row: number) => number): Float32Array => {
    const data = new Float32Array(rows.length * size);
    rows.forEach((row, i) => {
      const from = of(row) * size;
      data.set(values.subarray(from, from + size), i * size);
    });
    return data;
  };
  const floats = (data: Float32Array) => ({ dtype: 'float32' as const, shape: [rows.length, size], data });
  let next = 0;
  const placed = trees.map(({ tree, places }) => ({ tree, places: places.map(() => next++) }));
  const feeds: TensorValues = {
    'response.features': floats(gathered(columns.values, (row) => row)),
    ...(withPrompts && {
      'prompt.features': floats(gathered(prompts!.features.values, (row) => prompts!.of[row]!)),
    }),
  };
  return Object.assign(
    feeds,
    ...terms.map(({ objective, scope }) => {
      const total = placed.reduce((sum, { tree }) => sum + objective.weight(tree), 0);
      return objective.feeds(placed, total || 1, scope);
    }),
  );
};

/**
 * Trains map and heads together and keeps the map of the epoch with the lowest validation loss; the heads are fitted
 * anew behind it.
 *
 * @param train, validation Designs of the linear map: standardised features
 * @throws engine.non_finite naming step and tensor; the signal's reason
 */
export const learnMap = async (
  plan: ObjectivePlan,
  train: Design,
  validation: Design,
  options: MapTraining,
): Promise<HeadMap> => {
  const { kind, units, epochs, batchSize, learningRate, patience, seed, threads, signal, onRecord } = options;
  const terms = probeTerms(plan);
  const size = train.columns.width;
  const { graph, loss, initial } = build(plan, terms, size, options);
  const names = Object.keys(initial);
  const derived = gradients(
    loss,
    names.map((name) => graph.tensors.get(name)!),
  );
  const withPrompts = kind === 'low-rank' || plan.gate !== null;
  const worker = await EngineWorker.start(threads ? { threads } : {});
  try {
    const outputs = Object.fromEntries(derived.map((one, i) => [`${gradientPrefix}${names[i]}`, one]));
    const training = await worker.open(compile({ loss, ...outputs }));
    const measuring = await worker.open(compile({ loss }));
    const parameters = await worker.createParameters(initial, { weightDecay });
    const trees = train.trees.map(({ tree }) => tree);
    const updates = planUpdates(trees.map(sizeOf), { epochs, batchSize, seed });
    const every = Math.max(1, Math.ceil(updates.length / epochs));
    const schedule = {
      shape: 'cosine' as const,
      learningRate,
      warmupSteps: Math.ceil(warmup * updates.length),
      totalSteps: updates.length + 1,
    };
    const lossOf = (values: TensorValues): number => (values.loss!.data as Float32Array)[0]!;
    let best = {
      loss: Number.POSITIVE_INFINITY,
      values: (await parameters.snapshot({ moments: false })).parameters,
    };
    let stale = 0;
    let sum = 0;
    for (const [i, chosen] of updates.entries()) {
      signal?.throwIfAborted();
      const some = chosen.map((tree) => train.trees[tree]!);
      const feeds = feedsOf(train, some, terms, withPrompts);
      sum += lossOf(
        await training.accumulate(feeds, { parameters, context: { step: i + 1 }, transfer: true }),
      );
      await parameters.apply({ learningRate: learningRateAt(schedule, i + 1), maxGradientNorm });
      if ((i + 1) % every !== 0 && i + 1 !== updates.length) continue;
      const unseen = feedsOf(validation, validation.trees, terms, withPrompts);
      const validationLoss = lossOf(await measuring.run(unseen, { parameters, transfer: true }));
      const step = Math.ceil((i + 1) / every);
      onRecord?.({ step, loss: sum / (i + 1 - (step - 1) * every), validationLoss }, epochs);
      sum = 0;
      if (validationLoss < best.loss) {
        best = { loss: validationLoss, values: (await parameters.snapshot({ moments: false })).parameters };
        stale = 0;
      } else if (++stale >= patience) break;
    }
    const value = (name: string): Float32Array => best.values[name]!.value;
    return kind === 'mlp'
      ? { kind, units, weight: value('map.weight'), bias: value('map.bias') }
      : { kind, rank: units, prompt: value('map.prompt'), response: value('map.response') };
  } finally {
    await worker.stop({ drain: false });
  }
};
