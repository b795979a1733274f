/** @file Answering without looking: always the same side, or the same answer many times running. */
import { binomialTest } from '../../statistics/binomial.ts';
import { type Interval, wilsonInterval } from '../../statistics/bootstrap.ts';
import { holm } from '../../statistics/normal.ts';

/** One answer; answers are taken in the order in which they were given. */
export interface GivenAnswer {
  readonly annotator: string;
  readonly answer: string | number;
}

/** Chance of blaming anybody at all, over all annotators, where nobody deserves it. */
const level = 0.01;

export interface SideShare {
  readonly annotator: string;
  /** Answers that chose a side. */
  readonly decided: number;
  /** Share of them for the response that was shown first. */
  readonly first: number;
  readonly interval: Interval;
  /** Exact binomial against one half, corrected by Holm's method for the number of annotators. */
  readonly pValue: number;
  readonly biased: boolean;
}

/** Whether each annotator prefers a side. Right only where the order shown was random. */
export const sideShares = (
  answers: Iterable<{ readonly annotator: string; readonly side: 'first' | 'second' }>,
): SideShare[] => {
  const people = [...Map.groupBy(answers, ({ annotator }) => annotator)].map(([annotator, given]) => ({
    annotator,
    decided: given.length,
    firsts: given.filter(({ side }) => side === 'first').length,
  }));
  const pValues = holm(people.map(({ decided, firsts }) => binomialTest(firsts, decided)));
  return people.map(({ annotator, decided, firsts }, i) => ({
    annotator,
    decided,
    first: firsts / decided,
    interval: wilsonInterval(firsts / decided, decided),
    pValue: pValues[i]!,
    biased: pValues[i]! < level,
  }));
};

export interface LongestRun {
  readonly annotator: string;
  readonly answers: number;
  readonly answer: string | number;
  readonly length: number;
  /** P(a run as long) where an answer repeats the one before as often as two of all answers are alike, by Holm's method. */
  readonly pValue: number;
  readonly straightLining: boolean;
}

/**
 * Each annotator's longest run of one answer. Right only where the order of the units is random: people who are given all
 * good responses first rightly say good many times running.
 */
export const longestRuns = (answers: Iterable<GivenAnswer>): LongestRun[] => {
  const all = [...answers];
  const counts = [...Map.groupBy(all, ({ answer }) => answer).values()].map(({ length }) => length);
  const repeats = counts.reduce((sum, count) => sum + (count / all.length) ** 2, 0);
  const people = [...Map.groupBy(all, ({ annotator }) => annotator)].map(([annotator, given]) => ({
    annotator,
    answers: given.length,
    ...longestRun(given.map(({ answer }) => answer)),
  }));
  const pValues = holm(people.map((one) => runProbability(one.answers, one.length, repeats)));
  return people.map((one, i) => ({ ...one, pValue: pValues[i]!, straightLining: pValues[i]! < level }));
};

const longestRun = (answers: readonly (string | number)[]): Pick<LongestRun, 'answer' | 'length'> => {
  let best = { answer: answers[0]!, length: 0 };
  let from = 0;
  answers.forEach((answer, i) => {
    if (answer !== answers[from]) from = i;
    if (i - from + 1 > best.length) best = { answer, length: i - from + 1 };
  });
  return best;
};

/**
 * P(the longest run of `answers` is at least `length`), where each answer repeats the one before with probability `repeats`.
 *
 * @see Feller 1968, XIII.7: f(n) = f(n - 1) - (1 - p) p^k f(n - k - 1) for no run of k successes in n trials
 */
export const runProbability = (answers: number, length: number, repeats: number): number => {
  const [trials, successes] = [answers - 1, length - 1];
  if (successes <= 0) return 1;
  if (trials < successes) return 0;
  const whole = repeats ** successes;
  // 1 - f, so that small probabilities keep their digits.
  const reached = new Float64Array(trials + 1);
  reached[successes] = whole;
  for (let n = successes + 1; n <= trials; n++)
    reached[n] = reached[n - 1]! + (1 - repeats) * whole * (1 - reached[n - successes - 1]!);
  return Math.min(1, reached[trials]!);
};
