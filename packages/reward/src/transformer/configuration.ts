/** @file The configuration of a transformer reward model, resolved from the settings that a person gave. */
import { plauditError } from '@plaudit/contract';
import { type ProviderName, providerNames } from '@plaudit/engine';
import type { TransformerModel } from '@plaudit/models';
import type { SettingName, TrainingSettings } from '../run/settings.ts';

export interface TransformerConfiguration {
  /** A checkpoint's path, or `new`. */
  readonly base: string;
  /** `lora` trains adapters beside frozen weights; `full` trains every weight. */
  readonly method: 'lora' | 'full';
  readonly lora: {
    readonly rank: number;
    readonly alpha: number;
    readonly targets: readonly string[];
    readonly dropout: number;
  } | null;
  /** Whether the adapter is saved added into its base. */
  readonly merge: boolean;
  /** How frozen weights are held and multiplied while training. Scores are always computed in float32. */
  readonly frozen: 'float32' | 'int8';
  readonly epochs: number;
  readonly learningRate: number;
  readonly schedule: 'constant' | 'linear' | 'cosine';
  /** Share of the updates over which the learning rate rises. */
  readonly warmup: number;
  readonly weightDecay: number;
  readonly maxGradientNorm: number;
  /** Comparisons per update. */
  readonly batchSize: number;
  /** Places for tokens that run through the graph at once; an update is cut into such batches. */
  readonly tokensPerBatch: number;
  /** Tokens of prompt and response together. */
  readonly maxLength: number;
  /** Updates between two evaluations; null: ten times in the run. */
  readonly evaluateEvery: number | null;
  /** Evaluations without a lower validation loss after which training stops. */
  readonly patience: number;
  readonly labelSmoothing: number;
  readonly margin: number;
  readonly centring: number;
  readonly provider: ProviderName;
  readonly threads: number | null;
}

/** The settings that this kind takes. */
export const transformerSettings: readonly SettingName[] = [
  'base',
  'full',
  'rank',
  'alpha',
  'targets',
  'dropout',
  'merge',
  'int8',
  'epochs',
  'learningRate',
  'batchSize',
  'maxLength',
  'evaluateEvery',
  'patience',
  'centring',
  'labelSmoothing',
  'margin',
  'provider',
  'threads',
];

const refuse = (setting: string, problem: string): never => {
  throw plauditError('reward.bad_configuration', { setting, problem });
};

export const providerOf = (name: string): ProviderName =>
  providerNames.find((known) => known === name) ??
  refuse('provider', `it has to be one of ${providerNames.join(', ')}`);

/**
 * Fills in the defaults. Learning rates: 2e-4 for adapters and 1e-5 for every weight lie within what the published
 * recipes use (1e-4 to 1e-3, and 9e-6 to 2e-5); 1e-3 for a model that starts from random values. One epoch for
 * adapters and checkpoints, as Llama 2 and InstructGPT found more to over-fit.
 *
 * @throws reward.bad_configuration
 */
export const resolveConfiguration = (
  settings: TrainingSettings,
  model: Pick<TransformerModel, 'loraTargets' | 'maxPositions'>,
): TransformerConfiguration => {
  const base =
    settings.base ?? refuse('base', 'a transformer starts from a checkpoint (a path) or from `new`');
  const fresh = base === 'new';
  const full = fresh || settings.full === true;
  if (full && settings.int8)
    refuse('int8', 'only frozen weights can be int8, and here every weight is trained');
  for (const name of ['rank', 'alpha', 'targets', 'dropout', 'merge'] as const) {
    if (full && settings[name] !== undefined)
      refuse(name, 'it belongs to adapters, and here every weight is trained');
  }
  const rank = settings.rank ?? 16;
  return {
    base,
    method: full ? 'full' : 'lora',
    lora: full
      ? null
      : {
          rank,
          alpha: settings.alpha ?? 2 * rank,
          targets: settings.targets ?? model.loraTargets,
          dropout: settings.dropout ?? 0,
        },
    merge: settings.merge ?? false,
    frozen: settings.int8 ? 'int8' : 'float32',
    epochs: settings.epochs ?? (fresh ? 3 : 1),
    learningRate: settings.learningRate ?? (fresh ? 1e-3 : full ? 1e-5 : 2e-4),
    schedule: 'cosine',
    warmup: 0.1,
    weightDecay: 0.01,
    maxGradientNorm: 1,
    batchSize: settings.batchSize ?? 16,
    tokensPerBatch: 2048,
    maxLength: Math.min(settings.maxLength ?? 1024, model.maxPositions),
    evaluateEvery: settings.evaluateEvery ?? null,
    patience: settings.patience ?? 4,
    labelSmoothing: settings.labelSmoothing ?? 0,
    margin: settings.margin ?? 0,
    centring: settings.centring ?? 0.01,
    provider: providerOf(settings.provider ?? 'cpu'),
    threads: settings.threads ?? null,
  };
};
