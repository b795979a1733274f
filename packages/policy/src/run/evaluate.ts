/** @file A policy measured on prompts, alone or against another one: rewards, a second reward, lengths, win rates. */
import { type Prompt, plauditError } from '@plaudit/contract';
import { contentId, type PromptRow } from '@plaudit/feedback';
import type { OnProgress } from '@plaudit/reward';
import {
  type EvaluatedResponse,
  evaluateWinRate,
  type PairedRewards,
  type PolicyStatistics,
  policyStatistics,
  type WinRate,
} from '../evaluate/index.ts';
import {
  type FailurePolicy,
  type OpenRewardOptions,
  openReward,
  type RewardFunction,
  type RewardSource,
  rewardAll,
} from '../rewards/index.ts';
import { endsOf, promptSeed } from '../trainer/rollout.ts';
import { readPrompts } from './data.ts';
import { encodedPrompts, type GenerateOptions, samplingOf } from './generate.ts';
import { openWriter } from './open-writer.ts';

export interface EvaluatePolicyOptions extends Omit<GenerateOptions, 'onText'> {
  readonly policy: string;
  /** Another policy, which answers the same prompts. */
  readonly against?: string;
  readonly prompts: readonly string[];
  /** At most so many of the prompts, the first ones. */
  readonly limit?: number;
  /** A reference as `openReward` takes it, or a function: a saved model, a judge, a program, an address, `gold`. */
  readonly reward: string | RewardFunction;
  readonly gold?: string | RewardFunction;
  readonly rewardOptions?: OpenRewardOptions;
  readonly failures?: FailurePolicy;
  readonly onProgress?: OnProgress;
}

/** One policy beside the other, row by row of prompts and samples. */
export type PolicyComparison = WinRate & { readonly rewards: PairedRewards };

export interface EvaluatePolicyDocument {
  readonly policy: string;
  readonly against: string | null;
  readonly reward: string;
  readonly gold: string | null;
  readonly prompts: number;
  readonly samples: number;
  readonly statistics: PolicyStatistics;
  /** Of the other policy; null without one. */
  readonly other: PolicyStatistics | null;
  /** Whether the policy beats the other under the reward, and under the second reward. */
  readonly comparison: PolicyComparison | null;
  readonly goldComparison: PolicyComparison | null;
  /** Responses that got no reward, with those that answer the same prompt. */
  readonly dropped: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

/**
 * Both policies answer with the same random numbers; a row where a reward failed is left out for both.
 *
 * @example await evaluatePolicy({ policy: 'ppo', against: 'sft', prompts: ['fresh.jsonl'], reward: 'gold' })
 * @throws policy.*, reward.*, data.*, model.*, engine.*; the signal's reason
 */
export const evaluatePolicy = async (options: EvaluatePolicyOptions): Promise<EvaluatePolicyDocument> => {
  const started = performance.now();
  const { policy, against, samples = 1, seed = 0, limit, signal } = options;
  const { prompts: all } = await readPrompts(options.prompts, signal);
  const prompts = limit === undefined ? all : all.slice(0, limit);
  if (prompts.length === 0)
    throw plauditError('policy.bad_configuration', { setting: 'prompts', problem: 'it holds no prompt' });
  const opened: RewardSource[] = [];
  const open = async (reference: string | RewardFunction): Promise<RewardSource> => {
    const source = await openReward(reference, options.rewardOptions);
    opened.push(source);
    return source;
  };
  try {
    const reward = await open(options.reward);
    const gold = options.gold === undefined ? null : await open(options.gold);
    const own = await answered(policy, prompts, options);
    const others = against === undefined ? null : await answered(against, prompts, options);
    const rate = async (source: RewardSource, written: readonly Written[]): Promise<(number | null)[]> => {
      const items = prompts.map((prompt, i) => ({
        prompt,
        responses: written.slice(i * samples, (i + 1) * samples).map(({ text }) => text),
      }));
      const { scores } = await rewardAll(source, items, options.failures, signal);
      return scores.flat().map((score) => score?.reward ?? null);
    };
    const rewards = { own: await rate(reward, own), others: others && (await rate(reward, others)) };
    const golds = gold && { own: await rate(gold, own), others: others && (await rate(gold, others)) };
    const ids = prompts.flatMap((prompt) => new Array<string>(samples).fill(contentId(prompt)));
    const kept = ids
      .map((_, i) => i)
      .filter((i) =>
        [rewards.own, rewards.others, golds?.own, golds?.others].every((row) => !row || row[i] !== null),
      );
    const responses = (
      written: readonly Written[],
      own: readonly (number | null)[],
      gold: readonly (number | null)[] | null | undefined,
    ): EvaluatedResponse[] =>
      kept.map((i) => ({
        prompt: ids[i]!,
        ...written[i]!,
        reward: own[i]!,
        ...(gold && { gold: gold[i]! }),
      }));
    const a = responses(own, rewards.own, golds?.own);
    const b = others && responses(others, rewards.others!, golds?.others);
    const compared = (of: (response: EvaluatedResponse) => number): PolicyComparison | null =>
      b &&
      evaluateWinRate({
        rewardsA: a.map(of),
        rewardsB: b.map(of),
        lengthsA: a.map(({ length }) => length),
        lengthsB: b.map(({ length }) => length),
        prompts: a.map(({ prompt }) => prompt),
        seed,
      });
    const comparison = compared((response) => response.reward);
    const goldComparison = golds ? compared((response) => response.gold!) : null;
    return {
      policy,
      against: against ?? null,
      reward: reward.name,
      gold: gold?.name ?? null,
      prompts: prompts.length,
      samples,
      statistics: policyStatistics(a, { seed }),
      other: b && policyStatistics(b, { seed }),
      comparison,
      goldComparison,
      dropped: ids.length - kept.length,
      seconds: (performance.now() - started) / 1000,
      warnings: [...new Set([...(comparison?.warnings ?? []), ...(goldComparison?.warnings ?? [])])],
    };
  } finally {
    await Promise.all(opened.map((source) => source.close()));
  }
};

/** A response as it was written. */
interface Written {
  readonly text: string;
  /** Tokens. */
  readonly length: number;
  readonly ended: boolean;
}

/** [prompt * samples + sample] */
const answered = async (
  reference: string,
  prompts: readonly Prompt[],
  options: EvaluatePolicyOptions,
): Promise<Written[]> => {
  const { samples = 1, seed = 0, signal, onProgress, stop = [] } = options;
  const writer = await openWriter(reference, options);
  try {
    const { formatter } = writer.policy.base;
    const rows: Pick<PromptRow, 'prompt'>[] = prompts.map((prompt) => ({ prompt }));
    const { prompts: encoded, maxNewTokens } = encodedPrompts(rows, formatter, options.maxNewTokens);
    let done = 0;
    const generated = await writer.generator.generate(
      encoded.map(({ tokens }, i) => ({ prompt: tokens, samples, seed: promptSeed(seed, i) })),
      {
        ...samplingOf(options),
        maxNewTokens,
        endIds: endsOf(formatter),
        stop,
        decode: (ids) => formatter.tokenizer.decode([...ids]),
        onToken: ({ ended }) => {
          if (ended === null) return;
          done++;
          onProgress?.({ phase: 'generate', step: done, totalSteps: prompts.length * samples });
        },
        ...(signal && { signal }),
      },
    );
    return generated.flat().map(({ text, tokens, ended }) => ({
      text: text!,
      length: tokens.length,
      ended: ended !== 'length',
    }));
  } finally {
    await writer.close();
  }
};
