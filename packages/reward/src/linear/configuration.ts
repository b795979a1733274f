/** @file The settings of a linear reward model's training, their defaults and their check. */
import { plauditError } from '@plaudit/contract';
import { defaultFeatures, type FeatureConfiguration } from './features.ts';

export interface LinearConfiguration {
  readonly features: FeatureConfiguration;
  /** Prior precisions tried for hashed weights; the combination with the lowest validation loss is kept. */
  readonly l2: readonly number[];
  /** Prior precisions tried for surface weights (per standard deviation of the feature). */
  readonly surfaceL2: readonly number[];
  /** 0 <= labelSmoothing < 0.5. */
  readonly labelSmoothing: number;
  /** Multiplies the data's margins; 0 ignores them. */
  readonly marginScale: number;
  readonly maxIterations: number;
}

export const defaultLinear: LinearConfiguration = {
  features: defaultFeatures,
  l2: [1, 3, 10, 30, 100, 300],
  // Within 0.005 nats of the best strength on HH, Auto-J, PandaLM and AlpacaEval-1; a grid only added selection noise.
  surfaceL2: [30],
  labelSmoothing: 0,
  marginScale: 0,
  maxIterations: 200,
};

/** @throws reward.bad_configuration */
export const checkConfiguration = (configuration: LinearConfiguration): void => {
  const refuse = (setting: string, problem: string): never => {
    throw plauditError('reward.bad_configuration', { setting, problem });
  };
  const { features, l2, surfaceL2, labelSmoothing, marginScale, maxIterations } = configuration;
  const bits = Math.log2(features.dimension);
  if (!Number.isInteger(bits) || bits < 4 || bits > 26)
    refuse('features.dimension', 'it has to be a power of two from 2^4 to 2^26');
  if (!(features.bigramScale >= 0 && features.bigramScale <= 10))
    refuse('features.bigramScale', 'it has to lie between 0 and 10');
  if (!(features.lengthPower >= 0 && features.lengthPower <= 1))
    refuse('features.lengthPower', 'it has to lie between 0 and 1');
  for (const [setting, strengths] of Object.entries({ l2, surfaceL2 }))
    if (strengths.length === 0 || !strengths.every((x) => Number.isFinite(x) && x > 0))
      refuse(setting, 'it has to be a list of positive numbers');
  if (!(labelSmoothing >= 0 && labelSmoothing < 0.5))
    refuse('labelSmoothing', 'it has to be at least 0 and below 0.5');
  if (!(Number.isFinite(marginScale) && marginScale >= 0))
    refuse('marginScale', 'it has to be a number of at least 0');
  if (!(Number.isInteger(maxIterations) && maxIterations > 0))
    refuse('maxIterations', 'it has to be a whole number above 0');
};
