/** @file Functions of one number that losses are sums of: as a graph, as a value, as a slope. */
import { sigmoid, softplus } from '@plaudit/contract';
import { ops, type Tensor } from '@plaudit/engine';

/** A differentiable function, elementwise; finite for every x of a size that log-probabilities have. */
export interface Curve {
  tensor(x: Tensor): Tensor;
  value(x: number): number;
  slope(x: number): number;
}

/** -t ln σ(z) - (1 - t) ln σ(-z) with z = scale x - shift. The target t may lie outside of [0, 1]. */
export const logisticLoss = (scale: number, { target = 1, shift = 0 } = {}): Curve => {
  const z = (x: number): number => scale * x - shift;
  return {
    tensor(x) {
      const scaled = ops.multiply(x, scale);
      const argument = shift === 0 ? scaled : ops.subtract(scaled, shift);
      const right = ops.softplus(ops.negate(argument));
      if (target === 1) return right;
      return ops.add(ops.multiply(right, target), ops.multiply(ops.softplus(argument), 1 - target));
    },
    value: (x) => target * softplus(-z(x)) + (target === 1 ? 0 : (1 - target) * softplus(z(x))),
    slope: (x) => scale * (sigmoid(z(x)) - target),
  };
};

/** max(0, 1 - scale x), its slope 0 at the corner. */
export const hingeLoss = (scale: number): Curve => ({
  tensor: (x) => ops.relu(ops.subtract(1, ops.multiply(x, scale))),
  value: (x) => Math.max(0, 1 - scale * x),
  slope: (x) => (scale * x < 1 ? -scale : 0),
});

/** (x - wanted)². */
export const squaredLoss = (wanted: number): Curve => ({
  tensor(x) {
    const error = ops.subtract(x, wanted);
    return ops.multiply(error, error);
  },
  value: (x) => (x - wanted) ** 2,
  slope: (x) => 2 * (x - wanted),
});

/** σ(scale x): a probability that is to become small; falls with x where the scale is negative. */
export const probabilityLoss = (scale: number): Curve => ({
  tensor: (x) => ops.sigmoid(ops.multiply(x, scale)),
  value: (x) => sigmoid(scale * x),
  slope: (x) => scale * sigmoid(scale * x) * sigmoid(-scale * x),
});

/** Sum of curves of the same x, each times its weight. */
export const sumOfCurves = (parts: readonly (readonly [weight: number, curve: Curve])[]): Curve => ({
  tensor: (x) =>
    parts
      .map(([weight, curve]) => ops.multiply(curve.tensor(x), weight))
      .reduce((sum, part) => ops.add(sum, part)),
  value: (x) => parts.reduce((sum, [weight, curve]) => sum + weight * curve.value(x), 0),
  slope: (x) => parts.reduce((sum, [weight, curve]) => sum + weight * curve.slope(x), 0),
});
