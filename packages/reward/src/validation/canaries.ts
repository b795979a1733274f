/** @file Canaries: checks that fail when the evaluation itself is broken, run with every evaluation. */
import { Random } from '@plaudit/contract';
import type { Canary } from './document.ts';
import { correctness, pairAccuracy, type ScoredPair, swapLabels } from './pairs.ts';

/** Evaluates pairs to an accuracy; the canaries test exactly the function that makes the headline number. */
export type AccuracyOf = (pairs: readonly ScoredPair[]) => number;

/**
 * With every label the other way round the accuracy must be exactly 1 - accuracy. An evaluation that looks at the order
 * of a pair in place of its label fails here.
 */
export const swappedLabelsCanary = (
  pairs: readonly ScoredPair[],
  accuracyOf: AccuracyOf = pairAccuracy,
): Canary => {
  const expected = 1 - accuracyOf(pairs);
  const observed = accuracyOf(pairs.map(swapLabels));
  const tolerance: [number, number] = [expected - 1e-9, expected + 1e-9];
  return { expected, tolerance, observed, passed: observed >= tolerance[0] && observed <= tolerance[1] };
};

const shuffles = 20;
/** Standard deviations allowed: a sound evaluation fails once in 16,000 runs. */
const allowed = 4;

/**
 * With labels drawn by coin the accuracy must be one half, here over 20 seeded draws: the flips are independent, so the
 * mean has the binomial standard deviation 1/2 sqrt(untied / (20 n^2)), whatever the model and the prompts.
 */
export const shuffledLabelsCanary = (
  pairs: readonly ScoredPair[],
  seed: number,
  accuracyOf: AccuracyOf = pairAccuracy,
): Canary => {
  const random = new Random(seed, 'shuffled-labels');
  let observed = 0;
  for (let i = 0; i < shuffles; i++)
    observed +=
      accuracyOf(pairs.map((pair) => (random.uniform() < 0.5 ? pair : swapLabels(pair)))) / shuffles;
  const untied = pairs.filter((pair) => correctness(pair) !== 0.5).length;
  const half = allowed * 0.5 * Math.sqrt(untied / (shuffles * pairs.length ** 2)) + 1e-9;
  return {
    expected: 0.5,
    tolerance: [0.5 - half, 0.5 + half],
    observed,
    passed: Math.abs(observed - 0.5) <= half,
  };
};
