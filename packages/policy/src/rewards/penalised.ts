/** @file From what a reward says to what a policy learns from: unit scale, bounds, and a price for not ending. */
import { plauditError } from '@plaudit/contract';
import type { RewardScore, RewardSource } from './source.ts';

export interface PenaltyOptions {
  /** Rewards become (reward - mean) / std; as they are by default. */
  readonly normaliser?: { readonly mean: number; readonly std: number } | null;
  /** Least and largest reward, after normalising; none by default. OpenRLHF has [-10, 10]. */
  readonly clip?: readonly [least: number, most: number] | null;
  /**
   * Subtracted from the reward of a response that did not end by itself, in units of the reward as it then is; none by
   * default. It comes behind the bounds, so that a response at the least reward pays it too.
   *
   * @see TRL's missing_eos_penalty
   */
  readonly missingEndPenalty?: number | null;
}

/** What a policy learns from, beside what the reward said. */
export interface PenalisedReward {
  readonly reward: number;
  /** As the reward gave it. */
  readonly raw: number;
  /** Standard deviation, in the units of `reward`. */
  readonly uncertainty: number | null;
  readonly clipped: boolean;
  /** Whether the penalty for not ending was taken. */
  readonly unended: boolean;
}

/**
 * @param scores null for a dropped response, which stays null
 * @param ended For each response, whether it ended by itself and not at the limit of its length
 */
export const penalised = (
  scores: readonly (readonly (RewardScore | null)[])[],
  ended: readonly (readonly boolean[])[],
  { normaliser, clip, missingEndPenalty }: PenaltyOptions = {},
): (PenalisedReward | null)[][] => {
  const { mean, std } = normaliser ?? { mean: 0, std: 1 };
  const [least, most] = clip ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return scores.map((row, item) =>
    row.map((score, response) => {
      if (score === null) return null;
      const scaled = (score.reward - mean) / std;
      const bounded = Math.min(most, Math.max(least, scaled));
      const unended = missingEndPenalty != null && !ended[item]![response]!;
      return {
        reward: unended ? bounded - missingEndPenalty : bounded,
        raw: score.reward,
        uncertainty: score.uncertainty === null ? null : score.uncertainty / std,
        clipped: bounded !== scaled,
        unended,
      };
    }),
  );
};

/** The mean and spread of a reward. @throws reward.normaliser_missing where they were not measured */
export const normaliserOf = ({ name, normaliser }: RewardSource): { mean: number; std: number } => {
  if (!normaliser) throw plauditError('reward.normaliser_missing', { reward: name });
  return normaliser;
};
