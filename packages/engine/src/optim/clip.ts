/** @file Gradient clipping by the global norm. */

/** Sum of squares in float64; not finite exactly when an element is not (float32 squares cannot overflow a float64). */
export const sumOfSquares = (values: Float32Array): number => {
  // Four chains: a single one waits for each addition, and is three times slower.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = values.length - (values.length % 4);
  let i = 0;
  for (; i < whole; i += 4) {
    const p = values[i]!;
    const q = values[i + 1]!;
    const r = values[i + 2]!;
    const s = values[i + 3]!;
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  for (; i < values.length; i++) a += values[i]! * values[i]!;
  return a + b + (c + d);
};

/**
 * The factor that brings a gradient of this norm within the limit, at most 1.
 *
 * @param norm Euclidean norm over all parameters' gradients together
 * @param limit Infinity for no clipping
 * @see Pascanu et al. 2013; `torch.nn.utils.clip_grad_norm_`, whose 1e-6 is kept.
 */
export const clipFactor = (norm: number, limit: number): number =>
  limit === Number.POSITIVE_INFINITY ? 1 : Math.min(1, limit / (norm + 1e-6));
