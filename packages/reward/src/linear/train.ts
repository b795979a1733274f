/** @file Trains a linear reward model: featurise, choose the L2 strengths on the validation split, fit, calibrate. */
import { plauditError, Random, softplus } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { type ModelCard, modelCardVersion } from '../model.ts';
import { fitTemperature } from '../validation/calibration.ts';
import {
  bradleyTerryLoss,
  type Comparisons,
  curvatureBound,
  rowRewards,
  type SparseRows,
} from './bradley-terry.ts';
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
import { type LinearParameters, LinearRewardModel, linearObjective } from './model.ts';
import { surfaceNames } from './surface.ts';

export interface LinearSplit {
  readonly train: readonly PreferenceTree[];
  readonly validation: readonly PreferenceTree[];
  /** Tree id to cluster of near-duplicate prompts: a cluster stays in one fold. Without it each tree is its own. */
  readonly cluster?: ReadonlyMap<string, number>;
}

/** A point of the learning curve: one L-BFGS iteration of the final fit. */
interface LinearRecord {
  readonly step: number;
  /** Penalised training objective per unit of weight, nats. */
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
}

/** What one combination of L2 strengths reaches on pairs that its fits have not seen. */
interface PenaltyTrial {
  readonly l2: number;
  readonly surfaceL2: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  /** Unseen pairs: those of the validation split and, where that is small, of the folds of the training split. */
  readonly pairs: number;
}

export type LinearProgress =
  | {
      readonly phase: 'penalties';
      readonly done: number;
      readonly total: number;
      readonly trial: PenaltyTrial;
    }
  | { readonly phase: 'fit'; readonly record: LinearRecord };

export interface LinearTrainingOptions {
  /** Draws the folds; the fit itself has no randomness. */
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
/** Below this many validation pairs, the choice of the strengths and the temperature use folds of the training split too. */
const enoughValidation = 500;
const folds = 5;
/** Relative decrease of the objective at which a fit ends: choosing a strength needs less than the weights that stay. */
const trialTolerance = 1e-5;
const finalTolerance = 1e-6;

/** Reward of each comparison's winner minus the loser's, at some weights. */
const differencesOf = (rows: SparseRows, comparisons: Comparisons, weights: Float64Array): Float64Array => {
  const rewards = rowRewards(rows, weights, new Float64Array(rows.offsets.length - 1));
  return Float64Array.from(
    comparisons.winners,
    (winner, p) => rewards[winner]! - rewards[comparisons.losers[p]!]!,
  );
};

/** Mean log loss and accuracy of reward differences, each pair counting its weight. */
const measureFit = (
  differences: Float64Array,
  weights: Float64Array,
): { readonly loss: number; readonly accuracy: number } => {
  let loss = 0;
  let right = 0;
  let total = 0;
  differences.forEach((delta, p) => {
    const omega = weights[p]!;
    loss += omega * softplus(-delta);
    right += omega * (delta > 0 ? 1 : delta < 0 ? 0 : 0.5);
    total += omega;
  });
  return { loss: loss / total, accuracy: right / total };
};

/** The comparisons for which a condition holds. */
const subset = (comparisons: Comparisons, keep: (pair: number) => boolean): Comparisons => {
  const kept = [...comparisons.winners.keys()].filter(keep);
  return {
    winners: Uint32Array.from(kept, (p) => comparisons.winners[p]!),
    losers: Uint32Array.from(kept, (p) => comparisons.losers[p]!),
    weights: Float64Array.from(kept, (p) => comparisons.weights[p]!),
    margins: Float64Array.from(kept, (p) => comparisons.margins[p]!),
  };
};

const concatenate = (parts: readonly Float64Array[]): Float64Array => {
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** The fold of each pair of the trees, in order; whole clusters at random. */
const pairFolds = (
  trees: readonly PreferenceTree[],
  cluster: LinearSplit['cluster'],
  seed: number,
): Uint8Array => {
  const random = new Random(seed, 'folds');
  const drawn = new Map<number | string, number>();
  return Uint8Array.from(
    trees.flatMap((tree) => {
      const key = cluster?.get(tree.id) ?? tree.id;
      const fold = drawn.get(key) ?? random.integer(folds);
      drawn.set(key, fold);
      return tree.pairs.map(() => fold);
    }),
  );
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
 * Trains on `split.train`. The L2 strengths are those with the lowest log loss on the validation split; while that has
 * fewer than 500 pairs, five folds of the training split, each scored by a fit on the other four, are added to it, for
 * the choice and for the temperature. The same data, settings and seed give bit-identical weights.
 *
 * @example
 * const { model } = await trainLinear(splitByPrompt(trees, { seed }), defaultLinear, { seed, origin });
 * await saveLinear(model, 'out');
 * @throws reward.too_few_pairs, reward.bad_configuration, reward.not_finite, or the signal's reason when aborted
 */
export const trainLinear = async (
  split: LinearSplit,
  configuration: LinearConfiguration,
  options: LinearTrainingOptions,
): Promise<LinearTraining> => {
  const { seed, signal, onProgress } = options;
  checkConfiguration(configuration);
  const { features: featureConfiguration, labelSmoothing, marginScale, maxIterations } = configuration;
  const breathe = breather(signal);

  const trainTrees = judged(split.train);
  const train = await responseFeatures(trainTrees, featureConfiguration, signal);
  const validation = await responseFeatures(judged(split.validation), featureConfiguration, signal);
  requirePairs('training', train, fewestTraining);
  requirePairs('validation', validation, fewestValidation);
  const standard = standardisation(train);
  const used = usedColumns(train, featureConfiguration.dimension);
  const rows = designRows(train, used, standard);
  const validationRows = designRows(validation, used, standard);
  const comparisons: Comparisons = {
    ...train.comparisons,
    margins: train.comparisons.margins.map((margin) => margin * marginScale),
  };

  const fit = async (
    on: Comparisons,
    l2: number,
    surfaceL2: number,
    start: Float64Array,
    functionTolerance: number,
    onIteration?: (iteration: number, loss: number, weights: Float64Array) => void,
  ): Promise<Float64Array> => {
    const penalty = penalties(rows.width, l2, surfaceL2);
    const search = lbfgs(bradleyTerryLoss(rows, on, { l2: penalty, labelSmoothing }), start, {
      maxIterations,
      curvatures: curvatureBound(rows, on, penalty),
      gradientTolerance: 1e-6,
      functionTolerance,
    });
    for (;;) {
      const step = search.next();
      if (!Number.isFinite(step.value.value))
        throw plauditError('reward.not_finite', { activity: 'fitting the linear model' });
      if (step.done) return step.value.x;
      onIteration?.(step.value.iteration, step.value.value, step.value.x);
      if (breathe.due()) await breathe.pause();
    }
  };

  /** Parts of the data to fit on, and what each fit is judged by. */
  interface Part {
    readonly on: Comparisons;
    readonly unseen: Comparisons;
    readonly unseenRows: SparseRows;
  }
  const parts: Part[] = [{ on: comparisons, unseen: validation.comparisons, unseenRows: validationRows }];
  if (validation.comparisons.winners.length < enoughValidation) {
    const fold = pairFolds(trainTrees, split.cluster, seed);
    for (let k = 0; k < folds; k++) {
      const on = subset(comparisons, (p) => fold[p] !== k);
      const unseen = subset(comparisons, (p) => fold[p] === k);
      if (on.winners.length > 0 && unseen.winners.length > 0) parts.push({ on, unseen, unseenRows: rows });
    }
  }
  const unseenWeights = concatenate(parts.map((part) => part.unseen.weights));

  const strengths = [...configuration.l2].sort((a, b) => b - a);
  const trials: PenaltyTrial[] = [];
  let chosen: (PenaltyTrial & { readonly differences: Float64Array }) | undefined;
  for (const surfaceL2 of configuration.surfaceL2) {
    const starts = parts.map((): Float64Array => new Float64Array(rows.width));
    for (const l2 of strengths) {
      const found: Float64Array[] = [];
      for (const [k, part] of parts.entries()) {
        starts[k] = await fit(part.on, l2, surfaceL2, starts[k]!, trialTolerance);
        found.push(differencesOf(part.unseenRows, part.unseen, starts[k]));
      }
      const differences = concatenate(found);
      const { loss, accuracy } = measureFit(differences, unseenWeights);
      const rising = loss > (trials.at(-1)?.validationLoss ?? loss) && trials.at(-1)?.surfaceL2 === surfaceL2;
      const trial = {
        l2,
        surfaceL2,
        validationLoss: loss,
        validationAccuracy: accuracy,
        pairs: differences.length,
      };
      trials.push(trial);
      if (chosen === undefined || loss < chosen.validationLoss) chosen = { ...trial, differences };
      onProgress?.({
        phase: 'penalties',
        done: trials.length,
        total: strengths.length * configuration.surfaceL2.length,
        trial,
      });
      // The loss has one valley along the strengths, and the weakest penalties cost the most iterations.
      if (rising) break;
    }
  }
  const { l2, surfaceL2, differences } = chosen!;

  // Fitted anew from zero: the weights then depend on the chosen strengths only, not on the path of the trials.
  const records: LinearRecord[] = [];
  const recordEvery = Math.ceil(comparisons.winners.length / 20_000);
  const weights = await fit(
    comparisons,
    l2,
    surfaceL2,
    new Float64Array(rows.width),
    finalTolerance,
    (step, loss, at) => {
      if (step % recordEvery !== 1 && recordEvery > 1) return;
      const onTraining = measureFit(differencesOf(rows, comparisons, at), comparisons.weights);
      const onValidation = measureFit(
        differencesOf(validationRows, validation.comparisons, at),
        validation.comparisons.weights,
      );
      const record = {
        step,
        loss,
        accuracy: onTraining.accuracy,
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
    seed,
    configuration: { ...configuration, chosen: { l2, surfaceL2 } },
    metrics: null,
    lineage: { base: null },
  };
  const scores = await new LinearRewardModel(uncentred, card).score(
    trainTrees,
    signal === undefined ? {} : { signal },
  );
  const { mean, std } = moments(scores.flat());
  const bias = Float32Array.of(-mean);
  const reference = mean + bias[0]!;
  return {
    model: new LinearRewardModel(
      { ...uncentred, bias },
      {
        ...card,
        calibration: { temperature: fitTemperature(differences), reference },
        normaliser: { mean: reference, std: std > 0 ? std : 1 },
      },
    ),
    records,
    trials,
  };
};

const moments = (scores: readonly { readonly reward: number }[]): { mean: number; std: number } => {
  const mean = scores.reduce((sum, score) => sum + score.reward, 0) / scores.length;
  const square = scores.reduce((sum, score) => sum + (score.reward - mean) ** 2, 0) / scores.length;
  return { mean, std: Math.sqrt(square) };
};
