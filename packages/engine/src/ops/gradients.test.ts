/** @file Every differentiable operator against central finite differences, on random shapes. */
import { PlauditError, Random } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradients } from '../graph/autodiff.ts';
import { Graph, type Tensor } from '../graph/graph.ts';
import { defineOperator, operators } from '../graph/operator.ts';
import { integers, open, type Value } from '../testing/run.ts';
import * as ops from './index.ts';

/** A function of float inputs; `positive` keeps its arguments above 0.3, `apart` keeps them off its kinks. */
interface Case {
  readonly inputs: (size: () => number) => readonly (readonly number[])[];
  readonly build: (inputs: readonly Tensor[], random: Random) => Tensor;
  readonly domain?: 'positive' | 'apart';
}

const matrix = (size: () => number): [number[]] => [[size(), size()]];
const indices = (random: Random, count: number, bound: number, shape: readonly number[] = [count]) =>
  integers(
    Array.from({ length: count }, () => random.integer(bound)),
    shape,
  );
const constant = (x: Tensor, value: Value): Tensor => x.graph.constant(value.data, value.shape);
const one = (build: (x: Tensor) => Tensor, domain?: Case['domain']): Case => ({
  inputs: matrix,
  build: ([x]) => build(x!),
  ...(domain ? { domain } : {}),
});
const two = (build: (a: Tensor, b: Tensor) => Tensor, domain?: Case['domain']): Case => ({
  inputs: (size) => {
    const [rows, columns] = [size(), size()];
    return [[rows, columns], columns % 2 ? [1, columns] : [columns]];
  },
  build: ([a, b]) => build(a!, b!),
  ...(domain ? { domain } : {}),
});

const cases: Readonly<Record<string, Case>> = {
  Add: two(ops.add),
  Sub: two(ops.subtract),
  Mul: two(ops.multiply),
  Div: two(ops.divide, 'positive'),
  Pow: two(ops.power, 'positive'),
  Max: two((a, b) => ops.maximum(a, ops.multiply(b, 3)), 'apart'),
  Min: two((a, b) => ops.minimum(a, ops.multiply(b, 3)), 'apart'),
  Neg: one(ops.negate),
  Exp: one(ops.exp),
  Log: one(ops.log, 'positive'),
  Sqrt: one(ops.sqrt, 'positive'),
  Reciprocal: one(ops.reciprocal, 'positive'),
  Abs: one(ops.absolute, 'apart'),
  Sign: one((x) => ops.add(ops.sign(x), x), 'apart'),
  Floor: one((x) => ops.add(ops.multiply(ops.floor(ops.multiply(x, 0)), 1), x)),
  Ceil: one((x) => ops.add(ops.multiply(ops.ceil(ops.multiply(x, 0)), 1), x)),
  Round: one((x) => ops.add(ops.multiply(ops.round(ops.multiply(x, 0)), 1), x)),
  Sin: one(ops.sine),
  Cos: one(ops.cosine),
  Tanh: one(ops.tanh),
  Sigmoid: one(ops.sigmoid),
  Erf: one(ops.erf),
  Relu: one(ops.relu, 'apart'),
  Softplus: one(ops.softplus),
  StopGradient: one((x) => ops.add(ops.multiply(ops.stopGradient(x), 0), x)),
  Cast: one((x) => ops.cast(ops.cast(x, 'float32'), 'float32')),
  Where: {
    inputs: (size) => {
      const shape = [size(), size()];
      return [shape, [shape[1]!]];
    },
    build: ([a, b]) =>
      ops.where(
        ops.greater(constant(a!, { data: Float32Array.of(1, -1).slice(0, 1), shape: [1] }), 0),
        a!,
        b!,
      ),
  },
  ReduceSum: one((x) => ops.reduceSum(x, [1])),
  ReduceMean: one((x) => ops.reduceMean(x, [0], true)),
  ReduceMax: one((x) => ops.reduceMax(x, [1]), 'apart'),
  Reshape: one((x) => ops.reshape(x, [...x.shape].reverse())),
  Transpose: one((x) => ops.transpose(x, [1, 0])),
  Expand: { inputs: (size) => [[1, size()]], build: ([x]) => ops.expand(x!, [2, 3, x!.shape[1]!]) },
  Concat: {
    inputs: (size) => {
      const rows = size();
      return [
        [rows, size()],
        [rows, size()],
      ];
    },
    build: ([a, b]) => ops.concat([a!, b!, a!], 1),
  },
  Split: one((x) => {
    const [left, right] = ops.split(ops.concat([x, x], 0), 0, [1, 2 * (x.shape[0] as number) - 1]);
    return ops.concat([right!, ops.exp(left!)], 0);
  }),
  Slice: { inputs: (size) => [[size() + 2, size()]], build: ([x]) => ops.slice(x!, 0, 1, 3) },
  Pad: one((x) => ops.pad(x, 1, 2, 1)),
  Gather: {
    inputs: (size) => [[size() + 1, size()]],
    build: ([x], random) => ops.gather(x!, constant(x!, indices(random, 6, x!.shape[0] as number, [2, 3]))),
  },
  ScatterAdd: {
    inputs: (size) => [[4, size()]],
    build: ([x], random) => ops.scatterAdd(constant(x!, indices(random, 4, 3)), x!, [3, x!.shape[1]!]),
  },
  TakeRows: {
    inputs: (size) => [[4, size()]],
    build: ([x]) => {
      const used = x!.graph.constant(Float32Array.of(1, 0, 1, 1), [4, 1]);
      const rows = constant(x!, integers([2, 0, 3]));
      return ops.takeRows(x!, rows, constant(x!, integers([1, 0, 0, 2])), used);
    },
  },
  GatherLast: {
    inputs: (size) => [[3, size() + 1]],
    build: ([x], random) => ops.gatherLast(x!, constant(x!, indices(random, 3, x!.shape[1] as number))),
  },
  ScatterLast: {
    inputs: () => [[3]],
    build: ([x], random) => ops.scatterLast(constant(x!, indices(random, 3, 5)), x!, 5),
  },
  Triangle: one(ops.upperTriangle),
  Trilu: one((x) => ops.add(ops.triangle(x, 'lower', 0), ops.triangle(x, 'upper', 2))),
  CumSum: one((x) =>
    ops.add(
      ops.cumulativeSum(x, 1, { exclusive: true }),
      ops.cumulativeSum(ops.multiply(x, x), 0, { reverse: true }),
    ),
  ),
  GatherElements: {
    inputs: (size) => [[3, size() + 1]],
    build: ([x], random) =>
      ops.gatherElements(x!, constant(x!, indices(random, 12, x!.shape[1] as number, [3, 4])), 1),
  },
  // The gradient's own rule, reached by differentiating a lookup twice.
  ScatterElements: {
    inputs: () => [[3, 4]],
    build: ([x], random) => {
      const places = constant(x!, indices(random, 12, 5, [3, 4]));
      return x!.graph.apply('ScatterElements', [places, x!], { shape: [3, 5], axis: 1 })[0]!;
    },
  },
  GatherND: {
    inputs: (size) => [[3, 2, size()]],
    build: ([x]) => ops.gatherND(x!, constant(x!, integers([0, 1, -1, 0, 0, 1, 2, -2], [2, 2, 2]))),
  },
  Size: one((x) => ops.multiply(x, ops.sizeOf(x))),
  MatMul: {
    inputs: (size) => {
      const inner = size();
      return [
        [2, 1, inner, size()],
        [3, size(), inner],
      ];
    },
    build: ([a, b]) => ops.matmul(a!, b!, { transA: true, transB: true, scale: 0.5 }),
  },
  Gemm: {
    inputs: (size) => {
      const [rows, inner, columns] = [size(), size(), size()];
      return [
        [rows, inner],
        [columns, inner],
        [rows, columns],
      ];
    },
    build: ([a, b, c]) => ops.gemm(a!, b!, c!, false, true),
  },
  Softmax: one(ops.softmax),
  LogSoftmax: one(ops.logSoftmax),
  LayerNormalization: {
    inputs: (size) => {
      const columns = size() + 2;
      return [[size(), columns], [columns], [columns]];
    },
    build: ([x, gamma, beta]) => ops.layerNorm(x!, gamma!, beta!, 1e-5),
  },
  RMSNormalization: {
    inputs: (size) => {
      const columns = size() + 1;
      return [[size(), columns], [columns]];
    },
    build: ([x, gamma]) => ops.rmsNorm(x!, gamma!, 1e-5),
  },
  Gelu: one((x) => ops.add(ops.gelu(x, 'none'), ops.gelu(ops.multiply(x, 0.7), 'tanh'))),
  Silu: one(ops.silu),
  RotaryEmbedding: {
    // Heads of 4 or of 6 features, of which 4 are turned.
    inputs: (size) => [[9, size() > 2 ? 8 : 12]],
    build: ([x], random) => {
      const { cosines, sines } = ops.rotaryTables(7, ops.rotaryFrequencies(4, 100), 1.3);
      const table = (data: Float32Array) => x!.graph.constant(data, [7, 2]);
      return ops.rotary(x!, constant(x!, indices(random, 9, 7)), table(cosines), table(sines), 2);
    },
  },
};

/** Central differences of the weighted sum of a case's output, for a few coordinates of each input, against `gradients`. */
const check = async (name: string, seed: number): Promise<void> => {
  const { inputs, build, domain } = cases[name]!;
  const random = new Random(seed, name);
  const shapes = inputs(() => 1 + random.integer(4));
  const draw = (): number => {
    const value = random.normal() * 0.8;
    if (domain === 'positive') return 0.3 + Math.abs(value);
    return domain === 'apart' ? value + Math.sign(value) * 0.2 : value;
  };
  const graph = new Graph();
  const tensors = shapes.map((shape, i) => graph.input(`x${i}`, 'float32', shape));
  const output = build(tensors, random);
  const outputShape = output.shape as number[];
  const count = outputShape.reduce((product, size) => product * size, 1);
  const weights = graph.constant(
    Float32Array.from({ length: count }, () => random.normal()),
    outputShape,
  );
  const loss = ops.reduceSum(ops.multiply(output, weights));
  const derived = gradients(loss, tensors);
  const execute = await open({ loss, ...Object.fromEntries(derived.map((tensor, i) => [`g${i}`, tensor])) });
  const feeds: Record<string, Value> = Object.fromEntries(
    shapes.map((shape, i) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [`x${i}`, { data: Float32Array.from({ length }, draw), shape }];
    }),
  );
  const result = await execute(feeds);
  const h = 0.01;
  for (const [i] of shapes.entries()) {
    const value = feeds[`x${i}`]!;
    for (let trial = 0; trial < 3; trial++) {
      const at = random.integer(value.data.length);
      const moved = async (step: number): Promise<number> => {
        const data = Float32Array.from(value.data as Float32Array);
        data[at] = data[at]! + step;
        return (await execute({ ...feeds, [`x${i}`]: { data, shape: value.shape } })).loss![0]!;
      };
      const numeric = ((await moved(h)) - (await moved(-h))) / (2 * h);
      const symbolic = result[`g${i}`]![at]!;
      const tolerance = 4e-3 * (1 + Math.abs(numeric) + Math.abs(result.loss![0]!));
      expect(
        Math.abs(symbolic - numeric),
        `${name} input ${i} at ${at}: ${symbolic} against ${numeric}`,
      ).toBeLessThan(tolerance);
    }
  }
};

describe('gradients agree with central finite differences', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => check(name, seed)),
      { numRuns: 6, seed: 1 },
    );
  });

  it('covers every operator that has a rule', () => {
    // These round, so differences say nothing about them; their own tests compare them with float32.
    const apart = ['LinearInt8', 'LinearFloat16', 'TestOnly'];
    const rules = operators().filter(({ name, vjp }) => vjp && !apart.includes(name));
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it('names an operator that has no rule', () => {
    defineOperator({ name: 'TestOnly', summary: '', infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }] });
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    const loss = ops.reduceSum(graph.apply('TestOnly', [x])[0]!);
    expect(() => gradients(loss, [x])).toThrow('no gradient rule for TestOnly');
  });
});

describe('StopGradient', () => {
  it('gives the value, and leaves what lies behind it out of the gradient', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', ['n']);
    const y = ops.multiply(ops.stopGradient(ops.exp(x)), x);
    const [gradient] = gradients(ops.reduceSum(y), [x]);
    const execute = await open({ y, gradient: gradient! });
    const { y: values, gradient: slopes } = await execute({
      x: { data: Float32Array.of(0, 1, 2), shape: [3] },
    });
    [0, 1, 2].forEach((at) => {
      expect(values![at]).toBeCloseTo(at * Math.exp(at), 4);
      expect(slopes![at]).toBeCloseTo(Math.exp(at), 5);
    });
  });
});

describe('a graph is checked as it is built', () => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['batch', 3]);
  it('names the operator and the shapes', () => {
    const y = graph.input('y', 'float32', ['batch', 4]);
    expect(() => ops.add(x, y)).toThrow(/Add cannot take inputs float32\[batch, 3\], float32\[batch, 4\]/);
    expect(() => ops.add(x, y)).toThrow(PlauditError);
  });
  it('multiplies and adds named dimensions exactly', () => {
    const y = graph.input('z', 'float32', ['batch', 'tokens', 3]);
    const flat = ops.reshape(y, ['batch*tokens', 3]);
    expect(ops.concat([flat, x], 0).shape).toEqual(['batch+batch*tokens', 3]);
    expect(() => ops.reshape(y, ['batch', 3])).toThrow('another number of elements');
  });
  it('builds equal nodes once', () => {
    expect(ops.exp(x)).toBe(ops.exp(x));
  });
});

describe('named dimensions at run time', () => {
  it('reshapes, slices and joins by sizes that only the feeds know', async () => {
    const graph = new Graph();
    const a = graph.input('a', 'float32', ['batch', 'left', 2]);
    const b = graph.input('b', 'float32', ['batch', 'right', 2]);
    const joined = ops.concat([ops.reshape(a, ['batch*left', 2]), ops.reshape(b, ['batch*right', 2])], 0);
    const back = ops.reshape(ops.slice(joined, 0, 'batch*left', 'batch*left+batch*right'), [
      'batch',
      'right',
      2,
    ]);
    const [gradient] = gradients(ops.reduceSum(ops.multiply(back, back)), [b]);
    const execute = await open({ back, gradient: gradient! });
    const data = Float32Array.from({ length: 12 }, (_, i) => i);
    const result = await execute({
      a: { data: new Float32Array(8), shape: [2, 2, 2] },
      b: { data, shape: [2, 3, 2] },
    });
    expect([...result.back!]).toEqual([...data]);
    expect([...result.gradient!]).toEqual([...data].map((value) => 2 * value));
  });
});

describe('ScatterAdd', () => {
  it('adds up every update of a repeated row with several threads (ScatterND loses some)', async () => {
    const graph = new Graph();
    const updates = graph.input('updates', 'float32', [512, 64]);
    const rows = graph.input('rows', 'int64', [512]);
    const execute = await open({ sum: ops.reduceSum(ops.scatterAdd(rows, updates, [37, 64])) }, {}, 2);
    for (let trial = 0; trial < 10; trial++) {
      const repeated = Array.from({ length: 512 }, (_, i) => (i * (trial + 1)) % 37);
      const { sum } = await execute({
        updates: { data: new Float32Array(512 * 64).fill(1), shape: [512, 64] },
        rows: integers(repeated),
      });
      expect(sum![0]).toBe(512 * 64);
    }
  });
});

describe('the gradient of GatherElements', () => {
  it('adds up every value of a repeated index with several threads', async () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [64, 37]);
    const places = graph.input('places', 'int64', [64, 512]);
    const [gradient] = gradients(ops.reduceSum(ops.gatherElements(x, places, 1)), [x]);
    const execute = await open({ sum: ops.reduceSum(gradient!) }, {}, 4);
    for (let trial = 0; trial < 10; trial++) {
      const repeated = Array.from({ length: 64 * 512 }, (_, i) => (i * (trial + 1)) % 37);
      const { sum } = await execute({
        x: { data: new Float32Array(64 * 37), shape: [64, 37] },
        places: integers(repeated, [64, 512]),
      });
      expect(sum![0]).toBe(64 * 512);
    }
  });
});

describe('an operator of whole numbers on the way', () => {
  it('is refused by name rather than left out of the gradient', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2, 2]);
    const [whole] = ops.dynamicQuantizeLinear(x);
    const product = ops.cast(ops.matmulInteger(whole!, whole!, null, null), 'float32');
    expect(() => gradients(ops.reduceSum(ops.add(product, x)), [x])).toThrow('DynamicQuantizeLinear');
  });
});
