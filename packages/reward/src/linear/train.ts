/** @file Trains a linear reward model: featurise, choose the L2 strengths on the validation split, fit, calibrate. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { type ModelCard, modelCardVersion } from '../model.ts';
import { fitTemperature } from '../validation/calibration.ts';
import { scorePairs } from '../validation/pairs.ts';
import { bradleyTerryLoss, type Comparisons, rowRewards, type SparseRows, softplus } from './bradley-terry.ts';
import { breather } from './breather.ts';
import { checkConfiguration, type LinearConfiguration } from './configuration.ts';
import {
  designRows,
  type ResponseFeatures,
  responseFeatures,
  standardisation,
  usedColumns,
} from './design.ts';
import { lbfgs } from './lbfgs.ts';
import { LinearRewardModel, linearObjective, type LinearParameters } from './model.ts';
import { surfaceNames } from './surface.ts';

export interface LinearSplit {
  readonly train: readonly PreferenceTree[];
  readonly validation: readonly PreferenceTree[];
}

/** A point of the learning curve: one L-BFGS iteration of the final fit. */
export interface LinearRecord {
  readonly step: number;
  /** Penalised training objective per unit of weight, nats. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** What one combination of L2 strengths reaches on the validation split. */
export interface PenaltyTrial {
  readonly l2: number;
  readonly surfaceL2: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly iterations: number;
}

export type LinearProgress =
  | { readonly phase: 'features'; readonly done: number; readonly total: number }
  | { readonly phase: 'penalties'; readonly done: number; readonly total: number; readonly trial: PenaltyTrial }
  | { readonly phase: 'fit'; readonly record: LinearRecord };

export interface LinearTrainingOptions {
  /** Stored with the model. The fit itself draws no random numbers: the same data give the same weights. */
  readonly seed: number;
  /** Where the data came from and which version trains, for the card. */
  readonly origin: Pick<ModelCard, 'data' | 'createdBy'>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LinearProgress) => void;
}

export interface LinearTraining {
  /** Its card has no metrics yet. */
  readonly model: LinearRewardModel;
  readonly records: readonly LinearRecord[];
  readonly trials: readonly PenaltyTrial[];
}

const fewestTraining = 10;
const fewestValidation = 5;

interface Fit {
  readonly loss: number;
  readonly accuracy: number;
}

/** Mean log loss and accuracy of the comparisons at some weights, by weight of the comparison. */
const measureFit = (rows: SparseRows, comparisons: Comparisons, weights: Float64Array): Fit => {
  const rewards = rowRewards(rows, weights, new Float64Array(rows.offsets.length - 1));
  let loss = 0;
  let right = 0;
  let total = 0;
  comparisons.weights.forEach((omega, p) => {
    const delta = rewards[comparisons.winners[p]!]! - rewards[comparisons.losers[p]!]!;
    loss += omega * softplus(-delta);
    right += omega * (delta > 0 ? 1 : delta < 0 ? 0 : 0.5);
    total += omega;
  });
  return { loss: loss / total, accuracy: right / total };
};

const requirePairs = (split: string, features: ResponseFeatures, needed: number): void => {
  let pairs = 0;
  for (const weight of features.comparisons.weights) if (weight > 0) pairs++;
  if (pairs < needed) throw plauditError('reward.too_few_pairs', { split, pairs, needed });
};

/** Penalties of all columns: one strength for the hashed ones, one for the surface features behind them. */
const penalties = (width: number, l2: number, surfaceL2: number): Float64Array =>
  new Float64Array(width).fill(l2).fill(surfaceL2, width - surfaceNames.length);

/** Trees that judge nothing have nothing to teach. */
const judged = (trees: readonly PreferenceTree[]): PreferenceTree[] =>
  trees.filter((tree) => tree.pairs.length > 0);

/**
 * Trains on `split.train`. `split.validation` chooses the L2 strengths and fits the temperature. The same data and
 * settings give bit-identical weights.
 *
 * @throws reward.too_few_pairs, reward.bad_configuration, reward.not_finite, or the signal's reason when aborted
 */
export const trainLinear = async (
  split: LinearSplit,
  configuration: LinearConfiguration,
  options: LinearTrainingOptions,
): Promise<LinearTraining> => {
  const { signal, onProgress } = options;
  checkConfiguration(configuration);
  const { features: featureConfiguration, labelSmoothing, maxIterations } = configuration;
  const breathe = breather(signal);

  const train = await responseFeatures(judged(split.train), featureConfiguration, signal);
  const validation = await responseFeatures(judged(split.validation), featureConfiguration, signal);
  requirePairs('training', train, fewestTraining);
  requirePairs('validation', validation, fewestValidation);
  const standard = standardisation(train);
  const used = usedColumns(train, featureConfiguration.dimension);
  const rows = designRows(train, used, standard);
  const validationRows = designRows(validation, used, standard);
  const comparisons: Comparisons = {
    ...train.comparisons,
    margins: train.comparisons.margins.map((margin) => margin * configuration.marginScale),
  };

  const fit = async (
    l2: number,
    surfaceL2: number,
    start: Float64Array,
    onIteration?: (iteration: number, loss: number, weights: Float64Array) => void,
  ): Promise<{ weights: Float64Array; iterations: number }> => {
    const objective = bradleyTerryLoss(rows, comparisons, {
      l2: penalties(rows.width, l2, surfaceL2),
      labelSmoothing,
    });
    const search = lbfgs(objective, start, { maxIterations, gradientTolerance: 1e-5, functionTolerance: 1e-7 });
    for (;;) {
      const step = search.next();
      if (step.done) return { weights: step.value.x, iterations: step.value.iterations };
      if (!Number.isFinite(step.value.value))
        throw plauditError('reward.not_finite', { activity: 'fitting the linear model' });
      onIteration?.(step.value.iteration, step.value.value, step.value.x);
      if (breathe.due()) await breathe.pause();
    }
  };

  const trials: PenaltyTrial[] = [];
  const strengths = [...configuration.l2].sort((a, b) => b - a);
  for (const surfaceL2 of configuration.surfaceL2) {
    let weights: Float64Array = new Float64Array(rows.width);
    for (const l2 of strengths) {
      const found = await fit(l2, surfaceL2, weights);
      weights = found.weights;
      const { loss, accuracy } = measureFit(validationRows, validation.comparisons, weights);
      const trial = {
        l2,
        surfaceL2,
        validationLoss: loss,
        validationAccuracy: accuracy,
        iterations: found.iterations,
      };
      trials.push(trial);
      onProgress?.({
        phase: 'penalties',
        done: trials.length,
        total: strengths.length * configuration.surfaceL2.length,
        trial,
      });
    }
  }
  const chosen = trials.reduce((best, trial) => (trial.validationLoss < best.validationLoss ? trial : best));

  // Fitted anew from zero: the weights then depend on the chosen strengths only, not on the order of the trials.
  const records: LinearRecord[] = [];
  const { weights } = await fit(
    chosen.l2,
    chosen.surfaceL2,
    new Float64Array(rows.width),
    (step, loss, at) => {
      const onValidation = measureFit(validationRows, validation.comparisons, at);
      const record = {
        step,
        loss,
        accuracy: measureFit(rows, comparisons, at).accuracy,
        validationLoss: onValidation.loss,
        validationAccuracy: onValidation.accuracy,
      };
      records.push(record);
      onProgress?.({ phase: 'fit', record });
    },
  );

  const hashed = new Float32Array(featureConfiguration.dimension);
  used.index.forEach((at, column) => {
    if (at >= 0) hashed[column] = weights[at]!;
  });
  const uncentred: LinearParameters = {
    features: featureConfiguration,
    hashed,
    surface: Float32Array.from(weights.subarray(used.count)),
    surfaceMean: standard.mean,
    surfaceStd: standard.std,
    bias: new Float32Array(1),
  };
  const card: ModelCard = {
    version: modelCardVersion,
    kind: 'linear',
    objectives: [linearObjective],
    calibration: null,
    normaliser: { mean: 0, std: 1 },
    formattingDigest: null,
    ...options.origin,
    seed: options.seed,
    configuration: { ...configuration, chosen: { l2: chosen.l2, surfaceL2: chosen.surfaceL2 } },
    metrics: null,
    lineage: { base: null },
  };

  const rewardsOf = async (model: LinearRewardModel, trees: readonly PreferenceTree[]) =>
    model.score(trees, signal === undefined ? {} : { signal });
  const before = moments((await rewardsOf(new LinearRewardModel(uncentred, card), judged(split.train))).flat());
  const parameters = { ...uncentred, bias: Float32Array.of(-before.mean) };
  const model = new LinearRewardModel(parameters, card);
  const onValidation = scorePairs(split.validation, await rewardsOf(model, split.validation));
  const reference = before.mean + parameters.bias[0]!;
  return {
    model: model.withCard({
      ...card,
      calibration: { temperature: fitTemperature(onValidation), reference },
      normaliser: { mean: reference, std: before.std > 0 ? before.std : 1 },
    }),
    records,
    trials,
  };
};

const moments = (scores: readonly { readonly reward: number }[]): { mean: number; std: number } => {
  const mean = scores.reduce((sum, score) => sum + score.reward, 0) / scores.length;
  const square = scores.reduce((sum, score) => sum + (score.reward - mean) ** 2, 0) / scores.length;
  return { mean, std: Math.sqrt(square) };
};

