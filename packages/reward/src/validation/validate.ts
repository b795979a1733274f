/** @file From scored pairs to the validation document. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import type { RewardModel, ScoreOptions } from '../model.ts';
import { accuracyWithInterval, clusterBootstrap } from './bootstrap.ts';
import { brierScore, expectedCalibrationError, logLoss, reliability } from './calibration.ts';
import { shuffledLabelsCanary, swappedLabelsCanary } from './canaries.ts';
import type { Mistake, ValidationDocument } from './document.ts';
import {
  accuracyByLengthDifference,
  accuracyBySegment,
  accuracyByStrength,
  lengthBaselines,
  lengthCorrelation,
} from './groups.ts';
import { correctness, countPrompts, difference, longerWins, type ScoredPair, scorePairs } from './pairs.ts';

export interface ValidationOptions {
  /** Fitted on other pairs (the validation split), never on these. Default 1. */
  readonly temperature?: number;
  /** Seeds the bootstrap and the shuffled-labels canary. */
  readonly seed?: number;
  readonly resamples?: number;
  /** Tree id to cluster of near-duplicate prompts, for `evaluateModel`. */
  readonly clusters?: ReadonlyMap<string, number>;
}

const worstMistakes = 20;
const distributionBins = 40;

const worst = (pairs: readonly ScoredPair[]): Mistake[] =>
  pairs
    .filter((pair) => difference(pair) < 0)
    .sort((a, b) => difference(a) - difference(b))
    .slice(0, worstMistakes)
    .map((pair) => ({
      tree: pair.tree,
      winner: pair.winner,
      loser: pair.loser,
      source: pair.source,
      row: pair.row ?? null,
      difference: difference(pair),
    }));

/** Histograms of both sides over the same equal bins from the lowest to the highest reward. */
const rewardDistribution = (pairs: readonly ScoredPair[]): ValidationDocument['rewardDistribution'] => {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const pair of pairs) {
    low = Math.min(low, pair.winnerReward, pair.loserReward);
    high = Math.max(high, pair.winnerReward, pair.loserReward);
  }
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const chosen = new Array<number>(distributionBins).fill(0);
  const rejected = new Array<number>(distributionBins).fill(0);
  const bin = (reward: number): number =>
    Math.min(distributionBins - 1, Math.floor(((reward - low) / (high - low)) * distributionBins));
  for (const pair of pairs) {
    const winner = bin(pair.winnerReward);
    const loser = bin(pair.loserReward);
    chosen[winner] = chosen[winner]! + 1;
    rejected[loser] = rejected[loser]! + 1;
  }
  const edges = Array.from(
    { length: distributionBins + 1 },
    (_, i) => low + ((high - low) * i) / distributionBins,
  );
  return { edges, chosen, rejected };
};

/**
 * Everything that is said about a model on one set of comparisons. The same pairs, options and seed give the same
 * document.
 *
 * @throws reward.too_few_pairs without pairs; reward.not_finite where a reward is not a finite number
 */
export const validate = (
  pairs: readonly ScoredPair[],
  options: ValidationOptions = {},
): ValidationDocument => {
  const { temperature = 1, seed = 0, resamples = 2000 } = options;
  if (pairs.length === 0)
    throw plauditError('reward.too_few_pairs', { split: 'evaluated', pairs: 0, needed: 1 });
  if (!pairs.every((pair) => Number.isFinite(pair.winnerReward) && Number.isFinite(pair.loserReward)))
    throw plauditError('reward.not_finite', { activity: 'scoring the comparisons' });
  const bootstrap = { seed, resamples };
  const baselines = lengthBaselines(pairs);
  const baseline = baselines.better === 'longer' ? longerWins : (pair: ScoredPair) => 1 - longerWins(pair);
  const over = clusterBootstrap(pairs, (pair) => correctness(pair) - baseline(pair), bootstrap);
  const calibrated = reliability(pairs, temperature);
  const uncalibrated = reliability(pairs, 1);
  return {
    ...accuracyWithInterval(pairs, correctness, bootstrap),
    pairs: pairs.length,
    prompts: countPrompts(pairs),
    lengthBaseline: baselines[baselines.better],
    lengthBaselines: baselines,
    overLengthBaseline: { difference: over.mean, interval: over.interval },
    ece: expectedCalibrationError(calibrated),
    eceUncalibrated: expectedCalibrationError(uncalibrated),
    brier: brierScore(pairs, temperature),
    brierUncalibrated: brierScore(pairs, 1),
    logLoss: logLoss(pairs, temperature),
    logLossUncalibrated: logLoss(pairs, 1),
    temperature,
    reliability: { calibrated, uncalibrated },
    lengthCorrelation: lengthCorrelation(pairs),
    byLengthDifference: accuracyByLengthDifference(pairs, bootstrap),
    byStrength: accuracyByStrength(pairs, bootstrap),
    bySegment: accuracyBySegment(pairs, bootstrap),
    worst: worst(pairs),
    canaries: {
      swappedLabels: swappedLabelsCanary(pairs),
      shuffledLabels: shuffledLabelsCanary(pairs, seed),
    },
    rewardDistribution: rewardDistribution(pairs),
  };
};

/**
 * Scores trees with a model and validates it on them, at the temperature of its card unless one is given.
 *
 * @example const document = await evaluateModel(model, split.test, { seed: 1 });
 */
export const evaluateModel = async (
  model: RewardModel,
  trees: readonly PreferenceTree[],
  options: ValidationOptions & ScoreOptions = {},
): Promise<ValidationDocument> => {
  const scores = await model.score(trees, options);
  const temperature = options.temperature ?? model.card.calibration?.temperature ?? 1;
  return validate(scorePairs(trees, scores, options.clusters), { ...options, temperature });
};
