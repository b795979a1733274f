/** @file Matrix products: batched MatMul and the two-dimensional Gemm that carries the weights of a model. */
import { type Dimension, multiplyDimensions } from '../graph/dimension.ts';
import { nodeOf, type Tensor } from '../graph/graph.ts';
import { defineOperator } from '../graph/operator.ts';
import { broadcastShapes, sumTo } from './broadcast.ts';
import { add } from './elementwise.ts';
import { reshape } from './shape.ts';

const flipped = (shape: readonly Dimension[], flip: boolean): readonly Dimension[] =>
  flip ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;

defineOperator({
  name: 'MatMul',
  summary: 'scale * a b over the last two axes, either side transposed, leading axes broadcast',
  infer: ([a, b], { transA, transB }, refuse) => {
    if (!a || !b || a.shape.length < 2 || b.shape.length < 2) return refuse('both need at least two axes');
    if (a.dtype !== b.dtype) return refuse('the dtypes differ');
    const left = flipped(a.shape, transA === 1);
    const right = flipped(b.shape, transB === 1);
    if (left.at(-1) !== right.at(-2)) return refuse(`${left.at(-1)} columns meet ${right.at(-2)} rows`);
    const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2), refuse);
    return [{ dtype: a.dtype, shape: [...batch, left.at(-2)!, right.at(-1)!] }];
  },
  vjp: ({ inputs: [a, b], attributes: { transA, transB, scale }, gradient, needed }) => {
    const tA = transA === 1;
    const tB = transB === 1;
    const factor = scale as number;
    const product = (x: Tensor, y: Tensor, transX: boolean, transY: boolean): Tensor =>
      matmul(x, y, { transA: transX, transB: transY, scale: factor });
    return [
      needed[0]
        ? sumTo(tA ? product(b!, gradient, tB, true) : product(gradient, b!, false, !tB), a!.shape)
        : null,
      needed[1]
        ? sumTo(tB ? product(gradient, a!, true, tA) : product(a!, gradient, !tA, false), b!.shape)
        : null,
    ];
  },
  emit: ({ inputs: [a, b], outputs: [y], attributes: { transA, transB, scale } }, emitter) => {
    const names = [emitter.nameOf(a!), emitter.nameOf(b!)];
    const output = emitter.nameOf(y!);
    if (!transA && !transB && scale === 1) emitter.node('MatMul', names, [output]);
    else if (emitter.contrib('FusedMatMul')) {
      const attributes = {
        transA: transA as number,
        transB: transB as number,
        alpha: emitter.float(scale as number),
      };
      emitter.node('FusedMatMul', names, [output], attributes, 'com.microsoft');
    } else {
      const sides = [a!, b!].map((side, i) => {
        if (!(i === 0 ? transA : transB)) return names[i]!;
        const turned = emitter.fresh('transposed');
        const rank = side.shape.length;
        const perm = side.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
        emitter.node('Transpose', [names[i]!], [turned], { perm });
        return turned;
      });
      if (scale === 1) emitter.node('MatMul', sides, [output]);
      else {
        const product = emitter.fresh('product');
        emitter.node('MatMul', sides, [product]);
        emitter.node('Mul', [product, emitter.constant(Float32Array.of(scale as number), [])], [output]);
      }
    }
  },
});

export interface MatMulOptions {
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Multiplies the product; costs nothing on providers with a fused kernel. */
  readonly scale?: number;
}

/**
 * scale * op(a) op(b) over the last two axes; leading axes broadcast.
 * @param a [...batch, m, k] (or [...batch, k, m] with transA)
 * @param b [...batch, k, n] (or [...batch, n, k] with transB)
 */
export const matmul = (a: Tensor, b: Tensor, { transA, transB, scale = 1 }: MatMulOptions = {}): Tensor =>
  a.graph.apply('MatMul', [a, b], { transA: transA ? 1 : 0, transB: transB ? 1 : 0, scale })[0]!;

defineOperator({
  name: 'Gemm',
  summary: 'a b + c for matrices, either side transposed',
  infer: ([a, b, c], { transA, transB }, refuse) => {
    if (a?.shape.length !== 2 || b?.shape.length !== 2) return refuse('a and b must be matrices');
    const left = flipped(a.shape, transA === 1);
    const right = flipped(b.shape, transB === 1);
    if (left[1] !== right[0]) return refuse(`${left[1]} columns meet ${right[0]} rows`);
    const shape = [left[0]!, right[1]!];
    if (c && broadcastShapes(c.shape, shape, refuse).some((size, i) => size !== shape[i])) {
      return refuse('c does not fit the product');
    }
    return [{ dtype: a.dtype, shape }];
  },
  vjp: ({ inputs: [a, b, c], attributes: { transA, transB }, gradient, needed }) => {
    const tA = transA === 1;
    const tB = transB === 1;
    return [
      needed[0] ? (tA ? gemm(b!, gradient, null, tB, true) : gemm(gradient, b!, null, false, !tB)) : null,
      needed[1] ? (tB ? gemm(gradient, a!, null, true, tA) : gemm(a!, gradient, null, !tA, false)) : null,
      c && needed[2] ? sumTo(gradient, c.shape) : null,
    ];
  },
});

/** op(a) op(b) + c. @param c Added to the product, broadcast to [m, n]; null for none. */
export const gemm = (a: Tensor, b: Tensor, c: Tensor | null = null, transA = false, transB = false): Tensor =>
  a.graph.apply('Gemm', c ? [a, b, c] : [a, b], { transA: transA ? 1 : 0, transB: transB ? 1 : 0 })[0]!;

/** a + b, as the C input of a Gemm where one of the two is a Gemm without one: this saves a pass over memory. */
export const addProducts = (a: Tensor, b: Tensor): Tensor => {
  for (const [product, other] of [
    [b, a],
    [a, b],
  ] as const) {
    const node = nodeOf(product);
    if (node?.operator === 'Gemm' && node.inputs.length === 2) {
      const { transA, transB } = node.attributes;
      return gemm(node.inputs[0]!, node.inputs[1]!, other, transA === 1, transB === 1);
    }
  }
  return add(a, b);
};

/**
 * A linear layer as checkpoints store it: y = x Wᵀ + bias.
 * @param x [...rows, in]
 * @param weight [out, in], or [in, out] with `layout` 'in-out' (GPT-2's Conv1D)
 * @param bias [out], or null
 * @param plus Added to the result, [...rows, out]: a residual or an adapter's branch
 */
export const linear = (
  x: Tensor,
  weight: Tensor,
  { bias = null, plus = null, layout = 'out-in' }: LinearOptions = {},
): Tensor => {
  const outputs = layout === 'out-in' ? weight.shape[0]! : weight.shape[1]!;
  const rows = x.shape.slice(0, -1);
  const flat = reshape(x, [multiplyDimensions(...rows), x.shape.at(-1)!]);
  const added = plus && reshape(plus, [multiplyDimensions(...rows), outputs]);
  const product = gemm(flat, weight, added ?? bias, false, layout === 'out-in');
  return reshape(added && bias ? add(product, bias) : product, [...rows, outputs]);
};

export interface LinearOptions {
  readonly bias?: Tensor | null;
  readonly plus?: Tensor | null;
  readonly layout?: 'out-in' | 'in-out';
}
