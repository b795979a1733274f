/** @file Learning-rate schedules: pure functions of the number of updates done. */

export const scheduleShapes = ['constant', 'linear', 'cosine'] as const;

export interface Schedule {
  /** What follows the warm-up: no change, a line, or half a cosine down to the minimum. */
  readonly shape: (typeof scheduleShapes)[number];
  /** The highest rate, reached when the warm-up ends. */
  readonly learningRate: number;
  /** Updates over which the rate rises from 0 in a line; 0 by default. */
  readonly warmupSteps?: number;
  /** Updates in the whole run, warm-up included. Unused by `constant`. */
  readonly totalSteps: number;
  /** The lowest rate after the warm-up, as a share of the highest, in [0, 1]; 0 by default. */
  readonly minimumRatio?: number;
}

/**
 * The rate for the update that follows `step` updates. With a warm-up the rate at step 0 is 0, as in
 * `transformers.get_{constant,linear,cosine}_schedule_with_warmup`, whose numbers these are.
 */
export const learningRateAt = (schedule: Schedule, step: number): number => {
  const { shape, learningRate, warmupSteps = 0, totalSteps, minimumRatio = 0 } = schedule;
  if (step < warmupSteps) return (learningRate * step) / warmupSteps;
  if (shape === 'constant') return learningRate;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps));
  const share = shape === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress));
  return learningRate * (minimumRatio + (1 - minimumRatio) * share);
};
