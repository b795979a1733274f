/**
 * @file Generation against the machine: a step's time beside what the same machine needs to read the weights and the cache
 * once, and to multiply as much in plain products. A model of SmolLM2-135M's shape with random weights, 49152 tokens in the
 * vocabulary, which int8 has in int8 too: `npm run bench -- generate`.
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
import { median, config as narrow, randomCheckpoint } from './engine.ts';
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
const headSize = hidden / config.num_attention_heads;

const batches = [1, 8, 32];
const rounds = 5;
const [promptLength, newTokens] = [128, 12];
/** Prompts whose reading is timed: as many tokens as one reading takes. */
const prompts = 8;
const productRows = prompts * promptLength;
const readBytes = 2 ** 28;
/** Of the memory in each round; the best counts, for it is to be a limit. */
const readings = 5;

interface Held {
  readonly name: 'float32' | 'int8';
  readonly source: WeightSource;
  /** Of the weights that a step reads. */
  readonly bytes: number;
}

/** Something to time. @returns seconds */
type Timed = () => Promise<number>;

/** What a round took for each of them. */
type Round = (name: string) => number;

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
    const runs: Record<string, Timed> = { read: await memoryRead(worker) };
    for (const held of sources) {
      runs[`${held.name} product`] = await productRun(worker, held);
      const generator = await Generator.open({ worker, model, source: held.source });
      runs[`${held.name} prompts`] = () => promptReading(generator);
      for (const rows of batches) runs[`${held.name} ${rows}`] = () => stepOf(generator, rows);
    }
    const seconds = await interleaved(runs);

    const over = (value: (of: Round) => number): number =>
      median(Array.from({ length: rounds }, (_, round) => value((name) => seconds[name]![round]!)));
    const productFlops = 2 * productRows * layers * 2 * hidden * inner;
    const cached = 2 * 4 * layers * config.num_key_value_heads * headSize * (promptLength + newTokens / 2);
    return [
      { what: 'reading memory', value: over((of) => readBytes / of('read')) / 1e9, unit: 'GB/s' },
      ...sources.flatMap(({ name, bytes }): Figure[] => {
        const plain = (of: Round, multiplyAdds: number): number =>
          (2 * multiplyAdds * of(`${name} product`)) / productFlops;
        return [
          {
            what: `plain ${name} products`,
            value: over((of) => productFlops / of(`${name} product`)) / 1e9,
            unit: 'GFLOP/s',
          },
          {
            what: `${name}, reading prompts, share of that rate`,
            value: over((of) => plain(of, productRows * model.multiplyAddsPerToken) / of(`${name} prompts`)),
            unit: '',
          },
          ...batches.flatMap((rows): Figure[] => {
            const step = (of: Round): number => of(`${name} ${rows}`);
            const read = (of: Round): number => ((bytes + rows * cached) / readBytes) * of('read');
            return [
              { what: `${name}, ${rows} at once`, value: over((of) => rows / step(of)), unit: 'tokens/s' },
              {
                what: `${name}, ${rows} at once, reading weights and cache over a step`,
                value: over((of) => read(of) / step(of)),
                unit: '',
              },
              {
                what: `${name}, ${rows} at once, plain products over a step`,
                value: over((of) => plain(of, rows * weights) / step(of)),
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

/** One round runs everything once, so that a slow spell touches all alike; one more before them warms up. */
const interleaved = async (runs: Readonly<Record<string, Timed>>): Promise<Record<string, number[]>> => {
  const seconds: Record<string, number[]> = Object.fromEntries(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const taken = await run();
      if (round > 0) seconds[name]!.push(taken);
    }
    process.stderr.write(`round ${round} of ${rounds}\n`);
  }
  return seconds;
};

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await run();
  return (performance.now() - began) / 1000;
};

const randomPrompts = (count: number): { prompt: number[] }[] => {
  const random = new Random(count, 'prompts');
  return Array.from({ length: count }, () => ({
    prompt: Array.from({ length: promptLength }, () => random.integer(vocabulary)),
  }));
};

const promptReading = (generator: Generator): Promise<number> =>
  timed(() => generator.generate(randomPrompts(prompts), { maxNewTokens: 1 }));

/** The median of the steps of a call in which so many rows decode. */
const stepOf = async (generator: Generator, rows: number): Promise<number> => {
  const times: number[] = [];
  let tokens = 0;
  const [request] = randomPrompts(1);
  await generator.generate([{ ...request!, samples: rows }], {
    maxNewTokens: newTokens,
    slots: rows,
    onToken: () => {
      if (++tokens % rows === 0) times.push(performance.now());
    },
  });
  return median(times.slice(1).map((time, i) => (time - times[i]!) / 1000));
};

/** A sum over more memory than any cache of the processor holds. */
const memoryRead = async (worker: EngineWorker): Promise<Timed> => {
  const shape = [64, readBytes / 64 / 4];
  const graph = new Graph();
  const session = await worker.open(
    compile({ sums: ops.reduceSum(graph.input('x', 'float32', shape), [1]) }),
  );
  // Shared, so that it is not copied to the worker.
  const data = new Float32Array(new SharedArrayBuffer(readBytes)).fill(1);
  return async () => {
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < readings; i++) {
      best = Math.min(best, await timed(() => session.run({ x: { dtype: 'float32', shape, data } })));
    }
    return best;
  };
};

/** A chain of the model's largest products, with nothing between them. */
const productRun = async (worker: EngineWorker, { source }: Held): Promise<Timed> => {
  const graph = new Graph();
  let y = graph.input('x', 'float32', [productRows, hidden]);
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${layer}.mlp`;
    y = product(y, source, `${at}.up_proj.weight`, hidden, inner);
    y = product(y, source, `${at}.down_proj.weight`, inner, hidden);
  }
  const session = await worker.open(compile({ y: ops.reduceSum(y, [0]) }));
  const data = new Float32Array(productRows * hidden).fill(0.01);
  return () => timed(() => session.run({ x: { dtype: 'float32', shape: [productRows, hidden], data } }));
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
