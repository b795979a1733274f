/** @file Bounds with torch's gradients: of clamping, and of the larger of two numbers. */
import { ops, type Tensor } from '@plaudit/engine';

/** min(max(x, least), most), broadcast; the gradient is 1 between the bounds and on them, 0 outside. */
export const clamp = (x: Tensor, least: ops.Operand, most: ops.Operand): Tensor =>
  ops.where(ops.less(x, least), least, ops.where(ops.greater(x, most), most, x));

/** The same for one number, and its derivative. */
export const clampNumber = (
  x: number,
  least: number,
  most: number,
): { readonly value: number; readonly slope: 0 | 1 } => ({
  value: Math.min(Math.max(x, least), most),
  slope: x < least || x > most ? 0 : 1,
});

/** The share of a maximum's gradient that its first argument gets: a half where both are equal. */
export const shareOfLarger = (first: number, second: number): number => (Math.sign(first - second) + 1) / 2;

/**
 * Log-ratios are cut off here before they are exponentiated: e^20 is 5e8, so that no product with an advantage overflows
 * float32, and an infinite ratio never meets a gradient of 0. As verl 0.9.1 (`core_algos`, clamp of the log-ratio).
 */
export const farthestLogRatio = 20;
