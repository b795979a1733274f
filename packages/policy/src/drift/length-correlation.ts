/** @file Whether the reward goes with length among the responses to one prompt. */
import { pearson } from '@plaudit/feedback';

/** One response. */
export interface RewardedLength {
  readonly reward: number;
  /** Tokens, or any other measure. */
  readonly length: number;
}

/**
 * Pearson's correlation of reward and length after subtracting the mean of each prompt from both, over all responses: what
 * the reward pays for length itself, not for prompts that ask for long answers.
 *
 * @param groups The responses of each prompt.
 * @returns null where rewards or lengths never vary within a prompt
 */
export const withinPromptLengthCorrelation = (
  groups: readonly (readonly RewardedLength[])[],
): number | null => {
  const rewards: number[] = [];
  const lengths: number[] = [];
  for (const group of groups) {
    const meanReward = group.reduce((sum, { reward }) => sum + reward, 0) / group.length;
    const meanLength = group.reduce((sum, { length }) => sum + length, 0) / group.length;
    // What rounding leaves of equal numbers is not variation.
    const varies = group.some(({ reward }) => reward !== group[0]!.reward);
    for (const { reward, length } of group) {
      rewards.push(varies ? reward - meanReward : 0);
      lengths.push(length - meanLength);
    }
  }
  return pearson(rewards, lengths);
};
