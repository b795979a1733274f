/** @file AdamW: Adam with bias correction and decoupled weight decay. */

export interface AdamWOptions {
  /** Decay of the first moment; 0.9 by default. */
  readonly beta1?: number;
  /** Decay of the second moment; 0.999 by default. */
  readonly beta2?: number;
  /** Added to the root of the second moment; 1e-8 by default. */
  readonly epsilon?: number;
  /** Share of a value, times the learning rate, that each update takes away; 0.01 by default. */
  readonly weightDecay?: number;
}

/** The state of one parameter: four arrays of equal length. */
export interface AdamWArrays {
  readonly value: Float32Array;
  readonly gradient: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/**
 * One update of one parameter, in place. Computes in float64 and stores float32: 5 million values take about 20 ms.
 *
 *     m <- b1 m + (1 - b1) g        v <- b2 v + (1 - b2) g^2
 *     x <- x - lr wd x - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
 *
 * @param t The number of this update, from 1.
 * @param learningRate Step size of this update; multiplies the weight decay too.
 * @param gradientScale Factor on the gradient, for clipping and averaging without another pass.
 * @see Loshchilov & Hutter 2019, Decoupled Weight Decay Regularization, algorithm 2; `torch.optim.AdamW`.
 */
export const adamwUpdate = (
  { value, gradient, firstMoment, secondMoment }: AdamWArrays,
  t: number,
  learningRate: number,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 }: AdamWOptions = {},
  gradientScale = 1,
): void => {
  const keep = 1 - learningRate * weightDecay;
  const stepSize = learningRate / (1 - beta1 ** t);
  const rootCorrection = 1 / Math.sqrt(1 - beta2 ** t);
  const one = 1 - beta1;
  const two = 1 - beta2;
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i]! * gradientScale;
    const m = beta1 * firstMoment[i]! + one * g;
    const v = beta2 * secondMoment[i]! + two * g * g;
    firstMoment[i] = m;
    secondMoment[i] = v;
    value[i] = keep * value[i]! - (stepSize * m) / (Math.sqrt(v) * rootCorrection + epsilon);
  }
};
