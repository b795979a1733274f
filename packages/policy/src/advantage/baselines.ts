/** @file Advantages of whole responses: a score less what the others of its prompt, or of its time, have on average. */
import { deviation, type Moments, noMoments, withNumbers } from './moments.ts';

/** Scores of the responses to each prompt. */
export type Groups = readonly (readonly number[])[];

const meanOf = (numbers: readonly number[]): number => withNumbers(noMoments, numbers).mean;

/**
 * RLOO: the score less the mean of the other responses to the prompt. A response that is alone has no baseline, and
 * an advantage of 0.
 *
 * @see Ahmadian et al. 2024; Kool et al. 2019
 */
export const leaveOneOut = (groups: Groups): number[][] =>
  groups.map((scores) => {
    const mean = meanOf(scores);
    const others = scores.length - 1;
    return scores.map((score) => (others === 0 ? 0 : ((score - mean) * scores.length) / others));
  });

/** Added to deviations, as TRL 1.16 does. */
const epsilon = 1e-4;

/**
 * GRPO: the score less the mean of its group, in units of the deviation (n - 1) of the group or of all scores, or as it
 * is. A group of equal scores has advantages of 0.
 *
 * @param scale `none` is Dr. GRPO's; without it prompts on which the policy is nearly always right, or wrong, count more
 * @see Shao et al. 2024 (DeepSeekMath); Liu et al. 2025 (Dr. GRPO); TRL 1.16 `scale_rewards`
 */
export const groupRelative = (
  groups: Groups,
  { scale = 'group' }: { readonly scale?: 'group' | 'batch' | 'none' } = {},
): number[][] => {
  const all = deviation(withNumbers(noMoments, groups.flat()));
  return groups.map((scores) => {
    const moments = withNumbers(noMoments, scores);
    const unit = scale === 'none' ? 1 : (scale === 'group' ? deviation(moments) : all) + epsilon;
    return scores.map((score) => (score - moments.mean) / unit);
  });
};

/** REINFORCE with a baseline: the score less the mean of the batch. */
export const batchBaseline = (scores: readonly number[]): number[] => {
  const mean = meanOf(scores);
  return scores.map((score) => score - mean);
};

/**
 * REINFORCE with a baseline: the score less the mean of all scores of earlier batches, on which it does not depend; of
 * this batch where there was none.
 *
 * @see Williams 1992; Ahmadian et al. 2024
 */
export const runningBaseline = (
  before: Moments,
  scores: readonly number[],
): { readonly advantages: number[]; readonly moments: Moments } => {
  const moments = withNumbers(before, scores);
  const { mean } = before.count > 0 ? before : moments;
  return { advantages: scores.map((score) => score - mean), moments };
};
