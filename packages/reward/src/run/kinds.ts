/** @file The kinds of reward models that can be trained and loaded. A new kind is a folder with a kind.ts and a line here. */
import { plauditError } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';
import { type ModelCard, modelCardFile, type RewardModel, type Score } from '../model.ts';
import type { LearningRecord } from '../report/pictures.ts';
import type { TrainerCanaries } from '../validation/validate.ts';
import type { OnProgress } from './progress.ts';
import { readCard, reading } from './reading.ts';
import type { SettingName, TrainingSettings } from './settings.ts';

/** What a trainer may see: the test side never reaches it. */
export interface TrainingSplit {
  readonly train: readonly PreferenceTree[];
  readonly validation: readonly PreferenceTree[];
  /** Tree to cluster of near-duplicate prompts, for trainers that split the training side further. */
  readonly cluster?: ReadonlyMap<string, number>;
}

export interface TrainingOptions {
  readonly seed: number;
  /** Where the data came from and which version trains, for the card. */
  readonly origin: Pick<ModelCard, 'data' | 'createdBy'>;
  /** A folder for checkpoints. It is kept when the run stops early; it may not exist yet. */
  readonly checkpoints: string;
  /** Whether to go on from the newest checkpoint in that folder. */
  readonly resume: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

export interface TrainedModel {
  /** Its card carries the calibration fitted on `split.validation` and no metrics yet. */
  readonly model: RewardModel;
  /** Its scores of `split.validation`, where calibrating has made them already; only the rewards are read. */
  readonly validationScores?: Score[][];
  /** The learning curve, in order of steps. */
  readonly records: readonly LearningRecord[];
  /** What a person should know about how it was trained. */
  readonly warnings?: readonly string[];
  /** Checks that took a training of their own. */
  readonly canaries?: TrainerCanaries;
  /** Writes weights, configuration and the given card into a folder that exists. */
  save(directory: string, card: ModelCard): Promise<void>;
}

export interface LoadOptions {
  /** Where a transformer computes; kinds that need no engine ignore it. */
  readonly provider?: string;
  readonly threads?: number;
  /** Where the base of an adapter lies now, if not where it was trained; it has to be the same checkpoint. */
  readonly base?: string;
  /** Ensembles only: another way to make one reward of the members' than the saved one. Its calibration is left out. */
  readonly combine?: Combination;
  /** Probes only: look up what is scored in the cache of features, and keep it there. For files, which are scored again. */
  readonly keepFeatures?: boolean;
  /**
   * Transformers only: compute with the weights as their file has them, mapped, and not with a faster copy. Models of one
   * base then share its memory; measured 400 MB less for one of 135 million weights, and a twelfth more time.
   */
  readonly mapped?: boolean;
}

/** How an ensemble makes one reward of its members'. */
export type Combination =
  | { readonly combine: 'mean' | 'worst' }
  | { readonly combine: 'mean-minus-variance'; readonly lambda: number };

/** One kind of reward model. */
export interface RewardModelKind {
  readonly kind: string;
  /** The settings that it takes; any other is refused before work starts. */
  readonly settings: readonly SettingName[];
  /** Those of them that have no default. */
  readonly needs?: readonly SettingName[];
  /** @throws reward.*, model.*, engine.*, or the signal's reason when aborted */
  train(split: TrainingSplit, settings: TrainingSettings, options: TrainingOptions): Promise<TrainedModel>;
  load(directory: string, options: LoadOptions): Promise<RewardModel>;
}

export interface BuildOptions extends LoadOptions {
  /** The folder to write into, which is there; it is renamed to `out` when the model is whole. */
  readonly directory: string;
  readonly out: string;
  /** Path of the specification, for messages, and its folder, where the paths in it begin. */
  readonly specification: string;
  readonly folder: string;
  readonly seed: number;
  /** Comparisons to measure the rewards of parts on, where some were given. */
  readonly calibration: readonly PreferenceTree[] | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: OnProgress;
}

/** A kind of reward model that is built from a specification, and learns nothing. */
export interface BuiltRewardModelKind {
  readonly kind: string;
  /**
   * Writes the model with its card into a folder.
   *
   * @throws reward.bad_specification for a fault of the specification, by field; reward.*
   */
  build(specification: unknown, options: BuildOptions): Promise<void>;
  load(directory: string, options: LoadOptions): Promise<RewardModel>;
}

/** Imported when first used, so that a linear model never waits for ONNX Runtime. */
const kinds: Readonly<Record<string, () => Promise<RewardModelKind>>> = {
  linear: async () => (await import('../linear/kind.ts')).linearKind,
  probe: async () => (await import('../probe/kind.ts')).probeKind,
  transformer: async () => (await import('../transformer/kind.ts')).transformerKind,
};

/** Built from a specification, imported when first used as well. */
const builtKinds: Readonly<Record<string, () => Promise<BuiltRewardModelKind>>> = {
  program: async () => (await import('../program/kind.ts')).programKind,
  judge: async () => (await import('../judge/kind.ts')).judgeKind,
  composite: async () => (await import('../composite/kind.ts')).compositeKind,
  ensemble: async () => (await import('../ensemble/kind.ts')).ensembleKind,
};

/** The names of all kinds. */
export const rewardModelKinds: readonly string[] = [...Object.keys(kinds), ...Object.keys(builtKinds)];

const refuseKind = (problem: string): never => {
  throw plauditError('reward.bad_configuration', { setting: 'kind', problem });
};

/** @throws reward.bad_configuration for a kind that is not there or is not trained */
export const rewardModelKind = async (kind: string): Promise<RewardModelKind> => {
  if (Object.hasOwn(kinds, kind)) return kinds[kind]!();
  return refuseKind(
    Object.hasOwn(builtKinds, kind)
      ? `a ${kind} is not trained but built from a specification, with plaudit reward build`
      : `it has to be one of ${Object.keys(kinds).join(', ')}`,
  );
};

/** @throws reward.bad_configuration for a kind that is not there or is not built */
export const builtRewardModelKind = async (kind: string): Promise<BuiltRewardModelKind> =>
  Object.hasOwn(builtKinds, kind)
    ? builtKinds[kind]!()
    : refuseKind(`it has to be one of ${Object.keys(builtKinds).join(', ')}`);

/**
 * Opens a saved reward model of any kind.
 *
 * @example const model = await loadRewardModel('support-desk'); const [[first]] = await model.score([item])
 * @throws reward.*, model.*, engine.*; data.file_unreadable
 */
export const loadRewardModel = async (directory: string, options: LoadOptions = {}): Promise<RewardModel> => {
  const { kind } = await readCard(directory);
  if (!rewardModelKinds.includes(kind))
    throw plauditError('reward.card_corrupt', {
      path: `${directory}/${modelCardFile}`,
      problem: `this version of Plaudit has no reward models of kind ${kind.slice(0, 40)}`,
    });
  if (options.combine && kind !== 'ensemble')
    throw plauditError('reward.bad_configuration', {
      setting: 'combine',
      problem: `${directory} holds a reward model of kind ${kind}, and only an ensemble has members to combine`,
    });
  const found = await (Object.hasOwn(builtKinds, kind) ? builtRewardModelKind(kind) : rewardModelKind(kind));
  return reading(directory, () => found.load(directory, options));
};
