/** @file A transformer reward model that is open: its worker, its graphs, its trained values. */
import { plauditError, Random } from '@plaudit/contract';
import {
  type CompiledGraph,
  compile,
  EngineWorker,
  gradientPrefix,
  gradients,
  type InitialParameter,
  ops,
  type ParameterStore,
  type ProviderName,
  peakBytes,
  type Session,
  type Tensor,
} from '@plaudit/engine';
import {
  type LoraConfig,
  type ScoreGraph,
  scoreGraph,
  type TrainedParameter,
  type TransformerModel,
} from '@plaudit/models';
import { type ObjectivePlan, outputNames } from '../objectives/plan.ts';
import type { Base } from './base.ts';
import type { TreeBatchPlan } from './batches.ts';
import {
  batchSizes,
  lossOf,
  outputsOf,
  type PlannedTerm,
  scoredBatch,
  type TreeScores,
  termsOf,
  treeScores,
} from './outputs.ts';
import { TrainingNetwork } from './training-network.ts';

/** Trained values by name. */
export type TrainedValues = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

/** How frozen weights are held and multiplied. */
export type Frozen = 'float32' | 'float16' | 'int8';

export interface NetworkOptions {
  /** `frozen` is for scoring: nothing is trained but the head, which has its value. */
  readonly method: 'lora' | 'full' | 'frozen';
  readonly lora: LoraConfig | null;
  readonly plan: ObjectivePlan;
  readonly provider: ProviderName;
  readonly threads: number | null;
  /** How frozen weights are held and multiplied; float32 by default, and float16 only as the base was opened. */
  readonly frozen?: Frozen;
  /** Initial values come from this seed, or are given. */
  readonly start: { readonly seed: number } | { readonly values: TrainedValues };
  /** Whether it scores with mapped weights and no faster copy of them; false by default. */
  readonly mapped?: boolean;
  /** For training; 0 by default. */
  readonly weightDecay?: number;
  /** For training: gradient checkpointing. */
  readonly recompute?: boolean;
}

/** Operators of ONNX Runtime's own domain that WebGPU lacks and would fetch from the CPU. */
const missingOnGpu: ReadonlySet<string> = new Set(['FusedMatMul']);

/** Which operators of that domain a provider has. */
export const contribOf =
  (provider: ProviderName) =>
  (operator: string): boolean =>
    provider === 'cpu' || provider === 'cuda' || !missingOnGpu.has(operator);

/** An open reward network. `close` ends its worker. */
export class Network {
  readonly model: TransformerModel;
  readonly parameters: ParameterStore;
  readonly trained: ReadonlyMap<string, TrainedParameter>;
  readonly plan: ObjectivePlan;
  private readonly base: Base;
  private readonly options: NetworkOptions;
  private readonly worker: EngineWorker;
  private scorer: Session;

  private constructor(
    base: Base,
    options: NetworkOptions,
    trained: ReadonlyMap<string, TrainedParameter>,
    worker: EngineWorker,
    parameters: ParameterStore,
    scorer: Session,
  ) {
    this.base = base;
    this.options = options;
    this.model = base.model;
    this.plan = options.plan;
    this.trained = trained;
    this.worker = worker;
    this.parameters = parameters;
    this.scorer = scorer;
  }

  /** @throws engine.*, model.* */
  static async open(base: Base, options: NetworkOptions): Promise<Network> {
    const built = await buildScoreGraph(base, options, false);
    const { trained } = built.weights;
    const { provider, threads } = options;
    const worker = await EngineWorker.start({ provider, ...(threads ? { threads } : {}) });
    try {
      const initial = {
        ...(await initialParameters(base, trained, options.start)),
        ...objectiveParameters(termsOf(options.plan)),
      };
      const parameters = await worker.createParameters(initial, { weightDecay: options.weightDecay ?? 0 });
      const scorer = await worker.open(scoring(built, options), { prepack: !options.mapped });
      return new Network(base, options, trained, worker, parameters, scorer);
    } catch (error) {
      await worker.stop({ drain: false });
      throw error;
    }
  }

  /** Scores from now on with frozen weights held so; what the scoring graph held before is freed. */
  async scoreIn(frozen: Frozen): Promise<void> {
    const options = { ...this.options, frozen };
    const built = await buildScoreGraph(this.base, options, false);
    await this.scorer.close();
    this.scorer = await this.worker.open(scoring(built, options), { prepack: !options.mapped });
  }

  /** Opens the training graph beside the scoring graph, over the same trained values. */
  async openTraining(): Promise<TrainingNetwork> {
    const { plan, provider, lora } = this.options;
    const graph = compile(trainingOutputs(await trainingGraph(this.base, this.options)), {
      contrib: contribOf(provider),
    });
    const session = await this.worker.open(graph);
    return new TrainingNetwork(this.model, session, this.parameters, plan, termsOf(plan), lora);
  }

  /** Every output for each of the plan's trees. */
  async score(batch: TreeBatchPlan): Promise<TreeScores[]> {
    const { plan } = this.options;
    const laid = scoredBatch(this.model, batch, plan);
    const { outputs } = await this.scorer.run(laid.feeds, { parameters: this.parameters, transfer: true });
    return treeScores(outputs!.data as Float32Array, laid, plan);
  }

  /** What the objectives have learned beside the weights, by term and name. */
  async learned(): Promise<Readonly<Record<string, readonly number[]>>> {
    const { parameters } = await this.parameters.snapshot({ moments: false });
    return Object.fromEntries(
      Object.keys(objectiveParameters(termsOf(this.options.plan))).map((name) => [
        name,
        Array.from(parameters[name]!.value),
      ]),
    );
  }

  async close(): Promise<void> {
    await this.worker.stop({ drain: false });
  }
}

/** The graph of a training step before it is compiled. */
interface TrainingGraph {
  readonly loss: Tensor;
  readonly rewards: Tensor;
  /** By the names of what is trained. */
  readonly gradients: ReadonlyMap<string, Tensor>;
}

const trainingGraph = async (base: Base, options: NetworkOptions): Promise<TrainingGraph> => {
  const { plan, recompute = false } = options;
  const built = await buildScoreGraph(base, options, true);
  const terms = termsOf(plan);
  const outputs = outputsOf(built, plan);
  const loss = lossOf(built, outputs, terms);
  const names = [...built.weights.trained.keys(), ...Object.keys(objectiveParameters(terms))].filter((name) =>
    built.graph.tensors.has(name),
  );
  const found = gradients(
    loss,
    names.map((name) => built.graph.tensors.get(name)!),
    { recompute },
  );
  return {
    loss,
    rewards: outputs.get(plan.reward)!,
    gradients: new Map(names.map((name, i) => [name, found[i]!])),
  };
};

const trainingOutputs = ({ loss, rewards, gradients }: TrainingGraph): Record<string, Tensor> => ({
  loss,
  rewards,
  ...Object.fromEntries([...gradients].map(([name, tensor]) => [`${gradientPrefix}${name}`, tensor])),
});

/**
 * Bytes that a training step needs: what its largest batch keeps between the nodes of the graph, the weights that it
 * computes with, and gradients and moments of what is trained. What the runtime sets aside beyond that is not in it.
 */
export const trainingBytes = async (
  base: Base,
  options: NetworkOptions,
  batches: readonly TreeBatchPlan[],
): Promise<number> => {
  const graph = await trainingGraph(base, options);
  const outputs = Object.values(trainingOutputs(graph));
  const activations = Math.max(
    0,
    ...batches.map((batch) => {
      const sizes = batchSizes(base.model, batch, options.plan);
      return peakBytes(outputs, sizes, sizes.scores);
    }),
  );
  const trained = [...graph.gradients.values()].reduce(
    (sum, { shape }) => sum + (shape as readonly number[]).reduce((product, n) => product * n, 4),
    0,
  );
  const weights = base.model.multiplyAddsPerToken * ((options.frozen ?? 'float32') === 'float32' ? 4 : 2);
  return activations + weights + 4 * trained;
};

const buildScoreGraph = async (
  base: Base,
  { method, lora, frozen, plan }: NetworkOptions,
  training: boolean,
): Promise<ScoreGraph> => {
  if ((frozen === 'float16') !== (base.outsideFloat16 !== null))
    throw new TypeError('a base computes in float16 where it was opened for that, and only there');
  const source = frozen === 'int8' ? await base.int8() : base.source;
  const { maxLength } = base.formatter;
  return scoreGraph(base.model, {
    source,
    full: method === 'full',
    lora,
    training,
    maxLength,
    heads: plan.heads.length,
    gate: plan.gate?.over.length ?? 0,
  });
};

/** All outputs one after the other: float32 [outputs * scores]. */
const scoring = (built: ScoreGraph, { provider, plan }: NetworkOptions): CompiledGraph => {
  const outputs = outputsOf(built, plan);
  const all = ops.concat(
    outputNames(plan).map((name) => outputs.get(name)!),
    0,
  );
  return compile({ outputs: all }, { contrib: contribOf(provider) });
};

/** What objectives learn beside the weights, where it starts. */
const objectiveParameters = (terms: readonly PlannedTerm[]): Record<string, InitialParameter> =>
  Object.fromEntries(
    terms.flatMap(({ objective, scope }) =>
      objective.parameters.map(({ name, shape, initial }) => [
        `${scope}${name}`,
        { shape, data: Float32Array.from(initial), weightDecay: false },
      ]),
    ),
  );

/** Initial values: given ones, the checkpoint's, or random ones that depend on the seed and the value's name alone. */
export const initialParameters = async (
  base: Base,
  trained: ReadonlyMap<string, TrainedParameter>,
  start: NetworkOptions['start'],
): Promise<Record<string, InitialParameter>> => {
  const parameters: Record<string, InitialParameter> = {};
  for (const { name, shape, initial, weightDecay } of trained.values()) {
    const size = shape.reduce((product, n) => product * n, 1);
    let data: Float32Array;
    if ('values' in start) data = savedValue(base, start.values, name, shape);
    else if (initial.kind === 'checkpoint') data = await base.checkpoint!.read(initial.name);
    else if (initial.kind === 'constant') data = new Float32Array(size).fill(initial.value);
    else {
      const random = new Random(start.seed, `initial:${name}`);
      data = Float32Array.from({ length: size }, () => random.normal() * initial.deviation);
    }
    parameters[name] = { shape, data, weightDecay };
  }
  return parameters;
};

/** @throws reward.weights_corrupt for a value that is absent, of another shape or not finite */
const savedValue = (
  base: Base,
  values: TrainedValues,
  name: string,
  shape: readonly number[],
): Float32Array => {
  const refuse = (problem: string): never => {
    throw plauditError('reward.weights_corrupt', { path: base.path ?? 'new', problem });
  };
  const saved = values.get(name) ?? refuse(`${name} is missing`);
  if (saved.shape.join() !== shape.join()) refuse(`${name} is [${saved.shape}] and not [${shape}]`);
  if (!saved.data.every(Number.isFinite)) refuse(`${name} has values that are not finite`);
  return saved.data;
};
