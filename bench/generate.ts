/**
 * @file Generation against the machine: tokens a second beside the time that reading the weights and the cache once takes,
 * and beside the plain matrix-product rate. A model of SmolLM2-135M's shape with random weights: `npm run bench -- generate`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import { compile, EngineWorker, type FileRegion, Graph, ops, type Tensor } from '@plaudit/engine';
import {
  floatWeights,
  Generator,
  int8Weights,
  linearWeightNames,
  openCheckpoint,
  readModel,
  type WeightSource,
} from '@plaudit/models';
import { interleaved, median, config as narrow, randomCheckpoint } from './engine.ts';
import type { Figure } from './main.ts';

const config = {
  ...narrow,
  hidden_size: 576,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  intermediate_size: 1536,
  vocab_size: 49152,
};
const {
  hidden_size: hidden,
  intermediate_size: inner,
  num_hidden_layers: layers,
  vocab_size: vocabulary,
} = config;
const batches = [1, 8, 32];
const [promptLength, newTokens] = [128, 12];
/** Rows of the plain products, as many as a reading of prompts has tokens. */
const productRows = 1024;

interface Held {
  readonly name: 'float32' | 'int8';
  readonly source: WeightSource;
  /** Of the weights that a step reads. */
  readonly bytes: number;
}

/** Seconds of a call's parts. */
interface Timing {
  readonly reading: number;
  readonly step: number;
}

export const benchGenerate = async (): Promise<readonly Figure[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-bench-'));
  const worker = await EngineWorker.start();
  try {
    const model = readModel(config);
    await randomCheckpoint(model, folder, config);
    const checkpoint = await openCheckpoint(folder);
    const source = await floatWeights(checkpoint, folder);
    const names = linearWeightNames(model, source, { vocabulary: true });
    const weights = model.multiplyAddsPerToken + vocabulary * hidden;
    const sources: readonly Held[] = [
      { name: 'float32', source, bytes: 4 * weights },
      { name: 'int8', source: await int8Weights(checkpoint, source, names, folder), bytes: weights },
    ];
    const read = await readRun(worker);
    const timings: Record<string, Timing[]> = {};
    const runs: Record<string, () => Promise<void>> = { read: read.run };
    for (const held of sources) {
      runs[`product ${held.name}`] = await productRun(worker, held);
      const generator = await Generator.open({ worker, model, source: held.source });
      for (const rows of batches) {
        const key = `${held.name} ${rows}`;
        timings[key] = [];
        runs[key] = async () => void timings[key]!.push(await timed(generator, rows));
      }
    }
    const seconds = await interleaved(runs);
    // The first round warms up and is not among the seconds.
    const rounds = seconds.read!.map((_, round) => round);
    const of = (key: string, round: number): Timing => timings[key]![round + 1]!;
    const flops = 2 * productRows * layers * 2 * hidden * inner;
    const cached = 2 * 4 * layers * config.num_key_value_heads * 64 * (promptLength + newTokens / 2);
    return [
      { what: 'reading memory', value: read.bytes / median(seconds.read!) / 1e9, unit: 'GB/s' },
      ...sources.flatMap(({ name, bytes }): Figure[] => {
        const product = seconds[`product ${name}`]!;
        const compute = (tokens: number, round: number): number =>
          (2 * tokens * weights) / (flops / product[round]!);
        return [
          { what: `plain ${name} products`, value: flops / median(product) / 1e9, unit: 'GFLOP/s' },
          {
            what: `${name}, reading ${Math.max(...batches)} prompts of ${promptLength} tokens, share of that rate`,
            value: median(
              rounds.map((round) => {
                const tokens = Math.max(...batches) * promptLength;
                const needed = (2 * tokens * model.multiplyAddsPerToken) / (flops / product[round]!);
                return needed / of(`${name} ${Math.max(...batches)}`, round).reading;
              }),
            ),
            unit: '',
          },
          ...batches.flatMap((rows): Figure[] => {
            const steps = rounds.map((round) => of(`${name} ${rows}`, round).step);
            const memory = (round: number): number =>
              (bytes + rows * cached) / (read.bytes / seconds.read![round]!);
            return [
              { what: `${name}, ${rows} at once`, value: rows / median(steps), unit: 'tokens/s' },
              {
                what: `${name}, ${rows} at once, the time to read weights and cache over a step's`,
                value: median(rounds.map((round) => memory(round) / steps[round]!)),
                unit: '',
              },
              {
                what: `${name}, ${rows} at once, the time of as many plain products over a step's`,
                value: median(rounds.map((round) => compute(rows, round) / steps[round]!)),
                unit: '',
              },
            ];
          }),
        ];
      }),
    ];
  } finally {
    await worker.stop({ drain: false });
    await rm(folder, { recursive: true });
  }
};

const timed = async (generator: Generator, rows: number): Promise<Timing> => {
  const random = new Random(rows, 'prompts');
  const ids = (): number[] => Array.from({ length: promptLength }, () => random.integer(vocabulary));
  const requests = Array.from({ length: rows }, (_, seed) => ({ prompt: ids(), seed }));
  const times: number[] = [];
  const began = performance.now();
  let tokens = 0;
  await generator.generate(requests, {
    maxNewTokens: newTokens,
    slots: rows,
    onToken: () => {
      if (++tokens % rows === 0) times.push(performance.now());
    },
  });
  const steps = times.slice(1).map((time, i) => (time - times[i]!) / 1000);
  return { reading: (times[0]! - began) / 1000, step: median(steps) };
};

/** A sum over more memory than any cache of the processor holds. */
const readRun = async (worker: EngineWorker): Promise<{ run: () => Promise<void>; bytes: number }> => {
  const shape = [64, 2 ** 20];
  const graph = new Graph();
  const sums = ops.reduceSum(graph.input('x', 'float32', shape), [1]);
  const session = await worker.open(compile({ sums }));
  // Shared, so that it is not copied to the worker.
  const bytes = 4 * shape[0]! * shape[1]!;
  const data = new Float32Array(new SharedArrayBuffer(bytes)).fill(1);
  return { run: async () => void (await session.run({ x: { dtype: 'float32', shape, data } })), bytes };
};

/** A chain of the model's largest products, with nothing between them. */
const productRun = async (worker: EngineWorker, { source }: Held): Promise<() => Promise<void>> => {
  const graph = new Graph();
  let y = graph.input('x', 'float32', [productRows, hidden]);
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.mlp`;
    y = product(y, source, `${at}.up_proj.weight`, hidden, inner);
    y = product(y, source, `${at}.down_proj.weight`, inner, hidden);
  }
  const session = await worker.open(compile({ y: ops.reduceSum(y, [0]) }));
  const data = new Float32Array(productRows * hidden).fill(0.01);
  return async () =>
    void (await session.run({ x: { dtype: 'float32', shape: [productRows, hidden], data } }));
};

const product = (x: Tensor, source: WeightSource, name: string, from: number, to: number): Tensor => {
  const { graph } = x;
  const int8 = source.int8?.(name);
  if (!int8)
    return ops.gemm(x, graph.weight(name, 'float32', [to, from], source.region(name)), null, false, true);
  const part = (
    end: string,
    dtype: 'int8' | 'float32',
    shape: readonly number[],
    region: FileRegion,
  ): Tensor => graph.weight(name + end, dtype, shape, region);
  return ops.linearInt8(x, {
    forward: part(':forward', 'int8', [from, to], int8.forward),
    forwardScale: part(':forward_scale', 'float32', [to], int8.forwardScale),
    backward: part(':backward', 'int8', [to, from], int8.backward),
    backwardScale: part(':backward_scale', 'float32', [from], int8.backwardScale),
  });
};
