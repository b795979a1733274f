/** @file From scored judgements to the validation document. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { accuracyWithInterval, differenceWithInterval } from '@plaudit/feedback';
import { type Calibration, isOfLabels } from './calibrated-probability.ts';
import { brierScore, expectedCalibrationError, logLoss, reliability } from './calibration.ts';
import { shuffledLabelsCanary, swappedLabelsCanary } from './canaries.ts';
import { criterionSection } from './criterion-section.ts';
import type { Mistake, ValidationDocument } from './document.ts';
import { probabilityOfPreferred } from './fit-calibration.ts';
import {
  accuracyByLengthDifference,
  accuracyBySegment,
  accuracyByStrength,
  lengthBaselines,
  lengthCorrelation,
  slicesOf,
} from './groups.ts';
import { headline, threshold } from './headline.ts';
import { labelSection } from './label-section.ts';
import {
  correctness,
  countPrompts,
  difference,
  type JoinOptions,
  longerWins,
  pairAccuracy,
  type ResponseScore,
  requireScores,
  type ScoredPair,
  scorePairs,
} from './pairs.ts';
import { rankingSection } from './ranking-section.ts';
import { ratingSection } from './rating-section.ts';
import type { JudgementSections } from './sections.ts';
import { judgeSlices } from './slices.ts';
import { stepSection } from './step-section.ts';

export interface ValidationOptions {
  /** Fitted on other pairs (the validation split), never on these. Default 1. */
  readonly temperature?: number;
  /** Seeds the bootstrap and the shuffled-labels canary. */
  readonly seed?: number;
  readonly resamples?: number;
  /** Tree id to cluster of near-duplicate prompts. Without it, trees with an equal prompt are one cluster. */
  readonly clusters?: ReadonlyMap<string, number> | undefined;
  /** The model's own, fitted on other judgements: its temperature is used, and all its methods are compared. */
  readonly calibration?: Calibration | null | undefined;
  /** The objective that speaks of each criterion, as the model's card says. */
  readonly criteria?: Readonly<Record<string, string>> | undefined;
  /** From `estimateNoiseCeiling`; null where the judgements cannot tell. */
  readonly noiseCeiling?: ValidationDocument['noiseCeiling'];
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
      winner: pair.winner === threshold ? null : pair.winner,
      loser: pair.loser === threshold ? null : pair.loser,
      ...(pair.step !== undefined && { step: pair.step }),
      source: pair.source,
      row: pair.row ?? null,
      difference: difference(pair),
    }));

/** Histograms of both sides over the same equal bins from the lowest to the highest reward; the threshold is in neither. */
const rewardDistribution = (pairs: readonly ScoredPair[]): ValidationDocument['rewardDistribution'] => {
  const winners = pairs.filter(({ winner }) => winner !== threshold).map(({ winnerReward }) => winnerReward);
  const losers = pairs.filter(({ loser }) => loser !== threshold).map(({ loserReward }) => loserReward);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const rewards of [winners, losers])
    for (const reward of rewards) {
      low = Math.min(low, reward);
      high = Math.max(high, reward);
    }
  if (low === high) {
    low -= 0.5;
    high += 0.5;
  }
  const histogram = (rewards: readonly number[]): number[] => {
    const counts = new Array<number>(distributionBins).fill(0);
    for (const reward of rewards) {
      const bin = Math.min(
        distributionBins - 1,
        Math.floor(((reward - low) / (high - low)) * distributionBins),
      );
      counts[bin] = counts[bin]! + 1;
    }
    return counts;
  };
  const edges = Array.from(
    { length: distributionBins + 1 },
    (_, i) => low + ((high - low) * i) / distributionBins,
  );
  return { edges, chosen: histogram(winners), rejected: histogram(losers) };
};

/** Every method that the card holds, where it was fitted on such judgements as these. */
const calibrationSection = (
  judged: ValidationDocument['judged'],
  pairs: readonly ScoredPair[],
  calibration: Calibration | null | undefined,
): ValidationDocument['calibration'] => {
  if (!calibration?.method || (calibration.on ?? 'pairs') !== judged) return undefined;
  const { method: chosen, platt, isotonic } = calibration;
  const methods = [
    'temperature' as const,
    ...(platt ? ['platt' as const] : []),
    ...(isotonic ? ['isotonic' as const] : []),
  ];
  return {
    chosen,
    methods: methods.map((method) => {
      const confidence =
        method === 'temperature' ? calibration.temperature : probabilityOfPreferred(method, calibration);
      return {
        method,
        ece: expectedCalibrationError(reliability(pairs, confidence)),
        brier: brierScore(pairs, confidence),
        logLoss: logLoss(pairs, confidence),
      };
    }),
  };
};

/** Everything beside the headline: a section for each sort of judgement that is there. */
const sectionsOf = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  { calibration, temperature = 1 }: ValidationOptions,
  join: JoinOptions,
  bootstrap: { readonly seed: number; readonly resamples?: number },
): JudgementSections => {
  const ofLabels = calibration && isOfLabels(calibration);
  const confidence = ofLabels
    ? probabilityOfPreferred(calibration.method ?? 'temperature', calibration)
    : (calibration?.temperature ?? temperature);
  const sections: JudgementSections = {
    labels: labelSection(trees, scores, confidence, join, bootstrap),
    rankings: rankingSection(trees, scores, join, bootstrap),
    ratings: ratingSection(trees, scores, join, bootstrap),
    steps: stepSection(trees, scores, join, bootstrap),
    criteria: criterionSection(
      scorePairs(trees, scores, join.clusters, join.criteria),
      join.criteria,
      bootstrap,
    ),
  };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => section !== undefined));
};

/**
 * Everything that is said about a model on one set of judgements. The same trees, scores, options and seed give the same
 * document.
 *
 * @param scores As `RewardModel.score` returns them: one list per tree, one score per response.
 * @example const document = validate(split.test, await model.score(split.test), { seed: 1 })
 * @throws reward.too_few_pairs without judgements; reward.not_finite where a reward is not a finite number
 */
export const validate = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly ResponseScore[])[],
  options: ValidationOptions = {},
): ValidationDocument => {
  const { seed = 0, resamples, clusters, criteria, calibration } = options;
  const temperature = calibration?.temperature ?? options.temperature ?? 1;
  const join: JoinOptions = { clusters, criteria };
  requireScores(trees, scores);
  const { pairs, ...judged } = headline(trees, scores, join);
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
  const methods = calibrationSection(judged.judged, pairs, calibration);
  return {
    ...judged,
    ...accuracyWithInterval(pairs, correctness, bootstrap),
    pairs: pairs.length,
    prompts: countPrompts(pairs),
    lengthBaseline: baselines[baselines.better],
    lengthBaselines: baselines,
    overLengthBaseline: { difference: over.mean, interval: over.interval },
    ...(options.noiseCeiling !== undefined && { noiseCeiling: options.noiseCeiling }),
    ece: expectedCalibrationError(calibrated),
    eceUncalibrated: expectedCalibrationError(uncalibrated),
    brier: brierScore(pairs, temperature),
    brierUncalibrated: brierScore(pairs, 1),
    logLoss: logLoss(pairs, temperature),
    logLossUncalibrated: logLoss(pairs, 1),
    temperature,
    ...(methods && { calibration: methods }),
    reliability: { calibrated, uncalibrated },
    lengthCorrelation: lengthCorrelation(pairs),
    byLengthDifference: accuracyByLengthDifference(pairs, bootstrap),
    byStrength: accuracyByStrength(pairs, bootstrap),
    bySegment: accuracyBySegment(pairs, bootstrap),
    slices: judgeSlices(pairs, slicesOf(pairs, bootstrap)),
    ...sectionsOf(trees, scores, options, join, bootstrap),
    worst: worst(pairs),
    canaries: {
      swappedLabels: swappedLabelsCanary(trees, (given) => pairAccuracy(headline(given, scores, join).pairs)),
      shuffledLabels: shuffledLabelsCanary(pairs, seed),
      ...options.canaries,
    },
    rewardDistribution: rewardDistribution(pairs),
  };
};
