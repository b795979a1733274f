/** @file The policy's graph against transformers' logits, passes over separate rows, closed forms and finite differences. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@plaudit/contract';
import {
  compile,
  EngineWorker,
  gradientPrefix,
  gradients,
  type InitialParameter,
  ops,
  type Tensor,
  type TensorValues,
} from '@plaudit/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoraConfig } from '../adapters/lora.ts';
import { int64, largestDifference, openRecorded, type Recorded } from '../families/testing.ts';
import { causalFamilies, uncached } from '../generation/testing.ts';
import { type TokenTree, treeBatch } from './layout.ts';
import { type PolicyGraph, type PolicyGraphOptions, policyGraph, referenceScope } from './policy-graph.ts';
import type { TrainedParameter } from './weights.ts';

let worker: EngineWorker;
let cache: string;
beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  cache = await mkdtemp(join(tmpdir(), 'plaudit-policy-graph-'));
});
afterAll(async () => {
  await worker.stop();
  await rm(cache, { recursive: true });
});

/** What a batch of conversations is fed as: every token of every response is a target. */
const feedsOf = (trees: readonly TokenTree[]): TensorValues => {
  const places = {
    prompt: Math.max(...trees.map(({ prompt }) => prompt.length)) + 3,
    branches: Math.max(...trees.map(({ responses }) => responses.length)),
    response: Math.max(...trees.flatMap(({ responses }) => responses.map(({ length }) => length))),
  };
  const { feeds, promptRows, scoreRows } = treeBatch(trees, places);
  const rows = trees.flatMap(({ responses }, tree) =>
    responses.flatMap((ids, branch) => {
      const last = scoreRows[tree]![branch]!;
      return ids.map((_, i) => (i === 0 ? promptRows[tree]! : last - ids.length + i));
    }),
  );
  const ids = trees.flatMap(({ responses }) => responses.flat());
  return { ...feeds, 'target.rows': int64(rows), 'target.ids': int64(ids) };
};

const said = ({ logProbability, entropy, value, reference }: PolicyGraph): Record<string, Tensor> => ({
  logProbability,
  entropy,
  ...(value && { value }),
  ...(reference && { reference: reference.logProbability, divergence: reference.divergence }),
});

/** What a policy says of the targets of conversations. */
const run = async (
  { model, source }: Pick<Recorded, 'model' | 'source'>,
  options: Partial<PolicyGraphOptions>,
  trees: readonly TokenTree[],
  values: TensorValues = {},
): Promise<Record<string, Float32Array>> => {
  const session = await worker.open(compile(said(policyGraph(model, { source, ...options }))));
  const result = await session.run({ ...feedsOf(trees), ...values });
  await session.close();
  return Object.fromEntries(
    Object.entries(result).map(([name, { data }]) => [name, Float32Array.from(data as Float32Array)]),
  );
};

const floats = (shape: readonly number[], data: Float32Array) => ({ dtype: 'float32' as const, shape, data });
const length = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

const loraOf = ({ model }: Recorded): LoraConfig => ({
  rank: 2,
  alpha: 4,
  targets: model.loraTargets,
  dropout: 0,
});

/** Values of everything that is trained: the checkpoint's, and random ones where it has none. */
const valuesOf = async (
  { checkpoint }: Recorded,
  trained: Iterable<TrainedParameter>,
  size: number,
): Promise<Record<string, TensorValues[string]>> => {
  const random = new Random(3);
  const values: Record<string, TensorValues[string]> = {};
  for (const { name, shape, initial } of trained)
    values[name] = floats(
      shape,
      initial.kind === 'checkpoint'
        ? await checkpoint.read(initial.name)
        : Float32Array.from({ length: length(shape) }, () => size * random.normal()),
    );
  return values;
};

const ids = (count: number, seed: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.integer(128));
};
const trees: TokenTree[] = [
  { prompt: ids(9, 1), responses: [ids(4, 2), ids(1, 3), ids(6, 4)] },
  { prompt: ids(3, 5), responses: [ids(5, 6)] },
];
const rowsOf = (all: readonly TokenTree[]) =>
  all.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response })));

const logSoftmax = (logits: readonly number[]): number[] => {
  const largest = Math.max(...logits);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  return logits.map((logit) => logit - largest - Math.log(sum));
};
const entropyOf = (logProbabilities: ArrayLike<number>): number =>
  -Array.from(logProbabilities).reduce((sum, own) => sum + Math.exp(own) * own, 0);

describe.each(causalFamilies)('%s', (name) => {
  it('gives targets the log-probabilities and entropies of the logits that transformers has', async () => {
    const recorded = await openRecorded(name, cache);
    const { expected, kept } = recorded;
    const conversations = expected.input_ids.map((ids, row) => kept(ids, row));
    const split = 1;
    const found = await run(
      recorded,
      {},
      conversations.map((ids) => ({ prompt: ids.slice(0, split), responses: [ids.slice(split)] })),
    );
    let first = 0;
    conversations.forEach((ids, row) => {
      const targets = ids.slice(split);
      if (expected.logits) {
        const wanted = kept(expected.logits[row]!, row)
          .slice(split - 1, -1)
          .map(logSoftmax);
        const of = (values: Float32Array): Float32Array => values.subarray(first, first + targets.length);
        expect(
          largestDifference(
            of(found.logProbability!),
            targets.map((id, i) => wanted[i]![id]!),
          ),
        ).toBeLessThan(1e-4);
        expect(largestDifference(of(found.entropy!), wanted.map(entropyOf))).toBeLessThan(1e-4);
      }
      first += targets.length;
    });
    expect(first).toBe(found.logProbability!.length);
  });

  it('says the same of a response among its siblings as of each row by itself', async () => {
    const recorded = await openRecorded(name, cache);
    const found = await run(recorded, {}, trees);
    const wanted: number[] = [];
    const entropies: number[] = [];
    for (const { prompt, response } of rowsOf(trees)) {
      const alone = await uncached(worker, recorded, prompt, response);
      wanted.push(...response.map((id, i) => alone[i]![id]!));
      entropies.push(...alone.map(entropyOf));
    }
    expect(largestDifference(found.logProbability!, wanted)).toBeLessThan(1e-5);
    expect(largestDifference(found.entropy!, entropies)).toBeLessThan(1e-5);
  });
});

describe('a temperature', () => {
  it('divides the logits of both policies before their softmax', async () => {
    const recorded = await openRecorded('llama', cache);
    const found = await run(recorded, { temperature: 0.5, reference: 'frozen' }, trees);
    const wanted: number[] = [];
    for (const { prompt, response } of rowsOf(trees)) {
      const alone = await uncached(worker, recorded, prompt, response);
      wanted.push(...response.map((id, i) => logSoftmax(Array.from(alone[i]!, (logit) => logit / 0.5))[id]!));
    }
    expect(largestDifference(found.logProbability!, wanted)).toBeLessThan(1e-5);
    expect(Array.from(found.reference!)).toEqual(Array.from(found.logProbability!));
  });
});

describe('the divergence from the reference', () => {
  it('is exactly 0 beside the frozen weights while the adapter starts at 0', async () => {
    for (const name of ['llama', 'gemma2', 'gpt2']) {
      const recorded = await openRecorded(name, cache);
      const options = { lora: loraOf(recorded), reference: 'frozen', value: true } as const;
      const { weights } = policyGraph(recorded.model, { source: recorded.source, ...options });
      const values = await valuesOf(recorded, weights.trained.values(), 0.2);
      for (const [key, { shape }] of Object.entries(values))
        if (!key.endsWith('lora_A.weight')) values[key] = floats(shape, new Float32Array(length(shape)));
      const found = await run(recorded, options, trees, values);
      expect(found.divergence!.every((divergence) => divergence === 0)).toBe(true);
      expect(found.reference).toEqual(found.logProbability);
    }
  });

  it('is the sum of p ln(p / q) over the vocabulary, and never negative', async () => {
    const recorded = await openRecorded('llama', cache);
    const lora = loraOf(recorded);
    const { weights } = policyGraph(recorded.model, { source: recorded.source, lora });
    const values = await valuesOf(recorded, weights.trained.values(), 0.3);
    const found = await run(recorded, { lora, reference: 'frozen' }, trees, values);
    const wanted: number[] = [];
    const references: number[] = [];
    for (const { prompt, response } of rowsOf(trees)) {
      const policy = await uncached(worker, recorded, prompt, response, { lora }, values);
      const reference = await uncached(worker, recorded, prompt, response);
      policy.forEach((own, i) => {
        wanted.push(own.reduce((sum, p, id) => sum + Math.exp(p) * (p - reference[i]![id]!), 0));
        references.push(reference[i]![response[i]!]!);
      });
    }
    expect(Math.min(...wanted)).toBeGreaterThan(0.01);
    expect(largestDifference(found.divergence!, wanted)).toBeLessThan(1e-5 * Math.max(...wanted));
    expect(largestDifference(found.reference!, references)).toBeLessThan(1e-5);
    expect(Math.min(...found.divergence!)).toBeGreaterThanOrEqual(0);
  });
});

describe('a copied reference', () => {
  it.each(['lora', 'full'] as const)('stays where it is while the policy trains: %s', async (method) => {
    const recorded = await openRecorded('llama', cache);
    const { model, source } = recorded;
    const lora = method === 'lora' ? loraOf(recorded) : null;
    const options = { source, full: method === 'full', lora, reference: 'copy' } as const;
    const policy = policyGraph(model, options);
    const { trained } = policy.weights;
    expect([...policy.reference!.weights.trained.keys()]).toEqual(
      [...trained.keys()].map((name) => `${referenceScope}${name}`),
    );
    const own = await valuesOf(recorded, trained.values(), 0.1);
    const initial: Record<string, InitialParameter> = {};
    for (const [name, { shape, data }] of Object.entries(own)) {
      initial[name] = { shape, data: data as Float32Array };
      initial[`${referenceScope}${name}`] = { shape, data: (data as Float32Array).slice() };
    }
    const parameters = await worker.createParameters(initial);
    const found = gradients(
      ops.reduceSum(policy.logProbability),
      [...trained.keys()].map((name) => policy.graph.tensors.get(name)!),
    );
    const names = [...trained.keys()].map((name) => `${gradientPrefix}${name}`);
    const session = await worker.open(
      compile({ ...said(policy), ...Object.fromEntries(names.map((name, i) => [name, found[i]!])) }),
    );
    const step = async (): Promise<TensorValues> => {
      const result = await session.accumulate(feedsOf(trees), { parameters });
      await parameters.apply({ learningRate: 0.01 });
      return result;
    };
    const before = await step();
    expect(before.reference!.data).toEqual(before.logProbability!.data);
    expect((before.divergence!.data as Float32Array).every((divergence) => divergence === 0)).toBe(true);
    const after = await step();
    expect(after.reference!.data).toEqual(before.reference!.data);
    const moved = Array.from(before.logProbability!.data as Float32Array);
    expect(largestDifference(after.logProbability!.data as Float32Array, moved)).toBeGreaterThan(0.01);
    expect(Math.min(...(after.divergence!.data as Float32Array))).toBeGreaterThan(0);
    await Promise.all([session.close(), parameters.close()]);
  });
});

describe('the value function', () => {
  it('gives one number for each target, 0 where it starts, and the states in its weights after that', async () => {
    const recorded = await openRecorded('llama', cache);
    const { model, source } = recorded;
    const { weights, value } = policyGraph(model, { source, value: true });
    expect(value!.shape).toEqual(['targets']);
    expect([...weights.trained.values()]).toEqual([
      {
        name: 'plaudit_value.weight',
        shape: [1, 32],
        initial: { kind: 'constant', value: 0 },
        weightDecay: false,
      },
      { name: 'plaudit_value.bias', shape: [1], initial: { kind: 'constant', value: 0 }, weightDecay: false },
    ]);
    const values = (fill: number) => ({
      'plaudit_value.weight': floats([1, 32], new Float32Array(32).fill(fill)),
      'plaudit_value.bias': floats([1], Float32Array.of(3 * fill)),
    });
    const zero = await run(recorded, { value: true }, trees, values(0));
    expect(zero.value).toEqual(new Float32Array(zero.logProbability!.length));
    const found = await run(recorded, { value: true }, trees, values(0.5));
    const all = recorded.expected.last_hidden_state;
    expect(new Set(found.value).size).toBeGreaterThan(10);
    const [conversation] = recorded.expected.input_ids.map((ids, row) => recorded.kept(ids, row));
    const [first, ...rest] = conversation!;
    const known = await run(
      recorded,
      { value: true },
      [{ prompt: [first!], responses: [rest] }],
      values(0.5),
    );
    const wanted = recorded
      .kept(all[0]!, 0)
      .slice(0, -1)
      .map((state) => 0.5 * state.reduce((sum, x) => sum + x, 0) + 1.5);
    expect(largestDifference(known.value!, wanted)).toBeLessThan(1e-4);
  });
});

describe('the gradients of every weight', () => {
  it.each(['llama', 'gpt2'])('are those that differences find: %s', async (name) => {
    const recorded = await openRecorded(name, cache);
    const { model, source } = recorded;
    const policy = policyGraph(model, {
      source,
      full: true,
      value: true,
      reference: 'copy',
      temperature: 0.7,
    });
    const random = new Random(11);
    const count = rowsOf(trees).reduce((sum, { response }) => sum + response.length, 0);
    const weigh = (): TensorValues[string] =>
      floats(
        [count],
        Float32Array.from({ length: count }, () => random.normal() / Math.sqrt(count)),
      );
    const parts = { logProbability: policy.logProbability, entropy: policy.entropy, value: policy.value! };
    const terms = { ...parts, divergence: policy.reference!.divergence };
    const loss = Object.entries(terms)
      .map(([name, term]) =>
        ops.reduceSum(ops.multiply(term, policy.graph.input(`weigh.${name}`, 'float32', ['targets']))),
      )
      .reduce((sum, term) => ops.add(sum, term));
    const trained = [...policy.weights.trained.values()];
    const found = gradients(
      loss,
      trained.map(({ name }) => policy.graph.tensors.get(name)!),
    );
    const session = await worker.open(
      compile({ loss, ...Object.fromEntries(trained.map(({ name }, i) => [`${name}'`, found[i]!])) }),
    );
    const own = await valuesOf(recorded, trained, 0.1);
    own['plaudit_value.weight'] = floats(
      [1, model.hiddenSize],
      Float32Array.from({ length: model.hiddenSize }, () => random.normal()),
    );
    // A reference that is elsewhere: where both are the same the divergence has no slope.
    const reference = Object.fromEntries(
      Object.entries(own).map(([name, { shape, data }]) => [
        `${referenceScope}${name}`,
        floats(
          shape,
          (data as Float32Array).map((x) => x + 0.05 * random.normal()),
        ),
      ]),
    );
    const weights = Object.fromEntries(Object.keys(terms).map((name) => [`weigh.${name}`, weigh()]));
    const read = new Set(session.graph.inputs.map((input) => input.name));
    const step = async (values: TensorValues): Promise<TensorValues> => {
      const all: TensorValues = { ...feedsOf(trees), ...weights, ...reference, ...values };
      return session.run(Object.fromEntries(Object.entries(all).filter(([name]) => read.has(name))));
    };
    const exact = await step(own);
    const distance = 0.01;
    for (const { name, shape } of trained) {
      const held = own[name]!.data as Float32Array;
      const direction = held.map(() => random.normal() / Math.sqrt(held.length));
      const moved = async (by: number): Promise<number> => {
        const data = held.map((x, i) => x + by * direction[i]!);
        const { loss } = await step({ ...own, [name]: floats(shape, data) });
        return (loss!.data as Float32Array)[0]!;
      };
      const difference = ((await moved(distance)) - (await moved(-distance))) / (2 * distance);
      const gradient = exact[`${name}'`]!.data as Float32Array;
      const along = gradient.reduce((total, g, i) => total + g * direction[i]!, 0);
      expect(Math.abs(along - difference), name).toBeLessThan(5e-3 * Math.max(1, Math.abs(along)));
    }
    await session.close();
  });
});

describe('what is refused', () => {
  it('is a model that does not write', async () => {
    const { model, source } = await openRecorded('bert', cache);
    expect(() => policyGraph(model, { source })).toThrow(TypeError);
  });

  it('is a frozen reference beside weights that are all trained: it would be the policy itself', async () => {
    const { model, source } = await openRecorded('llama', cache);
    expect(() => policyGraph(model, { source, full: true, reference: 'frozen' })).toThrow(TypeError);
    expect(() => policyGraph(model, { source: null, reference: 'frozen' })).toThrow(TypeError);
  });
});
