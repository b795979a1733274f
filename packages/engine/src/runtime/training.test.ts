/** @file Training through accumulate and apply: least squares with a gradient written by hand. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorker } from './engine-worker.ts';
import type { ParameterStore } from './parameter-store.ts';
import type { Session } from './session.ts';
import type { TensorValues } from './tensor.ts';
import { leastSquares, slow } from './test-models.ts';
import type { ParameterSnapshot } from './trained-parameters.ts';

const features = 5;
const truth = [1, -2, 0.5, 3, -0.25];
let worker: EngineWorker;
let session: Session;

beforeAll(async () => {
  worker = await EngineWorker.start({ threads: 1 });
  session = await worker.open(leastSquares(features));
});
afterAll(() => worker.stop());

const uniform = (seed: number) => () => {
  seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
  return seed / 2 ** 31 - 1;
};

const batch = (seed: number, rows = 16): TensorValues => {
  const random = uniform(seed);
  const x = Float32Array.from({ length: rows * features }, random);
  const t = Float32Array.from({ length: rows }, (_, row) =>
    truth.reduce((sum, weight, column) => sum + weight * x[row * features + column]!, 0),
  );
  return {
    x: { dtype: 'float32', shape: [rows, features], data: x },
    t: { dtype: 'float32', shape: [rows, 1], data: t },
  };
};

const parametersAtZero = (options = {}): Promise<ParameterStore> =>
  worker.createParameters({ w: { shape: [features, 1], data: new Float32Array(features) } }, options);

const valuesOf = async (parameters: ParameterStore): Promise<Float32Array> =>
  (await parameters.snapshot()).parameters.w!.value;

describe('training', () => {
  it('finds the weights of a least-squares problem', async () => {
    const parameters = await parametersAtZero({ weightDecay: 0 });
    let loss = Number.NaN;
    for (let step = 0; step < 300; step++) {
      const outputs = await session.accumulate(batch(step), { parameters, fetch: ['loss'] });
      expect(Object.keys(outputs)).toEqual(['loss']);
      loss = outputs.loss!.data[0] as number;
      await parameters.apply({ learningRate: 0.1 * (1 - step / 300) });
    }
    expect(loss).toBeLessThan(1e-5);
    const values = await valuesOf(parameters);
    truth.forEach((weight, i) => {
      expect(values[i]).toBeCloseTo(weight, 2);
    });
    await parameters.close();
    await expect(parameters.snapshot()).rejects.toMatchObject({ code: 'engine.closed' });
  });

  it('takes the mean of two half batches for the whole batch', async () => {
    const whole = batch(1, 8);
    const half = (from: number): TensorValues => ({
      x: {
        dtype: 'float32',
        shape: [4, features],
        data: (whole.x!.data as Float32Array).slice(from * features, (from + 4) * features),
      },
      t: { dtype: 'float32', shape: [4, 1], data: (whole.t!.data as Float32Array).slice(from, from + 4) },
    });
    const [together, apart] = [await parametersAtZero(), await parametersAtZero()];
    await session.accumulate(whole, { parameters: together });
    const first = await together.apply({ learningRate: 0.1 });
    await session.accumulate(half(0), { parameters: apart });
    await session.accumulate(half(4), { parameters: apart });
    const second = await apart.apply({ learningRate: 0.1, gradientScale: 0.5 });
    expect(second.gradientNorm).toBeCloseTo(first.gradientNorm, 5);
    const values = await valuesOf(apart);
    (await valuesOf(together)).forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value, 5);
    });
  });

  it('clips by the global norm and says so', async () => {
    const parameters = await parametersAtZero();
    await session.accumulate(batch(1), { parameters });
    const { gradientNorm, clipped } = await parameters.apply({ learningRate: 0.1, maxGradientNorm: 0.01 });
    expect(gradientNorm).toBeGreaterThan(0.01);
    expect(clipped).toBe(true);
    const { firstMoment } = (await parameters.snapshot()).parameters.w!;
    expect(Math.hypot(...firstMoment!)).toBeCloseTo(0.1 * 0.01, 6);
    await session.accumulate(batch(1), { parameters });
    expect(await parameters.apply({ learningRate: 0.1, maxGradientNorm: 1e6 })).toMatchObject({
      clipped: false,
    });
    await expect(parameters.apply({ learningRate: 0.1 })).rejects.toMatchObject({
      code: 'engine.no_gradient',
    });
  });

  it('decays only where told', async () => {
    const data = new Float32Array(features).fill(1);
    const after = async (options: { weightDecay?: boolean }): Promise<Float32Array> => {
      const parameters = await worker.createParameters({ w: { shape: [features, 1], data, ...options } });
      await session.accumulate(batch(1), { parameters });
      await parameters.apply({ learningRate: 0.5 });
      return valuesOf(parameters);
    };
    const plain = await after({});
    const undecayed = await after({ weightDecay: false });
    plain.forEach((value, i) => {
      expect(value).toBeCloseTo(undecayed[i]! - 0.5 * 0.01, 6);
    });
  });

  it('returns a gradient that is fetched without losing it', async () => {
    const parameters = await parametersAtZero();
    const outputs = await session.accumulate(batch(1), { parameters, fetch: ['gradient:w'] });
    const norm = Math.hypot(...(outputs['gradient:w']!.data as Float32Array));
    expect((await parameters.apply({ learningRate: 0.1 })).gradientNorm).toBeCloseTo(norm, 6);
  });

  it('scores with the parameters of a store', async () => {
    const data = Float32Array.from(truth);
    const parameters = await worker.createParameters({ w: { shape: [features, 1], data } });
    const { loss } = await session.run(batch(3), { parameters, fetch: ['loss'] });
    expect(loss!.data[0]).toBeLessThan(1e-12);
    expect(data).toHaveLength(features);
    await expect(session.run(batch(3))).rejects.toThrow(/input w .* is missing/);
  });
});

describe('a snapshot', () => {
  const train = async (parameters: ParameterStore, from: number, to: number): Promise<ParameterSnapshot> => {
    for (let step = from; step < to; step++) {
      await session.accumulate(batch(step), { parameters });
      await parameters.apply({ learningRate: 0.03, maxGradientNorm: 1 });
    }
    return parameters.snapshot();
  };

  it('continues to the same bits in a new store', async () => {
    const uninterrupted = await train(await parametersAtZero(), 0, 20);
    const half = await train(await parametersAtZero(), 0, 10);
    expect(half.step).toBe(10);
    const resumed = await parametersAtZero();
    await resumed.restore(half);
    expect(await resumed.snapshot()).toEqual(half);
    expect(await train(resumed, 10, 20)).toEqual(uninterrupted);
    // The caller's arrays were copied: the same snapshot can be used again.
    await resumed.restore(half);
    expect(await train(resumed, 10, 20)).toEqual(uninterrupted);
  });

  it('without moments holds the values only', async () => {
    const parameters = await parametersAtZero();
    await train(parameters, 0, 2);
    const { parameters: states } = await parameters.snapshot({ moments: false });
    expect(states.w).toMatchObject({ firstMoment: null, secondMoment: null, updates: 0 });
    expect(states.w!.value).toEqual(await valuesOf(parameters));
  });

  it('of other parameters is refused and changes nothing', async () => {
    const parameters = await parametersAtZero();
    const before = await train(parameters, 0, 2);
    const { w } = before.parameters;
    const wrong: ParameterSnapshot['parameters'][] = [
      {},
      { w: w!, v: w! },
      { w: { ...w!, shape: [1, features] } },
      { w: { ...w!, firstMoment: new Float32Array(1) } },
    ];
    for (const states of wrong) {
      await expect(parameters.restore({ step: 9, parameters: states })).rejects.toMatchObject({
        code: 'engine.parameter',
      });
    }
    expect(await parameters.snapshot()).toEqual(before);
    await expect(
      worker.createParameters({ w: { shape: [4], data: new Float32Array(5) } }),
    ).rejects.toMatchObject({
      code: 'engine.parameter',
    });
  });
});

describe('a step that must not count', () => {
  const poisoned = (name: 'x' | 't', value: number): TensorValues => {
    const feeds = batch(1);
    feeds[name]!.data[3] = value;
    return feeds;
  };

  it('stops at a value that is not finite, by name, and leaves the parameters alone', async () => {
    const parameters = await parametersAtZero();
    await session.accumulate(batch(0), { parameters });
    await parameters.apply({ learningRate: 0.1 });
    const before = await parameters.snapshot();
    await session.accumulate(batch(1), { parameters });
    await expect(session.accumulate(poisoned('t', Number.NaN), { parameters })).rejects.toMatchObject({
      code: 'engine.non_finite',
      parameters: { tensor: 'loss', step: 1, batch: 1 },
    });
    await expect(
      session.accumulate(poisoned('t', Number.POSITIVE_INFINITY), {
        parameters,
        fetch: [],
        context: { step: 7, batch: 'validation 3' },
      }),
    ).rejects.toMatchObject({
      parameters: { tensor: 'gradient:w', step: 7, batch: 'validation 3' },
      message: 'The tensor gradient:w has a value that is not finite, in step 7, batch validation 3.',
    });
    expect(await parameters.snapshot()).toEqual(before);
    // The batch before the bad one is still there, and can be dropped.
    await parameters.clearGradients();
    await expect(parameters.apply({ learningRate: 0.1 })).rejects.toMatchObject({
      code: 'engine.no_gradient',
    });
  });

  it('stops when the sum of gradients overflows', async () => {
    const huge = batch(2, 1);
    (huge.t!.data as Float32Array).fill(1.2e38);
    (huge.x!.data as Float32Array).fill(1);
    const parameters = await parametersAtZero();
    for (let i = 0; i < 2; i++) await session.accumulate(huge, { parameters, fetch: [] });
    await expect(parameters.apply({ learningRate: 0.1 })).rejects.toMatchObject({
      code: 'engine.non_finite',
      parameters: { tensor: 'gradient:w' },
    });
    expect(await valuesOf(parameters)).toEqual(new Float32Array(features));
  });

  it('adds nothing when it is cancelled', async () => {
    const parameters = await parametersAtZero();
    const controller = new AbortController();
    const busy = await worker.open(slow(512, 10));
    const x = { dtype: 'float32', shape: [512, 512], data: new Float32Array(512 * 512) } as const;
    const before = busy.run({ x });
    const calls = [1, 2, 3, 4].map((seed) =>
      session.accumulate(batch(seed), { parameters, signal: controller.signal }),
    );
    const outcomes = Promise.allSettled(calls);
    controller.abort();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine.cancelled' } });
    }
    await before;
    await expect(parameters.apply({ learningRate: 0.1 })).rejects.toMatchObject({
      code: 'engine.no_gradient',
    });
  });

  it('is refused when the graph has a gradient that the store has no parameter for', async () => {
    const parameters = await worker.createParameters({ v: { shape: [1], data: new Float32Array(1) } });
    const w = { dtype: 'float32', shape: [features, 1], data: new Float32Array(features) } as const;
    await expect(session.accumulate({ ...batch(1), w }, { parameters })).rejects.toMatchObject({
      code: 'engine.parameter',
      parameters: { parameter: 'w' },
    });
  });
});
