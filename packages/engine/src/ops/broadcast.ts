/** @file Broadcasting by NumPy's rule, and its reverse: summing a gradient back to the shape it came from. */
import type { Dimension } from '../graph/dimension.ts';
import type { Tensor } from '../graph/graph.ts';
import { reduceSum } from './reduce.ts';
import { reshape } from './shape.ts';

/** The common shape of two operands; a dimension of 1 stretches. */
export const broadcastShapes = (
  a: readonly Dimension[],
  b: readonly Dimension[],
  refuse: (problem: string) => never,
): readonly Dimension[] => {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    return refuse(`${left} and ${right} do not broadcast (axis ${i - rank} from the end)`);
  });
};

const same = (a: readonly Dimension[], b: readonly Dimension[]): boolean =>
  a.length === b.length && a.every((dimension, i) => dimension === b[i]);

/** Sums a tensor over the axes along which a value of the given shape was broadcast to reach it. */
export const sumTo = (tensor: Tensor, shape: readonly Dimension[]): Tensor => {
  if (same(tensor.shape, shape)) return tensor;
  const leading = tensor.shape.length - shape.length;
  const axes = tensor.shape
    .map((dimension, i) => (i < leading || (shape[i - leading] === 1 && dimension !== 1) ? i : -1))
    .filter((axis) => axis >= 0);
  const summed = axes.length > 0 ? reduceSum(tensor, axes, true) : tensor;
  return same(summed.shape, shape) ? summed : reshape(summed, shape);
};
