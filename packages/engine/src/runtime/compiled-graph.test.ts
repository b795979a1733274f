/** @file What may be fed to a graph. */
import { describe, expect, it } from 'vitest';
import { checkFeeds, checkFetch } from './compiled-graph.ts';
import type { TensorValue, TensorValues } from './tensor.ts';
import { declare } from './test-models.ts';

const float = (...shape: number[]): TensorValue => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});

const inputs = [
  declare('tokens', ['batch', 'length'], 'int64'),
  declare('x', ['batch', 4]),
  declare('mask', ['batch*length'], 'bool'),
  declare('scale'),
];

const good = {
  tokens: { dtype: 'int64', shape: [2, 3], data: new BigInt64Array(6) },
  x: float(2, 4),
  mask: { dtype: 'bool', shape: [6], data: new Uint8Array(6) },
  scale: float(),
} as const satisfies TensorValues;

const { x: _, ...withoutX } = good;

describe('feeds', () => {
  it('that are as declared pass', () => {
    expect(() => checkFeeds(inputs, good)).not.toThrow();
    expect(() => checkFeeds(inputs, withoutX, new Map([['x', [2, 4]]]))).not.toThrow();
  });

  it.each([
    ['a missing input', withoutX, 'The input x of the graph is missing.'],
    ['an input too many', { ...good, z: float(1) }, /input z .* is not declared.*tokens, x, mask, scale/],
    ['another dtype', { ...good, tokens: float(2, 3) }, /input tokens .* must be int64, not float32/],
    [
      'another array',
      { ...good, x: { dtype: 'float32', shape: [2, 4], data: new Int32Array(8) } as unknown as TensorValue },
      /input x .* Float32Array/,
    ],
    ['another rank', { ...good, x: float(8) }, /input x .* shape \[batch, 4\], not \[8\]/],
    ['another fixed size', { ...good, x: float(2, 5) }, /input x .* shape \[batch, 4\], not \[2, 5\]/],
    [
      'a size that differs from another input',
      { ...good, x: float(3, 4) },
      /input x .*: batch is 2 in another/,
    ],
    [
      'a product that does not hold',
      { ...good, mask: { dtype: 'bool', shape: [5], data: new Uint8Array(5) } as const },
      /input mask .*: batch\*length is 6/,
    ],
    [
      'too few elements',
      { ...good, x: { dtype: 'float32', shape: [2, 4], data: new Float32Array(7) } as const },
      /input x .* has 7 elements/,
    ],
  ] satisfies [string, TensorValues, string | RegExp][])(
    'with %s are refused by name',
    (_name, feeds, message) => {
      expect(() => checkFeeds(inputs, feeds)).toThrow(
        expect.objectContaining({ code: 'engine.feed', message: expect.stringMatching(message) }),
      );
    },
  );

  it('that the parameter store holds too are refused', () => {
    expect(() => checkFeeds(inputs, good, new Map([['x', [2, 4]]]))).toThrow(/input x .* parameter store/);
    expect(() => checkFeeds(inputs, withoutX, new Map([['x', [2, 5]]]))).toThrow(/input x .* not \[2, 5\]/);
  });

  it('that were given away are refused', () => {
    const x = float(2, 4);
    structuredClone(x.data, { transfer: [x.data.buffer as ArrayBuffer] });
    expect(() => checkFeeds(inputs, { ...good, x })).toThrow(/input x .* transferred/);
  });
});

it('an output that the graph does not have is refused with those that it has', () => {
  const outputs = [declare('loss'), declare('score', ['batch'])];
  expect(() => checkFetch(outputs, ['loss', 'scores'])).toThrow(/no output scores; it has: loss, score\./);
});
