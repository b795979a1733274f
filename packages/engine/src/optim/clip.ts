/** @file Gradient clipping by the global norm. */

/** Sum of squares in float64; not finite exactly when an element is not (float32 squares cannot overflow a float64). */
export const sumOfSquares = (values: Float32Array): number => {
  // Four chains of additions, each in its own quarter: twice as fast as one chain. Unrolling a single loop by four
  // is three times slower than not to, because V8 then checks every index.
  const quarter = Math.floor(values.length / 4);
  const first = values.subarray(0, quarter);
  const second = values.subarray(quarter, 2 * quarter);
  const third = values.subarray(2 * quarter, 3 * quarter);
  const fourth = values.subarray(3 * quarter, 4 * quarter);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < quarter; i++) {
    const p = first[i]!;
    const q = second[i]!;
    const r = third[i]!;
    const s = fourth[i]!;
    a += p * p;
    b += q * q;
    c += r * r;
    d += s * s;
  }
  for (let i = 4 * quarter; i < values.length; i++) a += values[i]! * values[i]!;
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
