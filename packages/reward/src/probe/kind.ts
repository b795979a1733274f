/** @file The probe as a kind: what a training run calls. */
import type { PreferenceTree } from '@plaudit/feedback';
import { type ModelCard, modelCardVersion } from '../model.ts';
import { planOf } from '../objectives/index.ts';
import { criteriaOf, outputNames } from '../objectives/plan.ts';
import type { RewardModelKind } from '../run/kinds.ts';
import { truncatedTrainingWarnings } from '../run/warnings.ts';
import { openBase } from '../transformer/base.ts';
import { defaultMaxLength } from '../transformer/configuration.ts';
import { fitTemperature } from '../validation/calibration.ts';
import { spread } from '../validation/spread.ts';
import { featureCacheOptions } from './cache/room.ts';
import { probeSettings, requireBase, resolveProbe, wantsPrompts } from './configuration.ts';
import { FeatureSource, type ItemFeatures } from './features.ts';
import { loadProbe, saveProbe } from './files.ts';
import { ProbeRewardModel } from './model.ts';
import { parametersOf } from './parameters.ts';
import { FeatureTable } from './table.ts';
import { type ProbeData, type ProbeTraining, trainProbe } from './train.ts';

export const probeKind: RewardModelKind = {
  kind: 'probe',
  settings: probeSettings,
  needs: ['base'],

  async train(split, settings, options) {
    const { seed, origin, signal, onProgress } = options;
    onProgress?.({ phase: 'prepare', step: 0, totalSteps: 1 });
    const path = requireBase(settings);
    const progress = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    const base = await openBase(path, settings.maxLength ?? defaultMaxLength, progress);
    const plan = planOf(settings, split.train);
    const configuration = resolveProbe(settings, base.model, base.formatter.maxLength, plan);
    const features = new FeatureSource(base, {
      ...configuration,
      prompts: wantsPrompts(configuration),
      cache: featureCacheOptions(),
    });
    try {
      let truncated = 0;
      const gather = async (
        trees: readonly PreferenceTree[],
      ): Promise<ProbeData & { readonly features: readonly ItemFeatures[] }> => {
        const table = new FeatureTable();
        const found = await features.features(trees, {
          ...progress,
          onTruncated: (count) => {
            truncated += count;
          },
        });
        return { table, trees: table.add(trees, found), features: found };
      };
      const train = await gather(split.train);
      const validation = await gather(split.validation);
      const training = await trainProbe(train, validation, features.size, configuration, {
        seed,
        cluster: split.cluster,
        signal,
        onChoice: ({ validationLoss, validationAccuracy }, step, totalSteps) =>
          onProgress?.({
            phase: 'penalties',
            step,
            totalSteps,
            validationLoss,
            ...(validationAccuracy !== null && { validationAccuracy }),
          }),
        onRecord: (record, totalSteps) => onProgress?.({ phase: 'train', totalSteps, ...record }),
      });
      const { loss, numbers, standards, columns, posterior } = training;
      const parameters = parametersOf(plan, loss, numbers, standards, columns.map, posterior);
      const card: ModelCard = {
        version: modelCardVersion,
        kind: 'probe',
        objectives: [...outputNames(plan)],
        criteria: criteriaOf(plan),
        calibration: null,
        normaliser: { mean: 0, std: 1 },
        formattingDigest: base.formatter.digest,
        ...origin,
        seed,
        configuration: { ...configuration, chosen: chosenOf(training) },
        metrics: null,
        lineage: { base: base.digest, ...(base.hub && { hub: base.hub }) },
      };
      const open = new ProbeRewardModel({ base, features, configuration, parameters }, card);
      const model = calibrated(open, train.features, training);
      const conversations = split.train.length + split.validation.length;
      return {
        model,
        validationScores: validation.features.map((item) => model.scoresOf(item)),
        records: training.records,
        warnings: [
          ...truncatedTrainingWarnings({ truncated, conversations }, configuration.maxLength),
          ...keepingWarnings(features),
        ],
        save: (directory, final) => saveProbe(model.withCard(final), directory),
      };
    } catch (error) {
      await features.close();
      throw error;
    }
  },

  load: loadProbe,
};

/** What training settled, for the card. */
const chosenOf = ({ l2, evidence, trials, loss, numbers }: ProbeTraining): Record<string, unknown> => ({
  l2,
  ...(evidence !== null && { logEvidence: evidence }),
  trials,
  learned: Object.fromEntries(
    loss
      .learned(numbers)
      .flatMap((parameters, term) =>
        Object.entries(parameters).map(([name, values]) => [`${term}:${name}`, [...values]]),
      ),
  ),
});

/**
 * The model with the mean and spread of its training rewards, and the temperature that fits the pairs on which the
 * strength was chosen.
 */
const calibrated = (
  model: ProbeRewardModel,
  train: readonly ItemFeatures[],
  { differences }: ProbeTraining,
): ProbeRewardModel => {
  const rewards = train.flatMap((item) => model.scoresOf(item).map(({ reward }) => reward));
  const normaliser = spread(rewards);
  const calibration =
    differences.length > 0 ? { temperature: fitTemperature(differences), reference: normaliser.mean } : null;
  return model.withCard({ ...model.card, normaliser, calibration });
};

const keepingWarnings = ({ problem }: FeatureSource): string[] =>
  problem === null
    ? []
    : [`Not all features could be kept, so the next run computes them again: ${problem}.`];
