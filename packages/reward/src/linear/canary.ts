/** @file The trained canary: a linear model that learns labels drawn by coin must know nothing about the real ones. */
import { Random } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { swapPreferences } from '../validation/canaries.ts';
import type { Canary } from '../validation/document.ts';
import { correctness, pairAccuracy, type ScoredPair, scorePairs } from '../validation/pairs.ts';
import type { LinearConfiguration } from './configuration.ts';
import { type LinearSplit, type LinearTrainingOptions, trainLinear } from './train.ts';

/** Enough for the check; more would only cost time. */
const mostPairs = 1000;
const strength = 100;
/**
 * Standard deviations allowed. With the opposite draw a sound training gives one half to the last bit, because its loss is
 * the same with labels and weights negated; one deviation leaves room for a fit that stops an iteration apart.
 */
const allowed = 1;

/** Trees in a seeded order, up to a number of pairs; the last one may lose some of its own. */
const sample = (trees: readonly PreferenceTree[], random: Random): PreferenceTree[] => {
  const chosen: PreferenceTree[] = [];
  let room = mostPairs;
  for (const at of random.permutation(trees.length)) {
    if (room === 0) break;
    const tree = trees[at]!;
    const pairs = tree.pairs.slice(0, room);
    room -= pairs.length;
    chosen.push({ ...tree, pairs });
  }
  return chosen;
};

/** Standard deviation of an accuracy around one half, all pairs of a prompt counting as one observation. */
const clusteredDeviation = (pairs: readonly ScoredPair[]): number => {
  const sums = new Map<string, number>();
  for (const pair of pairs) sums.set(pair.cluster, (sums.get(pair.cluster) ?? 0) + correctness(pair) - 0.5);
  return Math.sqrt([...sums.values()].reduce((sum, x) => sum + x * x, 0)) / pairs.length;
};

/**
 * Trains on labels drawn by coin, and again on the opposite of each, and counts how often the two are right on the
 * validation split: on average one half, unless something but the labels tells the trainer who won.
 *
 * One draw would not do. A model that took to length by chance is right, or wrong, on most prompts at once: on HH-RLHF
 * its accuracy has a standard deviation of 0.08 over draws where the prompts alone show 0.04. The opposite draw takes that
 * away, since a trainer that sees only labels then learns the opposite; what a leak adds, it adds to both.
 *
 * At most 1,000 comparisons of each side and one strong prior keep it cheap.
 *
 * @param train The trainer that is checked.
 * @throws As `trainLinear`
 */
export const trainedOnShuffledLabels = async (
  split: LinearSplit,
  configuration: LinearConfiguration,
  options: Pick<LinearTrainingOptions, 'seed' | 'origin' | 'signal'>,
  train: typeof trainLinear = trainLinear,
): Promise<Canary> => {
  const random = new Random(options.seed, 'trained canary');
  const validation = sample(split.validation, random);
  const drawn = swapPreferences(sample(split.train, random), () => random.uniform() < 0.5);
  const cheap = {
    ...configuration,
    l2: [strength],
    surfaceL2: [strength],
    marginScale: 0,
    maxIterations: 30,
  };
  const scored = async (trees: readonly PreferenceTree[]): Promise<ScoredPair[]> => {
    const { model } = await train({ ...split, train: trees, validation }, cheap, options);
    const scores = await model.score(validation, options.signal ? { signal: options.signal } : {});
    return scorePairs(validation, scores, split.cluster);
  };
  const first = await scored(drawn);
  const second = await scored(swapPreferences(drawn));
  const observed = (pairAccuracy(first) + pairAccuracy(second)) / 2;
  const half = allowed * clusteredDeviation(first) + 1e-9;
  return {
    expected: 0.5,
    tolerance: [0.5 - half, 0.5 + half],
    observed,
    passed: Math.abs(observed - 0.5) <= half,
  };
};
