/** @file The Lagrange multiplier of a safety constraint: what a unit of cost counts against a unit of reward. */
import { z } from 'zod';

/** Defaults are those of align-anything (PKU-Alignment), for costs whose sign says whether a response is harmful. */
export const costConstraint = z.strictObject({
  /** What the mean cost may be at most. */
  limit: z.number().default(-0.5),
  /** Multiplier at the start, and the largest it may become. */
  initial: z.number().positive().default(10),
  largest: z.number().positive().default(20),
  learningRate: z.number().positive().default(0.1),
  /** Costs that the mean is over: those of the latest responses. */
  window: z.number().int().positive().default(128),
  /** Ascent on ln λ, which keeps λ positive and moves it in proportion to itself (Safe RLHF), or on λ itself. */
  ascent: z.enum(['logarithm', 'linear']).default('logarithm'),
});
export type CostConstraint = z.infer<typeof costConstraint>;

/** All there is to save; a plain record. */
export interface MultiplierState {
  readonly multiplier: number;
  /** Costs of the latest responses, oldest first. */
  readonly costs: readonly number[];
}

export const initialMultiplier = ({ initial, largest }: CostConstraint): MultiplierState => ({
  multiplier: Math.min(initial, largest),
  costs: [],
});

/**
 * The multiplier after an update: up while the mean cost of the window is above the limit, down while it is below.
 *
 * ln λ ← ln λ + η λ (mean - limit), or λ ← max(0, λ + η (mean - limit)); never above the largest. As it was while no cost
 * is known.
 *
 * @param costs Of the responses of the update
 * @see Dai et al. 2024 (Safe RLHF), and `ppo_lag` of safe-rlhf and align-anything, whose step on ln λ this is
 */
export const nextMultiplier = (
  { limit, largest, learningRate, window, ascent }: CostConstraint,
  { multiplier, costs: before }: MultiplierState,
  costs: readonly number[],
): MultiplierState => {
  const kept = [...before, ...costs].slice(-window);
  if (kept.length === 0) return { multiplier, costs: kept };
  const excess = kept.reduce((sum, cost) => sum + cost, 0) / kept.length - limit;
  const moved =
    ascent === 'linear'
      ? Math.max(0, multiplier + learningRate * excess)
      : multiplier * Math.exp(learningRate * multiplier * excess);
  return { multiplier: Math.min(largest, moved), costs: kept };
};

/**
 * One advantage of reward and cost: (A_r - λ A_c) / (1 + λ), of the same size whatever λ is.
 *
 * @see Dai et al. 2024 (Safe RLHF)
 */
export const combineAdvantage = (reward: number, cost: number, multiplier: number): number =>
  (reward - multiplier * cost) / (1 + multiplier);
