/** @file From scored pairs to the validation document. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { accuracyWithInterval, differenceWithInterval } from './bootstrap.ts';
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
import {
  correctness,
  countPrompts,
  difference,
  longerWins,
  pairAccuracy,
  type ScoredPair,
  scorePairs,
} from './pairs.ts';

export interface ValidationOptions {
  /** Fitted on other pairs (the validation split), never on these. Default 1. */
  readonly temperature?: number;
  /** Seeds the bootstrap and the shuffled-labels canary. */
  readonly seed?: number;
  readonly resamples?: number;
  /** Tree id to cluster of near-duplicate prompts. Without it, trees with an equal prompt are one cluster. */
  readonly clusters?: ReadonlyMap<string, number> | undefined;
  /** Canaries that the trainer has run. */
  readonly canaries?: TrainerCanaries | undefined;
}

/** Checks that take a training of their own. */
export type TrainerCanaries = Pick<ValidationDocument['canaries'], 'trainedOnShuffledLabels'>;

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
 * Everything that is said about a model on one set of comparisons. The same trees, scores, options and seed give the same
 * document.
 *
 * @param scores As `RewardModel.score` returns them: one list per tree, one score per response.
 * @example const document = validate(split.test, await model.score(split.test), { seed: 1 })
 * @throws reward.too_few_pairs without pairs; reward.not_finite where a reward is not a finite number
 */
export const validate = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly { readonly reward: number }[])[],
  options: ValidationOptions = {},
): ValidationDocument => {
  const { temperature = 1, seed = 0, resamples, clusters } = options;
  const pairs = scorePairs(trees, scores, clusters);
  if (pairs.length === 0)
    throw plauditError('reward.too_few_pairs', { split: 'evaluated', pairs: 0, needed: 1 });
  if (!pairs.every((pair) => Number.isFinite(pair.winnerReward) && Number.isFinite(pair.loserReward)))
    throw plauditError('reward.not_finite', { activity: 'scoring the comparisons' });
  const bootstrap = { seed, ...(resamples !== undefined && { resamples }) };
  const baselines = lengthBaselines(pairs);
  const baseline = baselines.better === 'longer' ? longerWins : (pair: ScoredPair) => 1 - longerWins(pair);
  const over = differenceWithInterval(pairs, (pair) => correctness(pair) - baseline(pair), bootstrap);
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
      swappedLabels: swappedLabelsCanary(trees, (given) => pairAccuracy(scorePairs(given, scores, clusters))),
      shuffledLabels: shuffledLabelsCanary(pairs, seed),
      ...options.canaries,
    },
    rewardDistribution: rewardDistribution(pairs),
  };
};
