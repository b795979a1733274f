/** @file A rollout: prompts, the policy's own responses to them, and what a reward says of each. */
import { type Prompt, plauditError, Random } from '@plaudit/contract';
import type { Formatter, Generator } from '@plaudit/models';
import {
  type FailurePolicy,
  type PenalisedReward,
  type PenaltyOptions,
  penalised,
  type RewardScore,
  type RewardSource,
  rewardAll,
} from '../rewards/index.ts';

/** A prompt as it is sampled from. */
export interface EncodedPrompt {
  readonly prompt: Prompt;
  readonly tokens: readonly number[];
  /** Whether its beginning was left out, so that a response fits behind it. */
  readonly truncated: boolean;
}

/** Leaves `room` tokens for a response; a beginning that is left out is the conversation's, never the BOS. */
export const encodePrompt = (formatter: Formatter, prompt: Prompt, room: number): EncodedPrompt => {
  const { prompt: all, truncated } = formatter.formatTree(prompt, []);
  const most = Math.max(1, formatter.maxLength - room);
  if (all.length <= most) return { prompt, tokens: all, truncated };
  const { bos } = formatter.tokenizer.ids;
  const first = bos !== undefined && all[0] === bos && most > 1 ? [bos] : [];
  return { prompt, tokens: [...first, ...all.slice(all.length - most + first.length)], truncated: true };
};

/** A response that the policy wrote. */
interface SampledResponse {
  /** The end token included, where it ended by itself. */
  readonly tokens: readonly number[];
  readonly text: string;
  readonly ended: boolean;
}

export interface SampledPrompt {
  readonly prompt: EncodedPrompt;
  readonly responses: readonly SampledResponse[];
}

export interface SamplingOptions {
  readonly maxNewTokens: number;
  readonly temperature: number;
  readonly topK: number | null;
  readonly topP: number | null;
  readonly minP: number | null;
}

/** The seed of a prompt among others: no two prompts, of this seed or another one, share their random numbers. */
export const promptSeed = (seed: number, index: number): number =>
  new Random(seed, `prompt:${index}`).uint32();

export const sampleResponses = async (
  generator: Generator,
  formatter: Formatter,
  prompts: readonly EncodedPrompt[],
  samples: number,
  seed: number,
  { maxNewTokens, temperature, topK, topP, minP }: SamplingOptions,
  signal?: AbortSignal,
): Promise<SampledPrompt[]> => {
  const generated = await generator.generate(
    prompts.map(({ tokens }, i) => ({ prompt: tokens, samples, seed: promptSeed(seed, i) })),
    {
      maxNewTokens,
      temperature,
      ...(topK !== null && { topK }),
      ...(topP !== null && { topP }),
      ...(minP !== null && { minP }),
      endIds: endsOf(formatter),
      ...(signal && { signal }),
    },
  );
  return generated.map((responses, i) => ({
    prompt: prompts[i]!,
    responses: responses.map(({ tokens, ended }) => ({
      tokens,
      text: textOf(formatter, tokens),
      ended: ended === 'end',
    })),
  }));
};

/** What ends a response: the end of a turn, and EOS where that is another token. */
export const endsOf = ({ endId, tokenizer }: Formatter): number[] => [
  ...new Set([endId, ...(tokenizer.ids.eos === undefined ? [] : [tokenizer.ids.eos])]),
];

const textOf = (formatter: Formatter, tokens: readonly number[]): string => {
  const ends = new Set(endsOf(formatter));
  return formatter.tokenizer.decode(tokens.filter((token) => !ends.has(token)));
};

/** A response with its reward. */
interface RewardedResponse extends SampledResponse {
  readonly score: RewardScore;
  readonly reward: PenalisedReward;
  /** The held-out reward and the cost, where there are such. */
  readonly gold: number | null;
  readonly cost: number | null;
}

export interface RewardedPrompt {
  readonly prompt: EncodedPrompt;
  readonly responses: readonly RewardedResponse[];
}

export interface Rewards {
  readonly reward: RewardSource;
  readonly gold: RewardSource | null;
  readonly cost: RewardSource | null;
  readonly failures: FailurePolicy;
  readonly penalty: PenaltyOptions;
}

/**
 * Rewards sampled responses. Responses without a reward, or without a cost where there is one, are left out, and prompts
 * that have none left. Of both together too no more than half of the responses may lack.
 *
 * @throws reward.rewards_failed; the signal's reason
 */
export const rewardResponses = async (
  sampled: readonly SampledPrompt[],
  { reward, gold, cost, failures, penalty }: Rewards,
  signal?: AbortSignal,
): Promise<{ readonly prompts: RewardedPrompt[]; readonly dropped: number }> => {
  const items = sampled.map(({ prompt, responses }) => ({
    prompt: prompt.prompt,
    responses: responses.map(({ text }) => text),
  }));
  const rewarded = await rewardAll(reward, items, failures, signal);
  const costs = cost && (await rewardAll(cost, items, failures, signal)).scores;
  const golds = gold && (await rewardAll(gold, items, failures, signal)).scores;
  const ended = sampled.map(({ responses }) => responses.map((response) => response.ended));
  const rewards = penalised(rewarded.scores, ended, penalty);
  let dropped = 0;
  const prompts = sampled.flatMap(({ prompt, responses }, i): RewardedPrompt[] => {
    const kept = responses.flatMap((response, k): RewardedResponse[] => {
      const score = rewarded.scores[i]![k]!;
      const own = costs ? costs[i]![k]! : null;
      if (score === null || (costs && own === null)) {
        dropped++;
        return [];
      }
      return [
        {
          ...response,
          score,
          reward: rewards[i]![k]!,
          gold: golds === null ? null : (golds[i]![k]?.reward ?? null),
          cost: own?.reward ?? null,
        },
      ];
    });
    return kept.length > 0 ? [{ prompt, responses: kept }] : [];
  });
  const count = items.reduce((sum, { responses }) => sum + responses.length, 0);
  if (dropped > Math.floor(count / 2))
    throw plauditError('reward.rewards_failed', {
      reward: `${reward.name}, or the cost ${cost!.name},`,
      failed: dropped,
      responses: count,
      problem: 'neither lacks more than half, and both together do.',
    });
  return { prompts, dropped };
};
