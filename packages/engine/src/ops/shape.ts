/** @file Operators that move values without changing them: reshape, transpose, slice, join, gather, scatter. */
import {
  addDimensions,
  type Dimension,
  formatShape,
  multiplyDimensions,
  subtractDimensions,
} from '../graph/dimension.ts';
import type { Tensor } from '../graph/graph.ts';
import { type Attributes, defineOperator, type Emitter } from '../graph/operator.ts';
import { sumTo } from './broadcast.ts';
import { multiply } from './elementwise.ts';

const int64 = (...values: readonly number[]): BigInt64Array => BigInt64Array.from(values.map(BigInt));

const only = (outputs: readonly Tensor[]): Tensor => outputs[0]!;

defineOperator({
  name: 'Reshape',
  summary: 'same values, new shape',
  infer: ([x], { shape }, refuse) => {
    const target = shape as readonly Dimension[];
    if (multiplyDimensions(...x!.shape) !== multiplyDimensions(...target)) {
      return refuse(`${formatShape(target)} holds another number of elements`);
    }
    return [{ dtype: x!.dtype, shape: target }];
  },
  vjp: ({ inputs: [x], gradient }) => [reshape(gradient, x!.shape)],
  emit: ({ inputs: [x], outputs: [y], attributes }, emitter) => {
    const target = attributes.shape as readonly Dimension[];
    // 0 copies the input's size at that place and -1 infers one size, so most shapes need no arithmetic at run time.
    const literal = target.map((size, i) =>
      typeof size === 'number' ? size : size === x!.shape[i] ? 0 : -1,
    );
    const direct = literal.filter((size) => size === -1).length <= 1 && !target.includes(0);
    const shape = direct ? emitter.constant(int64(...literal), [literal.length]) : emitter.dimensions(target);
    emitter.node('Reshape', [emitter.nameOf(x!), shape], [emitter.nameOf(y!)]);
  },
});

/** The same values in row-major order under a new shape of as many elements. */
export const reshape = (x: Tensor, shape: readonly Dimension[]): Tensor =>
  formatShape(x.shape) === formatShape(shape) ? x : only(x.graph.apply('Reshape', [x], { shape }));

defineOperator({
  name: 'Transpose',
  summary: 'axes in another order',
  infer: ([x], { perm }, refuse) => {
    const order = perm as readonly number[];
    const sorted = [...order].sort((a, b) => a - b);
    if (sorted.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
      return refuse(`[${order}] is not an order of its axes`);
    }
    return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }];
  },
  vjp: ({ attributes: { perm }, gradient }) => {
    const order = perm as readonly number[];
    return [
      transpose(
        gradient,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    ];
  },
});

/** The axes in the given order. */
export const transpose = (x: Tensor, order: readonly number[]): Tensor =>
  order.every((axis, i) => axis === i) ? x : only(x.graph.apply('Transpose', [x], { perm: order }));

defineOperator({
  name: 'Expand',
  summary: 'dimensions of 1 stretched',
  infer: ([x], { shape }, refuse) => {
    const target = shape as readonly Dimension[];
    const offset = target.length - x!.shape.length;
    const fits = x!.shape.every((size, i) => size === 1 || size === target[i + offset]);
    if (offset < 0 || !fits) return refuse(`it does not stretch to ${formatShape(target)}`);
    return [{ dtype: x!.dtype, shape: target }];
  },
  vjp: ({ inputs: [x], gradient }) => [sumTo(gradient, x!.shape)],
  emit: ({ inputs: [x], outputs: [y], attributes }, emitter) =>
    emitter.node(
      'Expand',
      [emitter.nameOf(x!), emitter.dimensions(attributes.shape as readonly Dimension[])],
      [emitter.nameOf(y!)],
    ),
});

/** Stretches dimensions of 1 (and adds leading ones) to the shape. */
export const expand = (x: Tensor, shape: readonly Dimension[]): Tensor =>
  formatShape(x.shape) === formatShape(shape) ? x : only(x.graph.apply('Expand', [x], { shape }));

defineOperator({
  name: 'Concat',
  summary: 'tensors one after another along an axis',
  infer: (inputs, { axis }, refuse) => {
    const [first] = inputs;
    const at = axis as number;
    const shape = [...first!.shape];
    for (const input of inputs.slice(1)) {
      const fits = input!.shape.every((size, i) => i === at || size === shape[i]);
      if (!fits || input!.shape.length !== shape.length || input!.dtype !== first!.dtype) {
        return refuse(`they differ in more than axis ${at}`);
      }
      shape[at] = addDimensions(shape[at]!, input!.shape[at]!);
    }
    return [{ dtype: first!.dtype, shape }];
  },
  vjp: ({ inputs, attributes: { axis }, gradient, needed }) => {
    let start: Dimension = 0;
    return inputs.map((input, i) => {
      const end = addDimensions(start, input!.shape[axis as number]!);
      const part = needed[i] ? slice(gradient, axis as number, start, end) : null;
      start = end;
      return part;
    });
  },
});

/** Joins tensors along an axis. */
export const concat = (inputs: readonly Tensor[], axis: number): Tensor =>
  inputs.length === 1
    ? inputs[0]!
    : only(
        inputs[0]!.graph.apply('Concat', inputs, { axis: axis < 0 ? axis + inputs[0]!.shape.length : axis }),
      );

defineOperator({
  name: 'Split',
  summary: 'a tensor cut into parts along an axis; the inverse of Concat',
  everyOutput: true,
  infer: ([x], { axis, sizes }, refuse) => {
    const parts = sizes as readonly Dimension[];
    const total = parts.reduce(addDimensions, 0);
    if (total !== x!.shape[axis as number])
      return refuse(`parts of ${parts} are not ${x!.shape[axis as number]}`);
    return parts.map((part) => ({
      dtype: x!.dtype,
      shape: x!.shape.map((size, i) => (i === axis ? part : size)),
    }));
  },
  vjp: ({ outputs, attributes: { axis }, gradients }) => {
    const parts = outputs.map((output, i) => gradients[i] ?? expand(output.graph.constant(0), output.shape));
    return [concat(parts, axis as number)];
  },
  emit: ({ inputs: [x], outputs, attributes: { axis, sizes } }, emitter) => {
    // Split makes all its parts whether or not they are read, so unread ones get a name of their own.
    const names = outputs.map((output) => emitter.nameOf(output) || emitter.fresh('unread'));
    emitter.node('Split', [emitter.nameOf(x!), emitter.dimensions(sizes as readonly Dimension[])], names, {
      axis: axis as number,
    });
  },
});

/** Cuts a tensor along an axis into parts of the given sizes, which add up to the whole. */
export const split = (x: Tensor, axis: number, sizes: readonly Dimension[]): readonly Tensor[] =>
  x.graph.apply('Split', [x], { axis: axis < 0 ? axis + x.shape.length : axis, sizes });

const bounds = (attributes: Attributes): [number, Dimension, Dimension] => {
  const [start, end] = attributes.range as readonly [Dimension, Dimension];
  return [attributes.axis as number, start, end];
};

const axisVector = (emitter: Emitter, axis: number): string => emitter.constant(int64(axis), [1]);

defineOperator({
  name: 'Slice',
  summary: 'a range along one axis',
  infer: ([x], attributes, refuse) => {
    const [axis, start, end] = bounds(attributes);
    const length = subtractDimensions(end, start);
    if (axis < 0 || axis >= x!.shape.length || (typeof length === 'number' && length < 0)) {
      return refuse(`there is no range ${start}..${end} along axis ${axis}`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, i) => (i === axis ? length : size)) }];
  },
  vjp: ({ inputs: [x], attributes, gradient }) => {
    const [axis, start, end] = bounds(attributes);
    return [pad(gradient, axis, start, subtractDimensions(x!.shape[axis]!, end))];
  },
  emit: ({ inputs: [x], outputs: [y], attributes }, emitter) => {
    const [axis, start, end] = bounds(attributes);
    emitter.node(
      'Slice',
      [emitter.nameOf(x!), emitter.dimensions([start]), emitter.dimensions([end]), axisVector(emitter, axis)],
      [emitter.nameOf(y!)],
    );
  },
});

/** The values at start..end-1 along an axis. */
export const slice = (x: Tensor, axis: number, start: Dimension, end: Dimension): Tensor => {
  const at = axis < 0 ? axis + x.shape.length : axis;
  return start === 0 && end === x.shape[at]
    ? x
    : only(x.graph.apply('Slice', [x], { axis: at, range: [start, end] }));
};

defineOperator({
  name: 'Pad',
  summary: 'zeros before and after along one axis',
  infer: ([x], attributes) => {
    const [axis, before, after] = bounds(attributes);
    const shape = x!.shape.map((size, i) =>
      i === axis ? addDimensions(addDimensions(size, before), after) : size,
    );
    return [{ dtype: x!.dtype, shape }];
  },
  vjp: ({ inputs: [x], attributes, gradient }) => {
    const [axis, before] = bounds(attributes);
    return [slice(gradient, axis, before, addDimensions(before, x!.shape[axis]!))];
  },
  emit: ({ inputs: [x], outputs: [y], attributes }, emitter) => {
    const [axis, before, after] = bounds(attributes);
    emitter.node(
      'Pad',
      [emitter.nameOf(x!), emitter.dimensions([before, after]), '', axisVector(emitter, axis)],
      [emitter.nameOf(y!)],
    );
  },
});

/** Zeros put before and after along an axis. */
export const pad = (x: Tensor, axis: number, before: Dimension, after: Dimension): Tensor =>
  only(x.graph.apply('Pad', [x], { axis, range: [before, after] }));

defineOperator({
  name: 'Gather',
  summary: 'rows by index (embedding lookup)',
  infer: ([x, indices], _attributes, refuse) => {
    if (indices?.dtype !== 'int64') return refuse('the indices must be int64');
    if (x!.shape.length === 0) return refuse('a scalar has no rows');
    return [{ dtype: x!.dtype, shape: [...indices.shape, ...x!.shape.slice(1)] }];
  },
  vjp: ({ inputs: [x, indices], gradient }) => [scatterAdd(indices!, gradient, x!.shape), null],
});

/**
 * Rows of x by index.
 * @param x [rows, ...rest]
 * @param indices int64, any shape; each in [0, rows)
 * @returns [...indices, ...rest]
 */
export const gather = (x: Tensor, indices: Tensor): Tensor => only(x.graph.apply('Gather', [x, indices]));

defineOperator({
  name: 'ScatterAdd',
  summary: 'rows added into zeros by index; the gradient of Gather',
  infer: ([indices, updates], { shape }, refuse) => {
    const target = shape as readonly Dimension[];
    const expected = [...indices!.shape, ...target.slice(1)];
    if (formatShape(updates!.shape) !== formatShape(expected)) {
      return refuse(`the rows should be ${formatShape(expected)}`);
    }
    return [{ dtype: updates!.dtype, shape: target }];
  },
  vjp: ({ inputs: [indices], gradient }) => [null, gather(gradient, indices!)],
  emit: ({ inputs: [indices, updates], outputs: [y], attributes }, emitter) => {
    // ScatterND with reduction 'add' loses updates to a race when an index repeats (ONNX Runtime 1.30, CPU, more than
    // one thread); ScatterElements is exact and as fast.
    const target = attributes.shape as readonly Dimension[];
    const width = multiplyDimensions(...target.slice(1));
    const flat = [multiplyDimensions(...indices!.shape), width];
    const [zeros, column, places, rows, summed] = ['zeros', 'column', 'places', 'rows', 'summed'].map(
      (hint) => emitter.fresh(hint),
    ) as [string, string, string, string, string];
    emitter.node('ConstantOfShape', [emitter.dimensions([target[0]!, width])], [zeros]);
    emitter.node('Reshape', [emitter.nameOf(indices!), emitter.constant(int64(-1, 1), [2])], [column]);
    emitter.node('Expand', [column, emitter.dimensions(flat)], [places]);
    emitter.node('Reshape', [emitter.nameOf(updates!), emitter.dimensions(flat)], [rows]);
    emitter.node('ScatterElements', [zeros, places, rows], [summed], { axis: 0, reduction: 'add' });
    emitter.node('Reshape', [summed, emitter.dimensions(target)], [emitter.nameOf(y!)]);
  },
});

/** Zeros of the shape with `updates[i]` added to row `indices[i]`; repeated indices add up. */
export const scatterAdd = (indices: Tensor, updates: Tensor, shape: readonly Dimension[]): Tensor =>
  only(updates.graph.apply('ScatterAdd', [indices, updates], { shape }));

defineOperator({
  name: 'TakeRows',
  summary: 'rows by index where each row is taken at most once for use; its gradient is a lookup too',
  infer: ([x, rows, inverse], _attributes, refuse) => {
    if (rows?.dtype !== 'int64' || inverse?.dtype !== 'int64') return refuse('both indices must be int64');
    if (inverse.shape[0] !== x!.shape[0]) return refuse('the inverse must have an entry for each row');
    return [{ dtype: x!.dtype, shape: [rows.shape[0]!, ...x!.shape.slice(1)] }];
  },
  vjp: ({ inputs: [, rows, inverse, used], gradient }) => {
    const back = takeRows(gradient, inverse!, rows!);
    return [used ? multiply(back, used) : back, null, null, null];
  },
  emit: ({ inputs: [x, rows], outputs: [y] }, emitter) =>
    emitter.node('Gather', [emitter.nameOf(x!), emitter.nameOf(rows!)], [emitter.nameOf(y!)]),
});

/**
 * Rows of x by index, as `gather`, for moves between two arrangements of the same rows, such as into places with
 * padding and back. Nothing is added up in the gradient, which makes it as cheap as the move.
 *
 * @param x [n, ...rest]
 * @param rows int64 [m]: the row of x for each row of the result; rows that only fill a gap may repeat any
 * @param inverse int64 [n]: where in the result each row of x stands
 * @param used float32 [n, 1], 0 for rows of x that the result leaves out; null where it has all
 */
export const takeRows = (x: Tensor, rows: Tensor, inverse: Tensor, used: Tensor | null = null): Tensor =>
  only(x.graph.apply('TakeRows', used ? [x, rows, inverse, used] : [x, rows, inverse]));

defineOperator({
  name: 'GatherLast',
  summary: 'one value of each row by index along the last axis',
  infer: ([x, indices], _attributes, refuse) => {
    if (indices?.dtype !== 'int64') return refuse('the indices must be int64');
    if (formatShape(indices.shape) !== formatShape(x!.shape.slice(0, -1))) {
      return refuse('there must be one index for each row');
    }
    return [{ dtype: x!.dtype, shape: indices.shape }];
  },
  vjp: ({ inputs: [x, indices], gradient }) => [scatterLast(indices!, gradient, x!.shape.at(-1)!), null],
  emit: ({ inputs: [x, indices], outputs: [y] }, emitter) => {
    const axis = emitter.constant(int64(-1), [1]);
    const column = emitter.fresh('column');
    const picked = emitter.fresh('picked');
    emitter.node('Unsqueeze', [emitter.nameOf(indices!), axis], [column]);
    emitter.node('GatherElements', [emitter.nameOf(x!), column], [picked], { axis: -1 });
    emitter.node('Squeeze', [picked, axis], [emitter.nameOf(y!)]);
  },
});

/** x[..., indices[...]]: one value of each row. @param x [...rows, n] @param indices int64 [...rows] */
export const gatherLast = (x: Tensor, indices: Tensor): Tensor =>
  only(x.graph.apply('GatherLast', [x, indices]));

defineOperator({
  name: 'ScatterLast',
  summary: 'one value placed in each row of zeros; the gradient of GatherLast',
  infer: ([indices, values], { size }) => [
    { dtype: values!.dtype, shape: [...indices!.shape, (size as readonly Dimension[])[0]!] },
  ],
  vjp: ({ inputs: [indices], gradient }) => [null, gatherLast(gradient, indices!)],
  emit: ({ inputs: [indices, values], outputs: [y] }, emitter) => {
    const axis = emitter.constant(int64(-1), [1]);
    const [zeros, column, value] = ['zeros', 'column', 'value'].map((hint) => emitter.fresh(hint));
    emitter.node('ConstantOfShape', [emitter.dimensions(y!.shape)], [zeros!]);
    emitter.node('Unsqueeze', [emitter.nameOf(indices!), axis], [column!]);
    emitter.node('Unsqueeze', [emitter.nameOf(values!), axis], [value!]);
    emitter.node('ScatterElements', [zeros!, column!, value!], [emitter.nameOf(y!)], { axis: -1 });
  },
});

/** Rows of zeros of the given size with one value each. */
export const scatterLast = (indices: Tensor, values: Tensor, size: Dimension): Tensor =>
  only(values.graph.apply('ScatterLast', [indices, values], { size: [size] }));

defineOperator({
  name: 'Triangle',
  summary: 'the part of a matrix strictly above its diagonal, the rest 0',
  infer: ([x], _attributes, refuse) =>
    x!.shape.length < 2 ? refuse('it needs a matrix') : [{ dtype: x!.dtype, shape: x!.shape }],
  vjp: ({ gradient }) => [upperTriangle(gradient)],
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('Trilu', [emitter.nameOf(x!), emitter.constant(int64(1), [])], [emitter.nameOf(y!)], {
      upper: 1,
    }),
});

/** The values strictly above the diagonal of the last two axes; zeros elsewhere. */
export const upperTriangle = (x: Tensor): Tensor => only(x.graph.apply('Triangle', [x]));

defineOperator({
  name: 'Size',
  summary: 'the number of elements, as a float32 scalar',
  infer: () => [{ dtype: 'float32', shape: [] }],
  vjp: () => [null],
  emit: ({ inputs: [x], outputs: [y] }, emitter) => {
    const count = emitter.fresh('count');
    emitter.node('Size', [emitter.nameOf(x!)], [count]);
    emitter.node('Cast', [count], [emitter.nameOf(y!)], { to: 1 });
  },
});

/** How many elements a tensor has, as a float32 scalar that may depend on named dimensions. */
export const sizeOf = (x: Tensor): Tensor => {
  const size = multiplyDimensions(...x.shape);
  return typeof size === 'number' ? x.graph.constant(size) : only(x.graph.apply('Size', [x]));
};
