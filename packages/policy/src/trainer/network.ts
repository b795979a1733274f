/** @file A policy that is open: its worker, its trained values, and the graphs that read them. */
import { plauditError } from '@plaudit/contract';
import {
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
  type TensorValues,
} from '@plaudit/engine';
import {
  type LoraConfig,
  type PolicyGraph,
  type PolicyGraphOptions,
  policyGraph,
  referenceScope,
  type TrainedParameter,
} from '@plaudit/models';
import {
  type Base,
  contribOf,
  initialParameters,
  type TrainedValues,
  type TreeBatchPlan,
} from '@plaudit/reward';
import { type LaidBatch, layBatch, policySizes } from './rows.ts';

export interface PolicyNetworkOptions {
  readonly method: 'lora' | 'full' | 'frozen';
  readonly lora: LoraConfig | null;
  readonly frozen: 'float32' | 'int8';
  readonly provider: ProviderName;
  readonly threads: number | null;
  /** What trained values start from: an earlier run's, those of the checkpoint, or random ones by seed. */
  readonly start: { readonly seed: number; readonly values: TrainedValues | null };
  /** Whether there is a value function. */
  readonly value: boolean;
  /** Whether there is a reference: the policy as it starts. */
  readonly reference: boolean;
  readonly temperature: number;
  readonly weightDecay: number;
}

/** What a loss is built of, and what it gives back: scalars or vectors by name, `loss` among them. */
export type PolicyLoss = (
  policy: PolicyGraph,
) => { readonly loss: Tensor } & Readonly<Record<string, Tensor>>;

/** What the policy says of each target of a tree's responses, in nats. */
export interface ResponseScores {
  readonly logProbabilities: Float32Array;
  readonly entropies: Float32Array;
  /** null without a value function. */
  readonly values: Float32Array | null;
  /** null without a reference. */
  readonly reference: Float32Array | null;
  readonly divergences: Float32Array | null;
}

/** Where a run is, for errors. */
interface BatchContext {
  readonly step: number;
  readonly batch: number;
}

/** A graph that scores, open. */
export interface PolicyScorer {
  /** @returns [tree][response] @throws engine.non_finite naming what has no finite value; engine.* */
  score(batch: TreeBatchPlan, context: BatchContext): Promise<ResponseScores[][]>;
  close(): Promise<void>;
}

/** A graph of a training step, open. */
export interface PolicyTrainer {
  /**
   * Runs a batch forward and backward and adds its gradients to those of the update.
   *
   * @param feeds What the loss reads beside the batch; what it does not read is left out
   * @returns What the loss gave back, by name
   */
  accumulate(
    laid: LaidBatch,
    feeds: TensorValues,
    context: BatchContext,
  ): Promise<Readonly<Record<string, Float32Array>>>;
  close(): Promise<void>;
}

/** An open policy. `close` ends its worker. */
export class PolicyNetwork {
  readonly base: Base;
  readonly options: PolicyNetworkOptions;
  readonly worker: EngineWorker;
  readonly parameters: ParameterStore;
  /** Of the policy and its value function; the reference's values are not among them. */
  readonly trained: ReadonlyMap<string, TrainedParameter>;

  private constructor(
    base: Base,
    options: PolicyNetworkOptions,
    worker: EngineWorker,
    parameters: ParameterStore,
    trained: ReadonlyMap<string, TrainedParameter>,
  ) {
    this.base = base;
    this.options = options;
    this.worker = worker;
    this.parameters = parameters;
    this.trained = trained;
  }

  /** @throws engine.*, model.*; policy.bad_configuration for an adapter of layers that the model does not have */
  static async open(base: Base, options: PolicyNetworkOptions): Promise<PolicyNetwork> {
    const { weights, reference } = policyGraph(base.model, await graphOptions(base, options));
    requireTargets(weights, options.lora);
    const { provider, threads } = options;
    const worker = await EngineWorker.start({ provider, ...(threads ? { threads } : {}) });
    try {
      const initial = await initialOf(base, weights.trained, options);
      // The reference starts, and stays, where the policy starts.
      const copies = [...(reference?.weights.trained.keys() ?? [])].map((name) => {
        const { shape, data } = initial[name.slice(referenceScope.length)]!;
        return [name, { shape, data: data.slice(), weightDecay: false }] as const;
      });
      const parameters = await worker.createParameters(
        { ...initial, ...Object.fromEntries(copies) },
        { weightDecay: options.weightDecay },
      );
      return new PolicyNetwork(base, options, worker, parameters, weights.trained);
    } catch (error) {
      await worker.stop({ drain: false });
      throw error;
    }
  }

  /** @param reference Whether the reference is read too, at twice the cost */
  async openScorer({ reference = false } = {}): Promise<PolicyScorer> {
    const graph = policyGraph(
      this.base.model,
      await graphOptions(this.base, { ...this.options, reference: reference && this.options.reference }),
    );
    const outputs = scored(graph);
    const session = await this.worker.open(
      compile({ all: ops.concat(Object.values(outputs), 0) }, { contrib: contribOf(this.options.provider) }),
    );
    return {
      score: async (batch, context) => {
        const laid = layBatch(batch);
        const { all } = await this.run(session, laid.feeds);
        const names = Object.keys(outputs);
        const values = all!.data as Float32Array;
        const wrong = values.findIndex((value) => !Number.isFinite(value));
        if (wrong >= 0)
          throw plauditError('engine.non_finite', {
            tensor: names[Math.floor(wrong / laid.targets)]!,
            ...context,
          });
        return splitScores(values, names, laid);
      },
      close: () => session.close(),
    };
  }

  async openTrainer(build: PolicyLoss): Promise<PolicyTrainer> {
    const outputs = await trainingOutputs(this.base, this.options, build);
    const session = await this.worker.open(compile(outputs, { contrib: contribOf(this.options.provider) }));
    const read = new Set(session.graph.inputs.map(({ name }) => name));
    return {
      accumulate: async (laid, feeds, context) => {
        const fed = Object.fromEntries(
          Object.entries({ ...laid.feeds, ...feeds }).filter(([name]) => read.has(name)),
        );
        const { parameters } = this;
        const results = await session.accumulate(fed, { parameters, context, transfer: true });
        return Object.fromEntries(
          Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
        );
      },
      close: () => session.close(),
    };
  }

  /** The values of the policy and its value function. */
  async values(): Promise<TrainedValues> {
    const { parameters } = await this.parameters.snapshot({ moments: false });
    return new Map(
      [...this.trained.keys()].map((name) => {
        const { shape, value } = parameters[name]!;
        return [name, { shape, data: value }];
      }),
    );
  }

  async close(): Promise<void> {
    await this.worker.stop({ drain: false });
  }

  private run(session: Session, feeds: TensorValues): Promise<TensorValues> {
    const read = new Set(session.graph.inputs.map(({ name }) => name));
    const fed = Object.fromEntries(Object.entries(feeds).filter(([name]) => read.has(name)));
    return session.run(fed, { parameters: this.parameters, transfer: true });
  }
}

/** @throws policy.bad_configuration */
const requireTargets = ({ trained }: PolicyGraph['weights'], lora: LoraConfig | null): void => {
  const adapted = [...trained.keys()].filter((name) => name.endsWith('.lora_A.weight'));
  const missing = lora?.targets.find(
    (target) => !adapted.some((name) => `.${name}`.endsWith(`.${target}.lora_A.weight`)),
  );
  if (missing !== undefined)
    throw plauditError('policy.bad_configuration', {
      setting: 'targets',
      problem: `the model has no linear layer that is called ${missing}`,
    });
};

/** The options of the policy's graph: a reference beside adapters that start at 0 is the frozen weights alone. */
const graphOptions = async (
  base: Base,
  { method, lora, frozen, value, reference, temperature, start }: PolicyNetworkOptions,
): Promise<PolicyGraphOptions> => ({
  source: frozen === 'int8' ? await base.int8() : base.source,
  full: method === 'full',
  lora,
  maxLength: base.formatter.maxLength,
  value,
  temperature,
  reference: !reference ? 'none' : method === 'lora' && !hasAdapter(start.values) ? 'frozen' : 'copy',
});

const isAdapter = (name: string): boolean => /\.lora_[AB]\.weight$/.test(name);

const hasAdapter = (values: TrainedValues | null): boolean =>
  values !== null && [...values.keys()].some(isAdapter);

/**
 * What an earlier run left is taken from there; an adapter whole or not at all.
 *
 * @throws reward.weights_corrupt
 */
const initialOf = async (
  base: Base,
  trained: ReadonlyMap<string, TrainedParameter>,
  { start: { seed, values } }: PolicyNetworkOptions,
): Promise<Record<string, InitialParameter>> => {
  const adapted = hasAdapter(values);
  const isKept = (name: string): boolean => values?.has(name) || (adapted && isAdapter(name));
  const part = (kept: boolean) => new Map([...trained].filter(([name]) => isKept(name) === kept));
  return {
    ...(await initialParameters(base, part(false), { seed })),
    ...(values && (await initialParameters(base, part(true), { values }))),
  };
};

const trainingOutputs = async (
  base: Base,
  options: PolicyNetworkOptions,
  build: PolicyLoss,
): Promise<Record<string, Tensor>> => {
  const graph = policyGraph(base.model, {
    ...(await graphOptions(base, { ...options, reference: false })),
    training: true,
  });
  const given = build(graph);
  const names = [...graph.weights.trained.keys()];
  const found = gradients(
    given.loss,
    names.map((name) => graph.graph.tensors.get(name)!),
  );
  return {
    ...given,
    ...Object.fromEntries(names.map((name, i) => [`${gradientPrefix}${name}`, found[i]!])),
  };
};

/**
 * Bytes that training needs beside the program: what its batches keep at most between the nodes of the graph that trains
 * and of the one that scores, which each hold on to what they once took; the weights that it computes with; gradients,
 * moments and the reference's copy of what is trained.
 */
export const trainingBytes = async (
  base: Base,
  options: PolicyNetworkOptions,
  build: PolicyLoss,
  batches: readonly TreeBatchPlan[],
): Promise<number> => {
  const outputs = await trainingOutputs(base, options, build);
  const scoring = policyGraph(base.model, await graphOptions(base, options));
  const most = (graph: Readonly<Record<string, Tensor>>): number =>
    Math.max(
      0,
      ...batches.map((batch) => {
        const sizes = policySizes(batch);
        return peakBytes(Object.values(graph), sizes, sizes.targets);
      }),
    );
  const activations = most(outputs) + most(scored(scoring));
  const trained = Object.entries(outputs)
    .filter(([name]) => name.startsWith(gradientPrefix))
    .reduce((sum, [, { shape }]) => sum + (shape as readonly number[]).reduce((a, b) => a * b, 4), 0);
  const { multiplyAddsPerToken, vocabularySize, hiddenSize } = base.model;
  const weights =
    multiplyAddsPerToken * (options.frozen === 'int8' ? 2 : 4) + 4 * vocabularySize * hiddenSize;
  const copies = scoring.reference?.weights.trained.size ? 1 : 0;
  return activations + weights + (4 + copies) * trained;
};

/** What a scorer gives, in this order. */
const scored = ({ logProbability, entropy, value, reference }: PolicyGraph): Record<string, Tensor> => ({
  logProbabilities: logProbability,
  entropies: entropy,
  ...(value && { values: value }),
  ...(reference && { reference: reference.logProbability, divergences: reference.divergence }),
});

const splitScores = (
  all: Float32Array,
  names: readonly string[],
  { places, targets }: LaidBatch,
): ResponseScores[][] =>
  places.map((responses) =>
    responses.map(({ first, count }) => {
      const of = (name: string): Float32Array | null => {
        const at = names.indexOf(name);
        return at < 0 ? null : all.slice(at * targets + first, at * targets + first + count);
      };
      return {
        logProbabilities: of('logProbabilities')!,
        entropies: of('entropies')!,
        values: of('values'),
        reference: of('reference'),
        divergences: of('divergences'),
      };
    }),
  );
