/** @file Operators that act on one value at a time: arithmetic, comparisons, exponentials, selection. */
import type { DType, Tensor } from '../graph/graph.ts';
import { defineOperator, type TensorType, type VjpContext } from '../graph/operator.ts';
import { broadcastShapes, sumTo } from './broadcast.ts';

const only = (outputs: readonly Tensor[]): Tensor => outputs[0]!;

const float = (dtype: DType): boolean => dtype === 'float32' || dtype === 'float16';

/** Defines y = f(x) on floats, or on whole numbers too; `slope` gives df/dx from x and y. */
const unary = (
  name: string,
  summary: string,
  slope?: (x: Tensor, y: Tensor) => Tensor | null,
  domain: 'floats' | 'numbers' = 'floats',
): ((x: Tensor) => Tensor) => {
  defineOperator({
    name,
    summary,
    infer: ([x], _attributes, refuse) => {
      if (!x || (domain === 'floats' && !float(x.dtype))) return refuse('it needs one floating-point input');
      if (x.dtype === 'bool') return refuse('it needs numbers');
      return [{ dtype: x.dtype, shape: x.shape }];
    },
    ...(slope
      ? {
          vjp: ({ inputs, outputs, gradient }: VjpContext) => {
            const local = slope(inputs[0]!, outputs[0]!);
            return [local ? multiply(gradient, local) : null];
          },
        }
      : {}),
  });
  return (x) => only(x.graph.apply(name, [x]));
};

/** Either operand of a binary function: a number stands for a constant of the other's graph. */
export type Operand = Tensor | number;

const operands = (a: Operand, b: Operand): [Tensor, Tensor] => {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? a.graph.constant(b) : b];
  if (typeof b === 'number') throw new TypeError('at least one operand must be a tensor');
  return [b.graph.constant(a), b];
};

/** Defines a broadcasting binary operator. */
const binary = (
  name: string,
  summary: string,
  result: 'same' | 'bool',
  vjp?: (context: VjpContext) => readonly (Tensor | null)[],
): ((a: Operand, b: Operand) => Tensor) => {
  defineOperator({
    name,
    summary,
    infer: ([a, b], _attributes, refuse): readonly TensorType[] => {
      if (!a || !b) return refuse('it needs two inputs');
      if (a.dtype !== b.dtype) return refuse('the dtypes differ');
      return [
        { dtype: result === 'bool' ? 'bool' : a.dtype, shape: broadcastShapes(a.shape, b.shape, refuse) },
      ];
    },
    ...(vjp
      ? {
          vjp: (context: VjpContext) =>
            vjp(context).map((gradient, i) => gradient && sumTo(gradient, context.inputs[i]!.shape)),
        }
      : {}),
  });
  return (a, b) => {
    const [left, right] = operands(a, b);
    return only(left.graph.apply(name, [left, right]));
  };
};

/** a + b, broadcast. */
export const add = binary('Add', 'a + b', 'same', ({ gradient, needed }) => [
  needed[0] ? gradient : null,
  needed[1] ? gradient : null,
]);
/** a - b, broadcast. */
export const subtract = binary('Sub', 'a - b', 'same', ({ gradient, needed }) => [
  needed[0] ? gradient : null,
  needed[1] ? negate(gradient) : null,
]);
/** a * b, broadcast. */
export const multiply = binary('Mul', 'a * b', 'same', ({ inputs: [a, b], gradient, needed }) => [
  needed[0] ? multiply(gradient, b!) : null,
  needed[1] ? multiply(gradient, a!) : null,
]);
/** a / b, broadcast. */
export const divide = binary('Div', 'a / b', 'same', ({ inputs: [, b], outputs: [y], gradient, needed }) => {
  const scaled = divide(gradient, b!);
  return [needed[0] ? scaled : null, needed[1] ? negate(multiply(scaled, y!)) : null];
});
/** a to the power of b; the gradient of b needs a > 0. */
export const power = binary('Pow', 'a^b', 'same', ({ inputs: [a, b], outputs: [y], gradient, needed }) => [
  needed[0] ? multiply(gradient, multiply(b!, power(a!, subtract(b!, 1)))) : null,
  needed[1] ? multiply(gradient, multiply(y!, log(a!))) : null,
]);

/** 1 where a > b, 0 where a < b, and a half where they are equal. */
const greaterShare = (a: Tensor, b: Tensor): Tensor => add(multiply(sign(subtract(a, b)), 0.5), 0.5);

/** The larger of a and b, broadcast. */
export const maximum = binary(
  'Max',
  'the larger of a and b; equal ones share the gradient',
  'same',
  ({ inputs: [a, b], gradient, needed }) => [
    needed[0] ? multiply(gradient, greaterShare(a!, b!)) : null,
    needed[1] ? multiply(gradient, greaterShare(b!, a!)) : null,
  ],
);
/** The smaller of a and b, broadcast. */
export const minimum = binary(
  'Min',
  'the smaller of a and b; equal ones share the gradient',
  'same',
  ({ inputs: [a, b], gradient, needed }) => [
    needed[0] ? multiply(gradient, greaterShare(b!, a!)) : null,
    needed[1] ? multiply(gradient, greaterShare(a!, b!)) : null,
  ],
);
/** a < b, as bool. */
export const less = binary('Less', 'a < b', 'bool');
/** a > b, as bool. */
export const greater = binary('Greater', 'a > b', 'bool');
/** a >= b, as bool. */
export const greaterOrEqual = binary('GreaterOrEqual', 'a >= b', 'bool');
/** a <= b, as bool. */
export const lessOrEqual = binary('LessOrEqual', 'a <= b', 'bool');
/** a == b, as bool. */
export const equal = binary('Equal', 'a == b', 'bool');

export const negate = unary('Neg', '-x', (x) => x.graph.constant(-1), 'numbers');
export const exp = unary('Exp', 'e^x', (_x, y) => y);
export const log = unary('Log', 'natural logarithm', (x) => reciprocal(x));
export const sqrt = unary('Sqrt', 'square root', (_x, y) => divide(0.5, y));
export const reciprocal = unary('Reciprocal', '1/x', (_x, y) => negate(multiply(y, y)));
export const absolute = unary('Abs', '|x|, with gradient 0 at 0', (x) => sign(x), 'numbers');
export const sign = unary('Sign', '-1, 0 or 1; its gradient is 0', () => null, 'numbers');
export const floor = unary('Floor', 'largest integer below; its gradient is 0', () => null);
export const ceil = unary('Ceil', 'smallest integer above; its gradient is 0', () => null);
export const round = unary('Round', 'nearest integer, halves to even; its gradient is 0', () => null);
export const sine = unary('Sin', 'sine', (x) => cosine(x));
export const cosine = unary('Cos', 'cosine', (x) => negate(sine(x)));
export const tanh = unary('Tanh', 'hyperbolic tangent', (_x, y) => subtract(1, multiply(y, y)));
export const sigmoid = unary('Sigmoid', '1/(1+e^-x)', (_x, y) => multiply(y, subtract(1, y)));
export const erf = unary('Erf', 'error function', (x) =>
  multiply(exp(negate(multiply(x, x))), 2 / Math.sqrt(Math.PI)),
);
export const relu = unary('Relu', 'max(x, 0)', (x) => cast(greater(x, 0), x.dtype));
export const softplus = unary('Softplus', 'log(1+e^x), stable', (x) => sigmoid(x));

defineOperator({
  name: 'StopGradient',
  summary: 'x as a constant: no gradient passes it',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  vjp: () => [null],
  emit: ({ inputs, outputs }, emitter) =>
    emitter.node('Identity', [emitter.nameOf(inputs[0]!)], [emitter.nameOf(outputs[0]!)]),
});

/** The same value, which a loss treats as a constant. */
export const stopGradient = (x: Tensor): Tensor => only(x.graph.apply('StopGradient', [x]));

/** log(sigmoid(x)), stable for any x. */
export const logSigmoid = (x: Tensor): Tensor => negate(softplus(negate(x)));

/** The probability form of two margins: log(1 - sigmoid(x)). */
export const logOneMinusSigmoid = (x: Tensor): Tensor => negate(softplus(x));

const onnxDType: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
};

defineOperator({
  name: 'Cast',
  summary: 'change of dtype; differentiable between floats',
  infer: ([x], { to }) => [{ dtype: to as DType, shape: x!.shape }],
  vjp: ({ inputs: [x], attributes: { to }, gradient }) => [
    float(x!.dtype) && float(to as DType) ? cast(gradient, x!.dtype) : null,
  ],
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.node('Cast', [emitter.nameOf(inputs[0]!)], [emitter.nameOf(outputs[0]!)], {
      to: onnxDType[attributes.to as DType],
    }),
});

/** The same values in another dtype. */
export const cast = (x: Tensor, dtype: DType): Tensor =>
  x.dtype === dtype ? x : only(x.graph.apply('Cast', [x], { to: dtype }));

defineOperator({
  name: 'Where',
  summary: 'condition ? a : b, broadcast',
  infer: ([condition, a, b], _attributes, refuse) => {
    if (condition?.dtype !== 'bool' || !a || !b) return refuse('it needs a bool condition and two values');
    if (a.dtype !== b.dtype) return refuse('the dtypes of the two values differ');
    const values = broadcastShapes(a.shape, b.shape, refuse);
    return [{ dtype: a.dtype, shape: broadcastShapes(condition.shape, values, refuse) }];
  },
  vjp: ({ inputs: [condition, a, b], gradient, needed }) => {
    const zero = gradient.graph.constant(0);
    return [
      null,
      needed[1] ? sumTo(where(condition!, gradient, zero), a!.shape) : null,
      needed[2] ? sumTo(where(condition!, zero, gradient), b!.shape) : null,
    ];
  },
});

/** condition ? a : b, elementwise and broadcast. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor => {
  const value = (operand: Operand): Tensor =>
    typeof operand === 'number' ? condition.graph.constant(operand) : operand;
  return only(condition.graph.apply('Where', [condition, value(a), value(b)]));
};
