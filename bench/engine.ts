/**
 * @file The engine against the machine: a LoRA training step as a share of the plain matrix-product rate, int8 against
 * float32, trees against separate rows. A model of SmolLM2's shape with random weights and fewer layers:
 * `npm run bench -- engine [135M | 360M | 1.7B]`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import {
  compile,
  EngineWorker,
  Graph,
  gradientPrefix,
  gradients,
  ops,
  type ParameterStore,
  peakBytes,
  type Session,
  type Tensor,
  type TensorValues,
} from '@plaudit/engine';
import {
  floatWeights,
  int8Weights,
  type LoraConfig,
  linearWeightNames,
  openCheckpoint,
  readModel,
  scoreGraph,
  type TensorToWrite,
  type TokenTree,
  type TransformerModel,
  treeBatch,
  type WeightSource,
  writeSafetensors,
} from '@plaudit/models';
import type { Figure } from './main.ts';

const rounds = 7;
/** SmolLM2's widths: hidden, inner, attention heads, heads of keys and values; and how many layers are enough to measure. */
const widths: Readonly<
  Record<string, { readonly [size in 'hidden' | 'inner' | 'heads' | 'keys' | 'layers']: number }>
> = {
  '135M': { hidden: 576, inner: 1536, heads: 9, keys: 3, layers: 8 },
  '360M': { hidden: 960, inner: 2560, heads: 15, keys: 5, layers: 4 },
  '1.7B': { hidden: 2048, inner: 8192, heads: 32, keys: 32, layers: 2 },
};
const {
  hidden: width,
  inner: innerWidth,
  heads,
  keys: keyHeads,
  layers,
} = widths[process.argv[3] ?? '135M'] ?? widths['135M']!;
export const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: heads,
  num_key_value_heads: keyHeads,
  intermediate_size: innerWidth,
  vocab_size: 4096,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  rope_theta: 100000,
  tie_word_embeddings: true,
};

/** A prompt length, responses to each prompt, their length, prompts in the batch. */
interface Shape {
  readonly trees: number;
  readonly prompt: number;
  readonly branches: number;
  readonly response: number;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** A thing to time: runs once. */
type Run = () => Promise<void>;

export const benchEngine = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  const worker = await EngineWorker.start();
  try {
    const model = readModel(config);
    await randomCheckpoint(model, folder);
    const checkpoint = await openCheckpoint(folder);
    const source = await floatWeights(checkpoint, folder);
    const int8 = await int8Weights(checkpoint, source, linearWeightNames(model, source), folder);
    const lora: LoraConfig = { rank: 16, alpha: 32, targets: model.loraTargets, dropout: 0 };
    const bench = new Bench(worker, model, lora);

    const pair: Shape = { trees: 2, prompt: 256, branches: 2, response: 128 };
    const four: Shape = { trees: 1, prompt: 256, branches: 4, response: 128 };
    const eight: Shape = { trees: 1, prompt: 256, branches: 8, response: 64 };
    const product = await productRun(worker, source);
    const trainFloat = await bench.training(source);
    const trainAgain = await bench.training(source, { recompute: true });
    const trainInt8 = await bench.training(int8);
    const scoreFloat = await bench.scoring(source);
    const scoreInt8 = await bench.scoring(int8);
    // A row for each response, prompt and response under one causal mask, as it is done without trees.
    const separate = ({ trees, prompt, branches, response }: Shape): Shape => ({
      trees: trees * branches,
      prompt: prompt + response - 1,
      branches: 1,
      response: 1,
    });
    const runs: Record<string, Run> = {
      product: product.run,
      'train float32, trees': await bench.of(trainFloat, pair),
      'train float32, separate': await bench.of(trainFloat, separate(pair)),
      'train float32, four': await bench.of(trainFloat, four),
      'train float32, four, separate': await bench.of(trainFloat, separate(four)),
      'train float32, recomputed': await bench.of(trainAgain, pair),
      'train int8, trees': await bench.of(trainInt8, pair),
      'score float32, K=8': await bench.of(scoreFloat, eight),
      'score float32, K=8, separate': await bench.of(scoreFloat, separate(eight)),
      'score int8, K=8': await bench.of(scoreInt8, eight),
    };
    const seconds = await interleaved(runs);
    const ratio = (over: string, under: string): number =>
      median(seconds[over]!.map((value, round) => value / seconds[under]![round]!));
    const trainFlops = bench.trainingFlops(pair);
    const share = median(
      seconds['train float32, trees']!.map(
        (value, round) => trainFlops / value / (product.flops / seconds.product![round]!),
      ),
    );
    return [
      {
        what: 'plain float32 products',
        value: product.flops / median(seconds.product!) / 1e9,
        unit: 'GFLOP/s',
      },
      { what: 'LoRA training step, share of that rate', value: share, unit: '', goal: { least: 0.6 } },
      {
        what: 'training, int8 frozen weights over float32',
        value: ratio('train float32, trees', 'train int8, trees'),
        unit: 'times',
        goal: { least: 1.5 },
      },
      {
        what: 'training, trees over separate rows (prompt 256, 2 responses of 128)',
        value: ratio('train float32, separate', 'train float32, trees'),
        unit: 'times',
        goal: { least: 1.5 },
      },
      {
        what: 'training, trees over separate rows (prompt 256, 4 responses of 128)',
        value: ratio('train float32, four, separate', 'train float32, four'),
        unit: 'times',
        goal: { least: 1.5 },
      },
      {
        what: 'scoring, trees over separate rows (prompt 256, 8 responses of 64)',
        value: ratio('score float32, K=8, separate', 'score float32, K=8'),
        unit: 'times',
        goal: { least: 3 },
      },
      {
        what: 'scoring, int8 over float32 (K=8)',
        value: ratio('score float32, K=8', 'score int8, K=8'),
        unit: 'times',
        goal: { least: 2 },
      },
      {
        what: 'activations of a training step, predicted',
        value: trainFloat.peakBytes(pair) / 2 ** 20,
        unit: 'MiB',
      },
      {
        what: 'the same with recomputation',
        value: trainAgain.peakBytes(pair) / 2 ** 20,
        unit: 'MiB',
      },
      {
        what: 'time of a training step with recomputation over one without',
        value: ratio('train float32, recomputed', 'train float32, trees'),
        unit: 'times',
      },
      {
        what: 'peak memory of the whole measurement, six graphs open',
        value: process.resourceUsage().maxRSS / 1024,
        unit: 'MiB',
      },
    ];
  } finally {
    await worker.stop({ drain: false });
    await rm(folder, { recursive: true });
  }
};

/** Seconds of each run in each round; one round runs everything once, so that a slow spell touches all alike. */
const interleaved = async (runs: Readonly<Record<string, Run>>): Promise<Record<string, number[]>> => {
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const began = performance.now();
      await run();
      if (round >= 0) seconds[name]!.push((performance.now() - began) / 1000);
    }
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  }
  return seconds;
};

/** A session with what it is fed beside the batch. */
interface Opened {
  readonly session: Session;
  readonly parameters: ParameterStore;
  readonly training: boolean;
  /** What the values between the nodes take together. */
  readonly peakBytes: (shape: Shape) => number;
}

const peakOf =
  (outputs: readonly Tensor[]) =>
  ({ trees, prompt, branches, response }: Shape): number => {
    const [tokens, scores] = [trees * (prompt + branches * response), trees * branches];
    return peakBytes(outputs, { trees, prompt, branches, response, tokens, scores });
  };

class Bench {
  private readonly worker: EngineWorker;
  private readonly model: TransformerModel;
  private readonly lora: LoraConfig;

  constructor(worker: EngineWorker, model: TransformerModel, lora: LoraConfig) {
    this.worker = worker;
    this.model = model;
    this.lora = lora;
  }

  async training(source: WeightSource, options: { readonly recompute?: boolean } = {}): Promise<Opened> {
    const { graph, weights, rewards } = scoreGraph(this.model, { source, lora: this.lora, training: true });
    const names = [...weights.trained.keys()];
    const loss = ops.reduceSum(ops.softplus(rewards));
    const derived = gradients(
      loss,
      names.map((name) => graph.tensors.get(name)!),
      options,
    );
    const outputs = Object.fromEntries(derived.map((tensor, i) => [`${gradientPrefix}${names[i]}`, tensor]));
    const session = await this.worker.open(compile({ loss, ...outputs }));
    return {
      session,
      parameters: await this.parameters(weights.trained),
      training: true,
      peakBytes: peakOf([loss, ...derived]),
    };
  }

  /** Without adapters, as a merged or a frozen model is served. */
  async scoring(source: WeightSource): Promise<Opened> {
    const { weights, rewards } = scoreGraph(this.model, { source });
    const session = await this.worker.open(compile({ rewards }));
    return {
      session,
      parameters: await this.parameters(weights.trained),
      training: false,
      peakBytes: peakOf([rewards]),
    };
  }

  async of({ session, parameters, training }: Omit<Opened, 'peakBytes'>, shape: Shape): Promise<Run> {
    const feeds = batchOf(shape);
    return async () => {
      if (!training) await session.run(feeds, { parameters });
      else {
        await session.accumulate(feeds, { parameters });
        await parameters.apply({ learningRate: 1e-6, maxGradientNorm: 1 });
      }
    };
  }

  /**
   * Operations of a LoRA step: frozen layers forward and backward to their input, adapters forward and both ways back,
   * attention's two products forward and four backward, over the blocks that are computed.
   */
  trainingFlops({ trees, prompt, branches, response }: Shape): number {
    const { hidden_size: hidden, intermediate_size: inner, num_key_value_heads: keys } = config;
    const tokens = trees * (prompt + branches * response);
    const narrow = keys * 64;
    const adapter = this.lora.rank * layers * (2 * 2 * hidden + 2 * (hidden + narrow) + 3 * (hidden + inner));
    const blocks = trees * (prompt * prompt + branches * response * (prompt + response));
    const attention = layers * blocks * hidden;
    return 2 * (tokens * (2 * this.model.multiplyAddsPerToken + 3 * adapter) + 6 * attention);
  }

  private async parameters(
    trained: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  ): Promise<ParameterStore> {
    const random = new Random(1, 'parameters');
    const initial = [...trained].map(([name, { shape }]) => {
      const length = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length }, () => random.normal() * 0.01) }] as const;
    });
    return this.worker.createParameters(Object.fromEntries(initial));
  }
}

const batchOf = ({ trees, prompt, branches, response }: Shape): TensorValues => {
  const random = new Random(1, 'tokens');
  const ids = (length: number): number[] => Array.from({ length }, () => random.integer(config.vocab_size));
  const list: TokenTree[] = Array.from({ length: trees }, () => ({
    prompt: ids(prompt),
    responses: Array.from({ length: branches }, () => ids(response)),
  }));
  const batch = treeBatch(list, { prompt, branches, response });
  const rows = batch.scoreRows.flat();
  return {
    ...batch.feeds,
    'score.rows': { dtype: 'int64', shape: [rows.length], data: BigInt64Array.from(rows, BigInt) },
  };
};

/** A chain of the model's largest products, with nothing between them. */
export const productRun = async (
  worker: EngineWorker,
  source: WeightSource,
): Promise<{ run: Run; flops: number }> => {
  const rows = 1024;
  const { hidden_size: hidden, intermediate_size: inner } = config;
  const graph = new Graph();
  const input = graph.input('x', 'float32', [rows, hidden]);
  let y = input;
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.mlp`;
    for (const [name, shape] of [
      [`${at}.up_proj.weight`, [inner, hidden]],
      [`${at}.down_proj.weight`, [hidden, inner]],
    ] as const) {
      y = ops.gemm(y, graph.weight(name, 'float32', shape, source.region(name)), null, false, true);
    }
  }
  const session = await worker.open(compile({ y: ops.reduceSum(y, [0]) }));
  const data = new Float32Array(rows * hidden).fill(0.01);
  return {
    run: async () => {
      await session.run({ x: { dtype: 'float32', shape: [rows, hidden], data } });
    },
    flops: 2 * 2 * layers * rows * hidden * inner,
  };
};

/** Random weights of the model's shape on disk. @param described The model's configuration */
export const randomCheckpoint = async (
  model: TransformerModel,
  folder: string,
  described: Readonly<Record<string, unknown>> = config,
): Promise<void> => {
  const { weights } = scoreGraph(model, { source: null });
  const tensors = new Map<string, TensorToWrite>();
  for (const { name, shape } of weights.trained.values()) {
    if (name.startsWith(model.head.module)) continue;
    const random = new Random(1, name);
    const length = shape.reduce((a, b) => a * b, 1);
    const data = (): Promise<Float32Array> =>
      Promise.resolve(Float32Array.from({ length }, () => (shape.length === 1 ? 1 : random.normal() * 0.02)));
    tensors.set(name, { dtype: 'F32', shape, data });
  }
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  await writeFile(join(folder, 'config.json'), JSON.stringify(described));
};
