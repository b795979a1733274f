/** @file The settings of a linear reward model's training and their defaults. */
import type { FeatureConfiguration } from './features.ts';
import { defaultFeatures } from './features.ts';

export interface LinearConfiguration {
  readonly features: FeatureConfiguration;
  /** Prior precisions tried for hashed weights; the one with the lowest validation loss is kept. */
  readonly l2: readonly number[];
  /** Prior precisions tried for surface weights (per standard deviation of the feature), in every combination. */
  readonly surfaceL2: readonly number[];
  /** 0 <= labelSmoothing < 0.5. */
  readonly labelSmoothing: number;
  /** Multiplies the data's margins; 0 ignores them. */
  readonly marginScale: number;
  readonly maxIterations: number;
}

export const defaultLinear: LinearConfiguration = {
  features: defaultFeatures,
  l2: [3, 10, 30, 100, 300, 1000],
  surfaceL2: [1, 10, 100],
  labelSmoothing: 0,
  marginScale: 0,
  maxIterations: 200,
};
