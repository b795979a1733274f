/** @file What happens to responses without a reward: they are asked about again, then the run stops or goes on without them. */
import { plauditError } from '@plaudit/contract';
import {
  hasFailed,
  type RewardFailure,
  type RewardItem,
  type RewardOptions,
  type RewardOutcome,
  type RewardScore,
  type RewardSource,
} from './source.ts';

export interface FailurePolicy {
  /** How often failed responses are given to the reward again, beside what it tries itself; 1 by default. */
  readonly retries?: number;
  /** `stop` by default; `drop` leaves the responses out, unless they are more than half of those asked about. */
  readonly onFailure?: 'stop' | 'drop';
}

/** What became of the responses of an update. */
export interface Rewarded {
  /** null for a response that was dropped. */
  readonly scores: (RewardScore | null)[][];
  readonly dropped: number;
  /** How many responses had to be asked about again. */
  readonly retried: number;
}

/** The failed responses as items of their own, with the places that they came from. */
const failedOf = (items: readonly RewardItem[], outcomes: readonly (readonly RewardOutcome[])[]) =>
  items.flatMap(({ prompt, responses }, item) => {
    const places = outcomes[item]!.flatMap((outcome, response) => (hasFailed(outcome) ? [response] : []));
    const asked = { prompt, responses: places.map((response) => responses[response]!) };
    return places.length === 0 ? [] : [{ item, places, asked }];
  });

/**
 * Rewards the responses of an update. A response without a reward never counts as one of 0.
 *
 * @throws reward.rewards_failed naming the reward, how many responses failed and the first failure; the signal's reason
 */
export const rewardAll = async (
  source: RewardSource,
  items: readonly RewardItem[],
  policy: FailurePolicy = {},
  signal?: AbortSignal,
): Promise<Rewarded> => {
  const { retries = 1, onFailure = 'stop' } = policy;
  const count = items.reduce((sum, { responses }) => sum + responses.length, 0);
  const half = Math.floor(count / 2);
  const most = onFailure === 'stop' ? 0 : half;
  // A single failure stops the run only when nothing will be tried again; till then all are worth asking about.
  const options = (retry: number): RewardOptions => ({
    giveUpAfter: (retry === retries ? most : half) + 1,
    ...(signal && { signal }),
  });
  const outcomes = await source.score(items, options(0));
  let retried = 0;
  for (let retry = 1; retry <= retries; retry++) {
    const failed = failedOf(items, outcomes);
    if (failed.length === 0) break;
    const asked = failed.map((one) => one.asked);
    retried += failed.reduce((sum, { places }) => sum + places.length, 0);
    const answers = await source.score(asked, options(retry));
    for (const [i, { item, places }] of failed.entries())
      for (const [k, response] of places.entries()) outcomes[item]![response] = answers[i]![k]!;
  }
  const failures: RewardFailure[] = outcomes.flat().filter(hasFailed);
  if (failures.length > most)
    throw plauditError(
      'reward.rewards_failed',
      {
        reward: source.name,
        failed: failures.length,
        responses: count,
        problem: failures[0]!.failed.message,
      },
      failures[0]!.failed,
    );
  return {
    scores: outcomes.map((row) => row.map((outcome) => (hasFailed(outcome) ? null : outcome))),
    dropped: failures.length,
    retried,
  };
};
