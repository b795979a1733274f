/** @file Normalisations over the last axis: softmax, LayerNorm, RMSNorm. */
import type { Tensor } from '../graph/graph.ts';
import { defineOperator, type Emitter } from '../graph/operator.ts';
import { sumTo } from './broadcast.ts';
import { add, exp, multiply, reciprocal, sqrt, subtract } from './elementwise.ts';
import { reduceMean, reduceSum } from './reduce.ts';

defineOperator({
  name: 'Softmax',
  summary: 'e^x / sum e^x over the last axis',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  vjp: ({ outputs: [y], gradient }) => {
    const weighted = multiply(gradient, y!);
    return [subtract(weighted, multiply(y!, reduceSum(weighted, [-1], true)))];
  },
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('Softmax', [emitter.nameOf(x!)], [emitter.nameOf(y!)], { axis: -1 }),
});

/** Probabilities over the last axis. Mask by adding a large negative number first. */
export const softmax = (x: Tensor): Tensor => x.graph.apply('Softmax', [x])[0]!;

defineOperator({
  name: 'LogSoftmax',
  summary: 'log of softmax over the last axis',
  infer: ([x]) => [{ dtype: x!.dtype, shape: x!.shape }],
  vjp: ({ outputs: [y], gradient }) => [
    subtract(gradient, multiply(exp(y!), reduceSum(gradient, [-1], true))),
  ],
  emit: ({ inputs: [x], outputs: [y] }, emitter) =>
    emitter.node('LogSoftmax', [emitter.nameOf(x!)], [emitter.nameOf(y!)], { axis: -1 }),
});

/** Log-probabilities over the last axis. */
export const logSoftmax = (x: Tensor): Tensor => x.graph.apply('LogSoftmax', [x])[0]!;

const epsilonOf = (emitter: Emitter, epsilon: unknown) => emitter.float(epsilon as number);

/** dx of y = normalised * gamma (+ beta), from the normalised value and 1/deviation. `centred`: the mean was removed. */
const normalisationVjp = (
  gradient: Tensor,
  gamma: Tensor,
  normalised: Tensor,
  inverse: Tensor,
  centred: boolean,
): Tensor => {
  const scaled = multiply(gradient, gamma);
  const along = multiply(normalised, reduceMean(multiply(scaled, normalised), [-1], true));
  const across = centred ? subtract(scaled, reduceMean(scaled, [-1], true)) : scaled;
  return multiply(subtract(across, along), inverse);
};

defineOperator({
  name: 'LayerNormalization',
  summary: '(x - mean) / deviation * gamma + beta over the last axis',
  infer: ([x, gamma, beta], _attributes, refuse) => {
    const size = x!.shape.at(-1);
    if (gamma!.shape.length !== 1 || gamma!.shape[0] !== size || beta!.shape[0] !== size) {
      return refuse(`gamma and beta must be [${size}]`);
    }
    const statistic = { dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] };
    return [{ dtype: x!.dtype, shape: x!.shape }, statistic, statistic];
  },
  vjp: ({ inputs: [x, gamma, beta], outputs: [, mean, inverse], gradient, needed }) => {
    const normalised = multiply(subtract(x!, mean!), inverse!);
    return [
      needed[0] ? normalisationVjp(gradient, gamma!, normalised, inverse!, true) : null,
      needed[1] ? sumTo(multiply(gradient, normalised), gamma!.shape) : null,
      needed[2] ? sumTo(gradient, beta!.shape) : null,
    ];
  },
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.node('LayerNormalization', inputs.map(emitter.nameOf), outputs.map(emitter.nameOf), {
      axis: -1,
      epsilon: epsilonOf(emitter, attributes.epsilon),
    }),
});

/** LayerNorm over the last axis (Ba et al. 2016). @param gamma [size] @param beta [size] */
export const layerNorm = (x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor =>
  x.graph.apply('LayerNormalization', [x, gamma, beta], { epsilon })[0]!;

defineOperator({
  name: 'RMSNormalization',
  summary: 'x / sqrt(mean x² + epsilon) * gamma over the last axis',
  infer: ([x, gamma], _attributes, refuse) => {
    const size = x!.shape.at(-1);
    if (gamma!.shape.length !== 1 || gamma!.shape[0] !== size) return refuse(`gamma must be [${size}]`);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  vjp: ({ inputs: [x, gamma], attributes: { epsilon }, gradient, needed }) => {
    const square = reduceMean(multiply(x!, x!), [-1], true);
    const inverse = reciprocal(sqrt(add(square, epsilon as number)));
    const normalised = multiply(x!, inverse);
    return [
      needed[0] ? normalisationVjp(gradient, gamma!, normalised, inverse, false) : null,
      needed[1] ? sumTo(multiply(gradient, normalised), gamma!.shape) : null,
    ];
  },
  emit: ({ inputs, outputs, attributes }, emitter) =>
    emitter.node('SimplifiedLayerNormalization', inputs.map(emitter.nameOf), outputs.map(emitter.nameOf), {
      axis: -1,
      epsilon: epsilonOf(emitter, attributes.epsilon),
      stash_type: 1,
    }),
});

/** RMSNorm over the last axis (Zhang and Sennrich 2019). @param gamma [size] */
export const rmsNorm = (x: Tensor, gamma: Tensor, epsilon: number): Tensor =>
  x.graph.apply('RMSNormalization', [x, gamma], { epsilon })[0]!;
