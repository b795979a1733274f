/** @file CUPED: a number known before the experiment takes the part of the variance away that it explains. */
import { type Measured, type Moments, momentsOf, requireFinite, tooFew } from './measured.ts';

/** One unit: its outcome, and what was known of it before. */
export interface CovariateArm {
  readonly outcomes: readonly number[];
  readonly covariates: readonly number[];
}

export interface CovariateAdjustment {
  /** The pooled slope of outcome on covariate. */
  readonly slope: number;
  /** Correlation of both within the arms, pooled. */
  readonly correlation: number;
  /** Share of the variance that is left. */
  readonly remaining: number;
  /** The arms after the adjustment, in order. */
  readonly arms: readonly Moments[];
}

/**
 * Outcome - slope (covariate - mean covariate of all arms), with the slope cov(Y, X) / var(X) within the arms, pooled. The
 * mean of the arms' difference stays, its variance falls by the squared correlation.
 *
 * @param least Units that each arm needs. Default 50.
 * @returns A slope of 0 where the covariate never varies
 * @throws RangeError for lists of different lengths
 * @see Deng et al. 2013, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data"
 */
export const adjustByCovariate = (
  arms: readonly CovariateArm[],
  { least = 50 }: { readonly least?: number } = {},
): Measured<CovariateAdjustment> => {
  for (const { outcomes, covariates } of arms) {
    if (outcomes.length !== covariates.length)
      throw new RangeError(`${outcomes.length} outcomes against ${covariates.length} covariates`);
    requireFinite('outcomes', outcomes);
    requireFinite('covariates', covariates);
  }
  const fewest = Math.min(...arms.map(({ outcomes }) => outcomes.length));
  if (arms.length === 0 || fewest < least) return tooFew(arms.length === 0 ? 0 : fewest, least);
  let [xy, xx, yy, total, count] = [0, 0, 0, 0, 0];
  for (const { outcomes, covariates } of arms) {
    const meanX = momentsOf(covariates).mean;
    const meanY = momentsOf(outcomes).mean;
    total += meanX * covariates.length;
    count += covariates.length;
    outcomes.forEach((outcome, i) => {
      const dx = covariates[i]! - meanX;
      const dy = outcome - meanY;
      xy += dx * dy;
      xx += dx * dx;
      yy += dy * dy;
    });
  }
  const slope = xx > 0 ? xy / xx : 0;
  const correlation = xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
  const mean = total / count;
  return {
    enough: true,
    n: count,
    slope,
    correlation,
    remaining: 1 - correlation ** 2,
    arms: arms.map(({ outcomes, covariates }) =>
      momentsOf(outcomes.map((outcome, i) => outcome - slope * (covariates[i]! - mean))),
    ),
  };
};
