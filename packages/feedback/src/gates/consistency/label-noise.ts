/** @file How often a single judgement is wrong, as far as repeated judgements can tell. */
import { z } from 'zod';
import { ClusteredShare } from '../clustered-share.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { between, counted, percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/**
 * The error of one judgement when two of an item contradict each other with this probability: with errors that are
 * independent and equally likely either way, it is 2 e (1 - e).
 */
const errorOf = (contradiction: number): number =>
  contradiction >= 0.5 ? 0.5 : (1 - Math.sqrt(1 - 2 * contradiction)) / 2;

const fewestItems = 20;

export const labelNoise = defineGate({
  name: 'label-noise',
  title: 'Label noise',
  family: 'consistency',
  unit: 'share',
  required: false,
  memory: 'rows',
  fix: 'Sharpen the guideline on the items that people disagree about, pay for more judgements an item, or train on shares of votes in the place of single ones.',
  settings: z.strictObject(thresholds({ most: 0.25 }, { most: 0.4 })),
  start: (_, { votes, draws }) => ({
    finish: () => {
      const contradiction = new ClusteredShare();
      for (const { kind, prompt, votes: own } of votes.items()) {
        if (kind === 'rating') continue;
        const [against, inFavour] = opinions(own, votes);
        const n = against + inFavour;
        if (n < 2) continue;
        contradiction.add((2 * against * inFavour) / (n * (n - 1)), prompt, draws.of(prompt));
      }
      const { value, interval, n } = contradiction;
      if (value === null || interval === null || n < fewestItems)
        return notApplicable(
          `${n === 0 ? 'No item was' : n === 1 ? 'One item was' : `${counted(n)} items were`} judged by two annotators who are named: at least ${fewestItems} are needed to tell noise from meaning.`,

          'items judged twice',
        );
      const [low, high] = interval;
      const error = errorOf(value);
      return {
        value: error,
        interval: [errorOf(low), errorOf(high)],
        n,
        noun: 'items judged twice',
        reason: `Two people contradict each other on ${percent(value)} of ${plural(n, 'item')} that more than one judged. If one of two answers is right, a single judgement is wrong ${percent(error)} of the time (${between([errorOf(low), errorOf(high)])}); where tastes differ that is an upper limit.`,
        measures: { pairAgreement: 1 - value },
      };
    },
  }),
});

/**
 * Annotators for and against; who said several things counts once, by the last. Rows without a name do not count: two that
 * are alike may be one judgement that is there twice.
 */
const opinions = (
  own: readonly number[],
  votes: { answer: (vote: number) => number; annotatorOf: (vote: number) => number },
): [against: number, inFavour: number] => {
  let [against, inFavour] = [0, 0];
  for (const [i, vote] of own.entries()) {
    const annotator = votes.annotatorOf(vote);
    const next = own[i + 1];
    if (annotator < 0 || (next !== undefined && votes.annotatorOf(next) === annotator)) continue;
    if (votes.answer(vote) === 0) against++;
    if (votes.answer(vote) === 1) inFavour++;
  }
  return [against, inFavour];
};
