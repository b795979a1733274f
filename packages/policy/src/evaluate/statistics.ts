/** @file What a policy does on a set of prompts, as means with intervals that treat each prompt as one observation. */

import { clusterBootstrap, fewestClusters } from '@plaudit/feedback';
import type { Interval } from '@plaudit/reward';
import { repeatedShare, withinPromptLengthCorrelation } from '../drift/index.ts';

export interface MeanWithError {
  readonly mean: number;
  /** Of the mean, clustered by prompt; null for fewer than two prompts. */
  readonly standardError: number | null;
  /** 95 %, over resamples of whole prompts; null for fewer than ten prompts. */
  readonly interval: Interval | null;
}

/** One response of the policy. */
export interface EvaluatedResponse {
  /** What tells the prompts apart. */
  readonly prompt: string;
  readonly text: string;
  readonly reward: number;
  readonly gold?: number;
  /** Divergence from the reference over the response, nats. */
  readonly kl?: number;
  /** Tokens. */
  readonly length: number;
  /** Whether it ended by itself. */
  readonly ended: boolean;
}

export interface PolicyStatistics {
  readonly prompts: number;
  readonly responses: number;
  readonly reward: MeanWithError;
  /** Where every response has one. */
  readonly gold?: MeanWithError;
  readonly kl?: MeanWithError;
  readonly length: MeanWithError;
  /** Share. */
  readonly ended: MeanWithError;
  /** Share of word four-grams of a response that it has said before. */
  readonly repetition: MeanWithError;
  /** Of reward and length within prompts; null where nothing varies. */
  readonly lengthCorrelation: number | null;
}

/**
 * The standard error of a mean whose observations of one prompt are not independent.
 *
 * @returns null for fewer than two prompts
 * @see Liang and Zeger 1986, with the correction C / (C - 1) for C clusters
 */
export const clusteredStandardError = (
  values: readonly number[],
  prompts: readonly string[],
): number | null => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sums = new Map<string, number>();
  values.forEach((value, i) => {
    sums.set(prompts[i]!, (sums.get(prompts[i]!) ?? 0) + value - mean);
  });
  const clusters = sums.size;
  if (clusters < 2) return null;
  const squares = [...sums.values()].reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt((squares * clusters) / (clusters - 1)) / values.length;
};

/** @throws RangeError without responses */
export const policyStatistics = (
  responses: readonly EvaluatedResponse[],
  { seed = 0 }: { readonly seed?: number } = {},
): PolicyStatistics => {
  if (responses.length === 0) throw new RangeError('statistics of no responses have no value');
  const prompts = responses.map(({ prompt }) => prompt);
  const different = new Set(prompts).size;
  const measured = (of: (response: EvaluatedResponse) => number): MeanWithError => {
    const rows = responses.map((response) => ({ cluster: response.prompt, value: of(response) }));
    const { mean, interval } = clusterBootstrap(rows, ({ value }) => value, { seed });
    return {
      mean,
      standardError: clusteredStandardError(
        rows.map(({ value }) => value),
        prompts,
      ),
      interval: different < fewestClusters ? null : interval,
    };
  };
  const groups = Map.groupBy(responses, ({ prompt }) => prompt);
  return {
    prompts: different,
    responses: responses.length,
    reward: measured(({ reward }) => reward),
    ...(responses.every(({ gold }) => gold !== undefined) && { gold: measured(({ gold }) => gold!) }),
    ...(responses.every(({ kl }) => kl !== undefined) && { kl: measured(({ kl }) => kl!) }),
    length: measured(({ length }) => length),
    ended: measured(({ ended }) => Number(ended)),
    repetition: measured(({ text }) => repeatedShare(text)),
    lengthCorrelation: withinPromptLengthCorrelation([...groups.values()]),
  };
};
