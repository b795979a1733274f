/** @file Features of a study's responses, once for all seeds and rules: an encoder's, or hashed words where there is none. */
import type { PreferenceTree } from '@plaudit/feedback';
import { defaultFeatures, Featuriser } from '../linear/features.ts';
import { surfaceNames } from '../linear/surface.ts';
import { singleHead } from '../objectives/plan.ts';
import { featureCacheOptions } from '../probe/cache/room.ts';
import { resolveProbe } from '../probe/configuration.ts';
import { FeatureSource } from '../probe/features.ts';
import type { OnProgress } from '../run/progress.ts';
import type { TrainingSettings } from '../run/settings.ts';
import { openBase } from '../transformer/base.ts';
import { defaultMaxLength } from '../transformer/configuration.ts';

/** By tree, by response. */
export type StudyFeatures = readonly (readonly Float32Array[])[];

/** What has features. */
type Described = Pick<PreferenceTree, 'prompt' | 'responses'>;

export interface FeatureChoice {
  /** A checkpoint; null for hashed words. */
  readonly base: string | null;
  readonly settings: Pick<
    TrainingSettings,
    'pooling' | 'maxLength' | 'depth' | 'int8' | 'provider' | 'threads'
  >;
}

/**
 * Words and word pairs hashed into so many columns with random signs, which keeps inner products on the average
 * (Weinberger et al. 2009), beside the surface features of the linear model.
 */
const hashedColumns = 256;

export const hashedFeatures = (items: readonly Described[]): StudyFeatures => {
  const featuriser = new Featuriser({ ...defaultFeatures, dimension: hashedColumns });
  return items.map(({ prompt, responses }) => {
    featuriser.setPrompt(prompt);
    return responses.map((response) => {
      featuriser.setResponse(response);
      const vector = new Float32Array(hashedColumns + surfaceNames.length);
      const { columns, values, entries, surface } = featuriser;
      for (let k = 0; k < entries; k++) vector[columns[k]!] = vector[columns[k]!]! + values[k]!;
      vector.set(surface, hashedColumns);
      return vector;
    });
  });
};

/** @throws reward.bad_configuration, model.*, engine.*; the signal's reason */
export const studyFeatures = async (
  items: readonly Described[],
  { base, settings }: FeatureChoice,
  options: { readonly signal?: AbortSignal; readonly onProgress?: OnProgress },
): Promise<StudyFeatures> => {
  if (base === null) return hashedFeatures(items);
  const open = await openBase(base, settings.maxLength ?? defaultMaxLength, options);
  const configuration = resolveProbe(
    { ...settings, base },
    open.model,
    open.formatter.maxLength,
    singleHead(),
  );
  const source = new FeatureSource(open, { ...configuration, prompts: false, cache: featureCacheOptions() });
  try {
    return (await source.features(items, options)).map(({ responses }) => responses);
  } finally {
    await source.close();
  }
};
