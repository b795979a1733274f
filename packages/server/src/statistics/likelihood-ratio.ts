/** @file Sequential likelihood ratios: of two normal means (mSPRT), and of how often something rare happens in two arms. */

/**
 * The mixture of the sequential probability ratio test of two means with a normal prior on their difference.
 *
 * @param variance Of one observation, the same in both arms.
 * @param priorVariance Of the difference, before it is seen.
 * @param n Observations of each arm.
 * @returns The evidence against equal means; 1 / alpha is enough at any look.
 * @see Johari et al. 2017 (arXiv 1512.04922), eq. 9 for two streams
 */
export const mixtureLikelihoodRatio = (
  difference: number,
  {
    n,
    variance,
    priorVariance,
  }: { readonly n: number; readonly variance: number; readonly priorVariance: number },
): number => {
  if (!(variance > 0 && priorVariance > 0)) throw new RangeError('variances are above 0');
  const both = 2 * variance;
  const grown = both + n * priorVariance;
  return (
    Math.sqrt(both / grown) * Math.exp((n * n * priorVariance * difference * difference) / (2 * both * grown))
  );
};

/** The p-value that stays valid however often one looks: the least of all looks so far. @param before 1 at the first look. */
export const sequentialPValue = (before: number, likelihoodRatio: number): number =>
  Math.min(before, 1 / likelihoodRatio);

/** How often something happened to each side while the treatment had a given share of the units. */
export interface Stage {
  /** Above 0, below 1: by design, not as counted afterwards. */
  readonly share: number;
  readonly treatment: number;
  readonly control: number;
}

/** The rate ratios that the alternative is mixed of, each with the same weight. */
const ratios = [1.25, 1.5, 2, 3, 5, 10, 30];

/**
 * Evidence that something happens more often to the treatment: where both rates are equal, each event falls to the treatment
 * with the chance of its share, whatever the rate itself is and however rare. The expectation of the result is then at most 1
 * at every look, so that it passes 1 / alpha with a chance of at most alpha, ever (Ville 1939); no approximation is made.
 *
 * @param tolerated The rate ratio that is not held against the treatment. Default 1.
 */
export const excessEvidence = (stages: readonly Stage[], tolerated = 1): number => {
  for (const { share, treatment, control } of stages) {
    if (!(share > 0 && share < 1)) throw new RangeError('a share is between 0 and 1');
    if (!(treatment >= 0 && control >= 0)) throw new RangeError('events are counted from 0');
  }
  const chanceOf = (share: number, ratio: number): number => (share * ratio) / (share * ratio + 1 - share);
  const logs = ratios.map((ratio) =>
    stages.reduce((sum, { share, treatment, control }) => {
      const under = chanceOf(share, tolerated);
      const instead = chanceOf(share, tolerated * ratio);
      return (
        sum + treatment * Math.log(instead / under) + control * (Math.log1p(-instead) - Math.log1p(-under))
      );
    }, 0),
  );
  return logs.reduce((sum, log) => sum + Math.exp(log), 0) / ratios.length;
};
