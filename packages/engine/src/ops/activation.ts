/** @file Activations with fused kernels forward and gradients written in primitives: GELU in both forms, SiLU. */
import type { Tensor } from '../graph/graph.ts';
import { defineOperator } from '../graph/operator.ts';
import { add, erf, exp, multiply, sigmoid, subtract, tanh } from './elementwise.ts';

defineOperator({
  name: 'Gelu',
  summary: 'x Φ(x), exactly or by the tanh formula',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  vjp: ({ inputs: [x], attributes: { approximate }, gradient }) => {
    const square = multiply(x!, x!);
    if (approximate === 'none') {
      const cumulative = multiply(add(erf(multiply(x!, Math.SQRT1_2)), 1), 0.5);
      const density = multiply(exp(multiply(square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [multiply(gradient, add(cumulative, multiply(x!, density)))];
    }
    const root = Math.sqrt(2 / Math.PI);
    const t = tanh(multiply(multiply(x!, root), add(multiply(square, 0.044715), 1)));
    const slope = multiply(add(multiply(square, 3 * 0.044715), 1), root);
    const bend = multiply(multiply(x!, slope), subtract(1, multiply(t, t)));
    return [multiply(gradient, multiply(add(add(t, 1), bend), 0.5))];
  },
});

/** GELU (Hendrycks and Gimpel 2016); `tanh` is the approximation that GPT-2 calls gelu_new. */
export const gelu = (x: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor =>
  x.graph.apply('Gelu', [x], { approximate })[0]!;

defineOperator({
  name: 'Silu',
  summary: 'x sigmoid(x)',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  // y' = s + x s (1 - s) = s (1 + x - y): two passes over memory fewer than the product rule.
  vjp: ({ inputs: [x], outputs: [y], gradient }) => [
    multiply(gradient, multiply(sigmoid(x!), add(subtract(x!, y!), 1))),
  ],
  emit: ({ inputs: [x], outputs: [y] }, emitter) => {
    // ONNX Runtime sees that this is the sigmoid of the backward pass and makes it once.
    const gate = emitter.fresh('sigmoid');
    emitter.node('Sigmoid', [emitter.nameOf(x!)], [gate]);
    emitter.node('Mul', [emitter.nameOf(x!), gate], [emitter.nameOf(y!)]);
  },
});

/** SiLU, x sigmoid(x) (Elfwing et al. 2017). */
export const silu = (x: Tensor): Tensor => x.graph.apply('Silu', [x])[0]!;

/** The gated unit of Llama's feed-forward block: silu(gate) * value (Shazeer 2020). */
export const swiglu = (gate: Tensor, value: Tensor): Tensor => multiply(silu(gate), value);
