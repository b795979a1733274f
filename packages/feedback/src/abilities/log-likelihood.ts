/** @file The log-likelihood of contests, with the binomial coefficients that R counts in. */
import { logGamma } from '../statistics/gamma.ts';
import { type Design, outcomesOf } from './design.ts';
import type { Maximum } from './maximum-likelihood.ts';

export interface LogLikelihoods {
  /**
   * Of the counts, each contest's number of orders included. Half wins have no likelihood: a contest with ties counts half
   * of ln P of either side's win for each, and no number of orders.
   */
  readonly logLikelihood: number;
  /**
   * What R prints where ties are half wins: each contest's wins rounded, one half to the even number, so that a single tie
   * is a loss of the system that is named first. The same as `logLikelihood` where there are no half wins.
   */
  readonly roundedLogLikelihood: number;
}

/** ln of the number of orders in which these outcomes can come. */
const logOrders = (counts: readonly number[]): number =>
  counts.reduce((sum, count) => sum - logGamma(count + 1), logGamma(counts.reduce((n, k) => n + k, 0) + 1));

const roundHalfToEven = (x: number): number => {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};

export const logLikelihoods = (design: Design, { at }: Maximum): LogLikelihoods => {
  const { field, model, counts, rowOf } = design;
  const byRow = outcomesOf(design, at);
  let [sum, rounded] = [0, 0];
  for (let contest = 0; contest < field.contests.length; contest++) {
    const outcomes = byRow[rowOf[contest]!]!;
    const of = [0, 1, 2].map((outcome) => counts[contest * 3 + outcome]!) as [number, number, number];
    const kernel = of.reduce(
      (total, count, k) => (count > 0 ? total + count * outcomes[k as 0 | 1 | 2].log : total),
      0,
    );
    const halved = !model.hasTie && of[2] > 0;
    const plain = kernel + (halved ? 0 : logOrders(of));
    sum += plain;
    if (!halved) rounded += plain;
    else {
      const wins = roundHalfToEven(of[0] + of[2] / 2);
      const losses = roundHalfToEven(of[0] + of[1] + of[2]) - wins;
      rounded += wins * outcomes[0].log + losses * outcomes[1].log + logOrders([wins, losses]);
    }
  }
  return { logLikelihood: sum, roundedLogLikelihood: rounded };
};
