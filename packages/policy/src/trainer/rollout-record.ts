/** @file What the log says of a rollout. */
import { deviation as deviationOf, noMoments, withNumbers } from '../advantage/index.ts';
import { repeatedShare, withinPromptLengthCorrelation } from '../drift/index.ts';
import type { Credit } from './credit.ts';
import type { ScoredPrompt } from './minibatch.ts';
import type { PolicyRecord } from './record.ts';
import { sum } from './sum.ts';

type RolloutRecord = NonNullable<PolicyRecord['rollout']>;

/** Samples in each record: enough to read, few enough to keep. */
const shownSamples = 2;
/** Characters of a text in the log. */
const shownLength = 1000;

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length;

const deviation = (values: readonly number[]): number => deviationOf(withNumbers(noMoments, values));

/** 1 - Var(returns - values) / Var(returns); null without a value function or where the returns are all the same. */
const explainedVariance = (scored: readonly ScoredPrompt[], { returns }: Credit): number | null => {
  if (!returns) return null;
  const all = returns.flat().flatMap((own) => Array.from(own));
  const values = scored.flatMap(({ scores }) => scores.flatMap(({ values }) => Array.from(values!)));
  const variance = deviation(all) ** 2;
  if (variance === 0) return null;
  return 1 - deviation(all.map((value, i) => value - values[i]!)) ** 2 / variance;
};

export const rolloutRecord = (
  scored: readonly ScoredPrompt[],
  run: Pick<RolloutRecord, 'dropped' | 'klCoefficient' | 'clipped' | 'valueLoss' | 'phases'> & {
    readonly credit: Credit;
    readonly multiplier: number | null;
  },
): RolloutRecord => {
  const { credit, multiplier, ...given } = run;
  const responses = scored.flatMap((prompt) =>
    prompt.responses.map((response, k) => ({
      ...response,
      prompt: prompt.prompt,
      scores: prompt.scores[k]!,
    })),
  );
  const rewards = responses.map(({ score }) => score.reward);
  const spreads = scored
    .filter(({ responses }) => responses.length > 1)
    .map(({ responses }) => deviation(responses.map(({ score }) => score.reward)));
  const names = [...new Set(responses.flatMap(({ score }) => Object.keys(score.parts)))];
  const golds = responses.flatMap(({ gold }) => (gold === null ? [] : [gold]));
  const costs = responses.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  const tokens = responses.reduce((total, response) => total + response.tokens.length, 0);
  return {
    ...given,
    responses: responses.length,
    reward: mean(rewards),
    rewardDeviation: deviation(rewards),
    rewardDeviationWithinPrompts: spreads.length === 0 ? null : mean(spreads),
    parts: Object.fromEntries(
      names.map((name) => [name, mean(responses.map(({ score }) => score.parts[name] ?? 0))]),
    ),
    ...(golds.length === responses.length && { gold: mean(golds) }),
    kl: mean(responses.map(({ scores }) => Math.max(0, sum(scores.divergences!)))),
    klSampled: mean(responses.map(({ scores }) => sum(scores.logProbabilities) - sum(scores.reference!))),
    entropy: responses.reduce((total, { scores }) => total + sum(scores.entropies), 0) / Math.max(1, tokens),
    length: tokens / Math.max(1, responses.length),
    ended: mean(responses.map(({ ended }) => Number(ended))),
    repetition: mean(responses.map(({ text }) => repeatedShare(text))),
    lengthCorrelation: withinPromptLengthCorrelation(
      scored.map(({ responses }) =>
        responses.map(({ score, tokens }) => ({ reward: score.reward, length: tokens.length })),
      ),
    ),
    explainedVariance: explainedVariance(scored, credit),
    ...(costs.length > 0 && { cost: mean(costs) }),
    ...(multiplier !== null && { multiplier }),
    samples: responses.slice(0, shownSamples).map(({ prompt, text, score, gold }) => ({
      prompt: (prompt.prompt.at(-1)?.content ?? '').slice(0, shownLength),
      response: text.slice(0, shownLength),
      reward: score.reward,
      ...(gold !== null && { gold }),
    })),
  };
};
