/** @file What a probe of a reward model is: a small generated set, the numbers that come of it, and what they mean. */

import { accuracyWithInterval, clusterBootstrap } from '@plaudit/feedback';
import type { ScoreItem } from '../model.ts';
import type { Interval } from '../validation/document.ts';

/** One number of a probe. */
export interface ProbeMeasure {
  readonly name: string;
  /**
   * `share` from 0 to 1; `points` a difference of two shares; `deviations` of rewards, in standard deviations of the rewards
   * of plain answers.
   */
  readonly unit: 'share' | 'points' | 'deviations';
  readonly value: number;
  /** 95 %, over resampled prompts; null for a largest value. */
  readonly interval: Interval | null;
  /** What a model that does not care gives; null where there is no such value. */
  readonly neutral: number | null;
  readonly prompts: number;
}

export interface ProbeResult {
  readonly name: string;
  readonly title: string;
  /** What is done to the texts, and how to read the numbers. */
  readonly meaning: string;
  readonly measures: readonly ProbeMeasure[];
}

/** What a probe may use. */
export interface ProbeContext {
  /** Rewards of every item's responses, in order, from one call. */
  readonly score: (items: readonly ScoreItem[]) => Promise<number[][]>;
  readonly seed: number;
  /** Prompts of the support desk. */
  readonly items: number;
  /** Standard deviation of the rewards of plain answers; 1 where they are all alike. */
  readonly deviation: number;
}

export interface Probe {
  readonly name: string;
  run(context: ProbeContext): Promise<ProbeResult>;
}

/** The rewards of two responses to one prompt: of the one that has a property, and of the one that has not. */
export interface Contrast {
  readonly cluster: string;
  readonly having: number;
  readonly lacking: number;
}

const wins = ({ having, lacking }: Contrast): number => (having > lacking ? 1 : having < lacking ? 0 : 0.5);

const clustersIn = (items: readonly { readonly cluster: string }[]): number =>
  new Set(items.map(({ cluster }) => cluster)).size;

/** How often the response with the property has the higher reward; equal rewards count one half. */
export const winShare = (
  name: string,
  contrasts: readonly Contrast[],
  seed: number,
  neutral: number | null = 0.5,
): ProbeMeasure => {
  const { accuracy, accuracyInterval } = accuracyWithInterval(contrasts, wins, { seed });
  return {
    name,
    unit: 'share',
    value: accuracy,
    interval: accuracyInterval,
    neutral,
    prompts: clustersIn(contrasts),
  };
};

/** By how much the property raises the reward. */
export const meanLead = (
  name: string,
  contrasts: readonly Contrast[],
  { deviation, seed }: Pick<ProbeContext, 'deviation' | 'seed'>,
): ProbeMeasure => {
  const { mean, interval } = clusterBootstrap(
    contrasts,
    ({ having, lacking }) => (having - lacking) / deviation,
    { seed },
  );
  return { name, unit: 'deviations', value: mean, interval, neutral: 0, prompts: clustersIn(contrasts) };
};

/** The largest change of a reward, where there should be none. */
export const largestChange = (
  name: string,
  contrasts: readonly Contrast[],
  { deviation }: Pick<ProbeContext, 'deviation'>,
): ProbeMeasure => ({
  name,
  unit: 'deviations',
  value:
    contrasts.reduce((most, { having, lacking }) => Math.max(most, Math.abs(having - lacking)), 0) /
    deviation,
  interval: null,
  neutral: 0,
  prompts: clustersIn(contrasts),
});

/** How much more often the property wins in one setting than in the other, prompt by prompt. */
export const differenceOfShares = (
  name: string,
  first: readonly Contrast[],
  second: readonly Contrast[],
  seed: number,
): ProbeMeasure => {
  const { mean, interval } = clusterBootstrap(first, (one, i) => wins(one) - wins(second[i]!), { seed });
  return { name, unit: 'points', value: mean, interval, neutral: 0, prompts: clustersIn(first) };
};

/** Scores pairs of responses, one item each: first the one that has the property, then the one that has not. */
export const contrastsOf = async (
  { score }: ProbeContext,
  pairs: readonly {
    readonly cluster: string;
    readonly prompt: string;
    readonly having: string;
    readonly lacking: string;
  }[],
): Promise<Contrast[]> => {
  const rewards = await score(
    pairs.map(({ prompt, having, lacking }) => ({
      prompt: [{ role: 'user', content: prompt }],
      responses: [having, lacking],
    })),
  );
  return pairs.map(({ cluster }, i) => ({ cluster, having: rewards[i]![0]!, lacking: rewards[i]![1]! }));
};
