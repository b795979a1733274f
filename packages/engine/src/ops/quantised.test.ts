/** @file The int8 linear layer against float32, forward and backward, and its independence of what else is in the batch. */
import { Random } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { gradients } from '../graph/autodiff.ts';
import { Graph } from '../graph/graph.ts';
import { open, type Value } from '../testing/run.ts';
import { linear, linearInt8, multiply, quantiseColumns, reduceSum } from './index.ts';

const [inputs, outputs] = [96, 64];
const random = new Random(7);
/** Weights [in, out]. */
const weight = Float32Array.from({ length: inputs * outputs }, () => random.normal() * 0.1);
const turned = Float32Array.from(weight, (_, i) => weight[(i % inputs) * outputs + Math.floor(i / inputs)]!);

const build = (rows: number) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [rows, inputs]);
  const upstream = graph.input('upstream', 'float32', [rows, outputs]);
  const forward = quantiseColumns(weight, inputs, outputs);
  const backward = quantiseColumns(turned, outputs, inputs);
  const rounded = linearInt8(x, {
    forward: graph.constant(forward.values, [inputs, outputs]),
    forwardScale: graph.constant(forward.scales, [outputs]),
    backward: graph.constant(backward.values, [outputs, inputs]),
    backwardScale: graph.constant(backward.scales, [inputs]),
  });
  const exact = linear(x, graph.constant(weight, [inputs, outputs]), { layout: 'in-out' });
  const slope = (y: typeof exact) => gradients(reduceSum(multiply(y, upstream)), [x])[0]!;
  return open({ exact, rounded, exactSlope: slope(exact), roundedSlope: slope(rounded) });
};

/** Rows whose sizes differ by a factor of 100,000, as those of a gradient do. */
const uneven = (rows: number, columns: number): Value => ({
  shape: [rows, columns],
  data: Float32Array.from(
    { length: rows * columns },
    (_, i) => random.normal() * 10 ** (-(5 * Math.floor(i / columns)) / rows),
  ),
});

const relativeError = (found: Float32Array, expected: Float32Array): number => {
  let error = 0;
  let size = 0;
  expected.forEach((value, i) => {
    error += (found[i]! - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(error / size);
};

describe('linearInt8', () => {
  it('stays within 1.5 % of float32 in every row, forward and backward', async () => {
    const rows = 8;
    const execute = await build(rows);
    const result = await execute({ x: uneven(rows, inputs), upstream: uneven(rows, outputs) });
    for (let row = 0; row < rows; row++) {
      const of = (name: string, width: number) => result[name]!.subarray(row * width, (row + 1) * width);
      expect(relativeError(of('rounded', outputs), of('exact', outputs))).toBeLessThan(0.015);
      expect(relativeError(of('roundedSlope', inputs), of('exactSlope', inputs))).toBeLessThan(0.015);
    }
  });

  it('gives a row the same bits alone as in a batch', async () => {
    const x = uneven(6, inputs);
    const upstream = uneven(6, outputs);
    const together = await (await build(6))({ x, upstream });
    const alone = await (await build(1))({
      x: { shape: [1, inputs], data: x.data.slice(4 * inputs, 5 * inputs) },
      upstream: { shape: [1, outputs], data: upstream.data.slice(4 * outputs, 5 * outputs) },
    });
    expect([...alone.rounded!]).toEqual([...together.rounded!.subarray(4 * outputs, 5 * outputs)]);
  });
});
