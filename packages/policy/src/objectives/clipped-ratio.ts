/** @file The clipped ratio: the loss by which PPO and GSPO follow an advantage, and gain nothing from going too far. */
import { ops, type Tensor } from '@plaudit/engine';
import { clamp, clampNumber, farthestLogRatio, shareOfLarger } from './clamp.ts';

export interface ClipSettings {
  /** The ratio's bounds are 1 - clipLow and 1 + clipHigh. */
  readonly clipLow: number;
  readonly clipHigh: number;
  /** Where the advantage is negative, the loss stays below that of this ratio; null for no such bound. */
  readonly dualClip: number | null;
}

/**
 * max(-ρA, -clip(ρ, 1 - low, 1 + high) A) with ρ = e^x; at most -cA where A < 0, with the dual clip c.
 *
 * Clipped is where the gradient is cut off: outside the bounds in the direction of the advantage, or beyond the dual
 * clip.
 *
 * @param logRatio float32 [tokens] @param advantage float32 [tokens]
 * @see Schulman et al. 2017, eq. 7; Ye et al. 2020 (dual clip)
 */
export const clippedRatio = (
  logRatio: Tensor,
  advantage: Tensor,
  { clipLow, clipHigh, dualClip }: ClipSettings,
): { readonly losses: Tensor; readonly clipped: Tensor } => {
  const ratio = ops.exp(clamp(logRatio, -farthestLogRatio, farthestLogRatio));
  const loss = ops.negate(advantage);
  const plain = ops.multiply(loss, ratio);
  const held = ops.multiply(loss, clamp(ratio, 1 - clipLow, 1 + clipHigh));
  const worse = ops.maximum(plain, held);
  const cut = ops.greater(held, plain);
  if (dualClip === null) return { losses: worse, clipped: ops.cast(cut, 'float32') };
  const bound = ops.multiply(loss, dualClip);
  const negative = ops.less(advantage, 0);
  return {
    losses: ops.where(negative, ops.minimum(worse, bound), worse),
    clipped: ops.cast(ops.or(cut, ops.and(negative, ops.greater(worse, bound))), 'float32'),
  };
};

/** The same for one token, with the derivative by x. */
export const clippedRatioNumber = (
  logRatio: number,
  advantage: number,
  { clipLow, clipHigh, dualClip }: ClipSettings,
): { readonly loss: number; readonly clipped: boolean; readonly slope: number } => {
  const x = clampNumber(logRatio, -farthestLogRatio, farthestLogRatio);
  const ratio = Math.exp(x.value);
  const bounded = clampNumber(ratio, 1 - clipLow, 1 + clipHigh);
  const plain = -advantage * ratio;
  const held = -advantage * bounded.value;
  const share = shareOfLarger(plain, held);
  const worse = Math.max(plain, held);
  const slope = -advantage * (share + (1 - share) * bounded.slope) * ratio * x.slope;
  const bound = dualClip === null || advantage >= 0 ? Number.POSITIVE_INFINITY : -advantage * dualClip;
  return {
    loss: Math.min(worse, bound),
    clipped: held > plain || worse > bound,
    slope: slope * shareOfLarger(bound, worse),
  };
};
