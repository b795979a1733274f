/** @file Tests of a count of successes that need no approximation: binomial, and Poisson binomial where chances differ. */
import { normalCdf } from './normal.ts';

export type Alternative = 'two-sided' | 'less' | 'greater';

/**
 * P(X = k) of a binomial distribution for each k from 0 to `trials`.
 *
 * @param chance Of a success, 0 to 1
 */
export const binomialProbabilities = (trials: number, chance: number): Float64Array => {
  const probabilities = new Float64Array(trials + 1);
  if (chance <= 0 || chance >= 1) {
    probabilities[chance <= 0 ? 0 : trials] = 1;
    return probabilities;
  }
  // From the mode outwards, so that what underflows is too small to count.
  const mode = Math.min(trials, Math.floor((trials + 1) * chance));
  const odds = chance / (1 - chance);
  probabilities[mode] = 1;
  for (let k = mode; k < trials; k++)
    probabilities[k + 1] = (probabilities[k]! * odds * (trials - k)) / (k + 1);
  for (let k = mode; k > 0; k--) probabilities[k - 1] = (probabilities[k]! * k) / (odds * (trials - k + 1));
  const all = probabilities.reduce((sum, one) => sum + one, 0);
  for (let k = 0; k <= trials; k++) probabilities[k] = probabilities[k]! / all;
  return probabilities;
};

/**
 * The exact binomial test. Two-sided, it is the probability of all counts that are at most as likely as the one found, as
 * in R's `binom.test` and SciPy's `binomtest`.
 *
 * @returns The p-value; 1 for no trials
 */
export const binomialTest = (
  successes: number,
  trials: number,
  chance = 0.5,
  alternative: Alternative = 'two-sided',
): number => {
  if (!(Number.isInteger(successes) && Number.isInteger(trials) && successes >= 0 && successes <= trials))
    throw new RangeError('successes are a whole number of the trials');
  const probabilities = binomialProbabilities(trials, chance);
  // Counts on the other side of the mode that are exactly as likely may differ in the last digits.
  const asLikely = probabilities[successes]! * (1 + 1e-7);
  const counts = {
    less: (k: number) => k <= successes,
    greater: (k: number) => k >= successes,
    'two-sided': (k: number) => probabilities[k]! <= asLikely,
  }[alternative];
  return Math.min(
    1,
    probabilities.reduce((sum, probability, k) => (counts(k) ? sum + probability : sum), 0),
  );
};

/** Above so many trials the Poisson binomial distribution is taken as a skewed normal one. */
const mostExact = 1000;

/**
 * P(X <= successes) and P(X >= successes) for a sum of independent trials whose chances differ. Exact up to 1,000 trials;
 * above, the normal distribution with the correction for skewness, whose error is then below 0.001.
 *
 * @see Hong 2013 for both, "On computing the distribution function for the Poisson binomial distribution"
 */
export const poissonBinomialTails = (
  chances: ArrayLike<number>,
  successes: number,
): { readonly lower: number; readonly upper: number } => {
  const trials = chances.length;
  if (trials > mostExact) return normalTails(chances, successes);
  const probabilities = new Float64Array(trials + 1);
  probabilities[0] = 1;
  for (let i = 0; i < trials; i++) {
    const chance = chances[i]!;
    for (let k = i + 1; k > 0; k--)
      probabilities[k] = probabilities[k]! * (1 - chance) + probabilities[k - 1]! * chance;
    probabilities[0] = probabilities[0]! * (1 - chance);
  }
  const sum = (from: number, to: number): number =>
    Math.min(
      1,
      probabilities.subarray(from, to).reduce((total, one) => total + one, 0),
    );
  return { lower: sum(0, successes + 1), upper: sum(successes, trials + 1) };
};

const normalTails = (chances: ArrayLike<number>, successes: number): { lower: number; upper: number } => {
  let mean = 0;
  let variance = 0;
  let third = 0;
  for (let i = 0; i < chances.length; i++) {
    const chance = chances[i]!;
    const spread = chance * (1 - chance);
    mean += chance;
    variance += spread;
    third += spread * (1 - 2 * chance);
  }
  if (variance === 0) return { lower: successes >= mean ? 1 : 0, upper: successes <= mean ? 1 : 0 };
  const deviation = Math.sqrt(variance);
  const skew = third / (variance * deviation);
  const below = (count: number): number => {
    const z = (count + 0.5 - mean) / deviation;
    const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    return Math.min(1, Math.max(0, normalCdf(z) + (skew * (1 - z * z) * density) / 6));
  };
  return { lower: below(successes), upper: 1 - below(successes - 1) };
};
