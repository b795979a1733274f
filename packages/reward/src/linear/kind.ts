/** @file The linear reward model as a kind: what a training run calls. */
import type { RewardModelKind } from '../run/kinds.ts';
import type { OnProgress } from '../run/progress.ts';
import { trainedOnShuffledLabels } from './canary.ts';
import { defaultLinear } from './configuration.ts';
import { loadLinear, saveLinear } from './files.ts';
import { type LinearProgress, trainLinear } from './train.ts';

/** The trainer's own progress in the words of a run. */
const asRunProgress =
  (report: OnProgress, maxIterations: number) =>
  (progress: LinearProgress): void => {
    if (progress.phase === 'fit') report({ phase: 'train', totalSteps: maxIterations, ...progress.record });
    else
      report({
        phase: progress.phase,
        step: progress.done,
        totalSteps: progress.total,
        ...(progress.phase === 'penalties' && {
          validationLoss: progress.trial.validationLoss,
          validationAccuracy: progress.trial.validationAccuracy,
        }),
      });
  };

export const linearKind: RewardModelKind = {
  kind: 'linear',
  settings: ['l2', 'labelSmoothing', 'margin'],

  async train(split, settings, { seed, origin, signal, onProgress }) {
    const configuration = {
      ...defaultLinear,
      ...(settings.l2 && { l2: settings.l2 }),
      ...(settings.labelSmoothing !== undefined && { labelSmoothing: settings.labelSmoothing }),
      ...(settings.margin !== undefined && { marginScale: settings.margin }),
    };
    const { model, records } = await trainLinear(split, configuration, {
      seed,
      origin,
      ...(signal && { signal }),
      ...(onProgress && { onProgress: asRunProgress(onProgress, configuration.maxIterations) }),
    });
    const canary = await trainedOnShuffledLabels(split, configuration, {
      seed,
      origin,
      ...(signal && { signal }),
    });
    return {
      model,
      records,
      canaries: { trainedOnShuffledLabels: canary },
      save: (directory, card) => saveLinear(model.withCard(card), directory),
    };
  },

  load: loadLinear,
};
