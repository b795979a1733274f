/** @file Mean and deviation of numbers that come bit by bit: running baselines and the scaling of scores. */

/** What is kept of the numbers so far; a plain record, to be saved and resumed from as it is. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly squares: number;
}

export const noMoments: Moments = { count: 0, mean: 0, squares: 0 };

/** Moments with more numbers taken in. @see Welford 1962 */
export const withNumbers = (moments: Moments, numbers: Iterable<number>): Moments => {
  let { count, mean, squares } = moments;
  for (const number of numbers) {
    count++;
    const distance = number - mean;
    mean += distance / count;
    squares += distance * (number - mean);
  }
  return { count, mean, squares };
};

/** The standard deviation of what the numbers are a sample of (n - 1); 0 for fewer than two. */
export const deviation = ({ count, squares }: Moments): number =>
  count > 1 ? Math.sqrt(squares / (count - 1)) : 0;

/** Scores in units of the deviation of all scores so far, and what to go on with. */
export interface ScaledScores {
  readonly scores: number[];
  readonly moments: Moments;
}

/**
 * Scores divided by the running deviation, these scores included; as they are while all were equal.
 *
 * @param centre Takes the running mean off first
 * @see TRL 0.8 `PPOConfig.use_score_scaling`, `use_score_norm`; Engstrom et al. 2020 on what scaling brings
 */
export const scaleScores = (
  before: Moments,
  scores: readonly number[],
  { centre = false }: { readonly centre?: boolean } = {},
): ScaledScores => {
  const moments = withNumbers(before, scores);
  const scale = deviation(moments) || 1;
  const origin = centre ? moments.mean : 0;
  return { scores: scores.map((score) => (score - origin) / scale), moments };
};
