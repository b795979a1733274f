/** @file The transformer reward model as a kind: what a training run calls. */
import type { PreferenceTree } from '@plaudit/feedback';
import { type ModelCard, modelCardVersion, type RewardModel } from '../model.ts';
import type { RewardModelKind } from '../run/kinds.ts';
import { fitTemperature } from '../validation/calibration.ts';
import { difference, scorePairs } from '../validation/pairs.ts';
import { resolveConfiguration, transformerSettings } from './configuration.ts';
import { loadTransformer, saveTransformer } from './files.ts';
import { TransformerRewardModel, transformerObjective } from './model.ts';
import { openTrainingBase, trainTransformer } from './train.ts';

/** Trees of the training side whose rewards give the reference and the normaliser: enough for a mean, quick to score. */
const normaliserTrees = 128;

export const transformerKind: RewardModelKind = {
  kind: 'transformer',
  settings: transformerSettings,
  needs: ['base'],

  async train(split, settings, { seed, origin, checkpoints, resume, signal, onProgress }) {
    onProgress?.({ phase: 'prepare', step: 0, totalSteps: 1 });
    const base = await openTrainingBase(settings.base!, settings.maxLength, split.train);
    const configuration = resolveConfiguration(settings, base.model);
    const data = [origin.data.sources.map(({ sha256 }) => sha256), origin.data.split, origin.data.pairs];
    const { network, records, keptStep, truncated, conversations } = await trainTransformer(
      split,
      base,
      configuration,
      {
        seed,
        checkpoints,
        resume,
        data,
        ...(signal && { signal }),
        ...(onProgress && { onProgress }),
      },
    );
    const card: ModelCard = {
      version: modelCardVersion,
      kind: 'transformer',
      objectives: [transformerObjective],
      calibration: null,
      normaliser: { mean: 0, std: 1 },
      formattingDigest: base.formatter.digest,
      ...origin,
      seed,
      configuration: { ...configuration, keptStep },
      metrics: null,
      lineage: { base: base.digest },
    };
    const open = new TransformerRewardModel(base, network, card, configuration.tokensPerBatch);
    const report = (phase: string) => ({
      ...(signal && { signal }),
      onProgress: (step: number, totalSteps: number) => onProgress?.({ phase, step, totalSteps }),
    });
    const sample = split.train.slice(0, normaliserTrees);
    const rewards = (await open.score(sample, report('normalise'))).flat().map(({ reward }) => reward);
    const normaliser = spread(rewards);
    const temperature = fitTemperature(await differences(open, split.validation, report('calibrate')));
    const model = open.withCard({
      ...card,
      normaliser,
      calibration: { temperature, reference: normaliser.mean },
    });
    const warnings =
      truncated > 0
        ? [
            `${truncated} of ${conversations} conversations were longer than ${configuration.maxLength} tokens and lost the start of their prompt; --max-length raises the limit.`,
          ]
        : [];
    return {
      model,
      records,
      warnings,
      save: (directory, final) => saveTransformer(model.withCard(final), directory),
    };
  },

  load: loadTransformer,
};

const spread = (values: readonly number[]): { readonly mean: number; readonly std: number } => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) || 1 };
};

/** Rewards of the winners less those of the losers. */
const differences = async (
  model: RewardModel,
  trees: readonly PreferenceTree[],
  options: Parameters<RewardModel['score']>[1],
) => {
  const scores = await model.score(trees, options);
  return scorePairs(trees, scores).map(difference);
};
