/** @file What is learned again after every batch: a logistic head on fixed features, with its Laplace posterior. */
import type { PreferenceTree, ResponseBelief } from '@plaudit/feedback';
import { singleHead } from '../objectives/plan.ts';
import { fitAtOnce } from '../probe/fit.ts';
import { type Design, PlanLoss, startOf } from '../probe/loss.ts';
import type { Matrix } from '../probe/matrix.ts';
import { logEvidence, type Posterior, posteriorOf } from '../probe/posterior.ts';
import { whitened } from './whitened.ts';

/** Rows of the winner and the loser of a judgement. */
export type JudgedRows = readonly [winner: number, loser: number];

/** A head that has been fitted. */
export interface FittedHead {
  /** float64 [width] */
  readonly weights: Float64Array;
  readonly posterior: Posterior;
  /** Precision of the prior. */
  readonly l2: number;
  /** Judgements behind it, and as many as were there when the prior was chosen. */
  readonly judgements: number;
  readonly chosenAt: number;
}

/** Strongest first, as a probe's; weaker ones than these never win with so few judgements. */
const strengths = [30_000, 10_000, 3000, 1000, 300, 100, 30, 10];
const firstStrength = strengths.indexOf(1000);
const tolerance = 1e-7;
const plan = singleHead();

/** One comparison of which the first response won; where the responses are, its places say. */
const comparison: PreferenceTree = {
  id: 'comparison',
  prompt: [{ role: 'user', content: '' }],
  responses: ['winner', 'loser'],
  pairs: [{ winner: 0, loser: 1, weight: 1, source: '', segments: {} }],
  segments: {},
};

/** The responses that were judged, each once, and the judgements on them. */
const designOf = ({ values, width }: Matrix, judged: readonly JudgedRows[]): Design => {
  const places = new Map<number, number>();
  for (const row of judged.flat()) if (!places.has(row)) places.set(row, places.size);
  const own = new Float32Array(places.size * width);
  for (const [row, place] of places) own.set(values.subarray(row * width, (row + 1) * width), place * width);
  return {
    columns: { values: own, rows: places.size, width },
    prompts: null,
    trees: judged.map(([winner, loser]) => ({
      tree: comparison,
      places: [places.get(winner)!, places.get(loser)!],
    })),
  };
};

interface Fit {
  readonly numbers: Float64Array;
  readonly posterior: Posterior;
  readonly evidence: number;
}

/**
 * Fits the head to all judgements. It starts where the last fit ended; the prior's precision is chosen by the evidence,
 * anew whenever the judgements have doubled, so that no judgement but those at hand decides anything.
 *
 * @param features [rows, width], standardised
 * @throws reward.not_finite
 */
export const learn = (
  features: Matrix,
  judged: readonly JudgedRows[],
  before: FittedHead | null,
): FittedHead => {
  const loss = new PlanLoss(plan, designOf(features, judged));
  const start = startOf(plan, loss.layout);
  if (before) start.set(before.weights);
  const fits = new Map<number, Fit>();
  const fitted = (l2: number): Fit => {
    const known = fits.get(l2);
    if (known) return known;
    const from = [...fits.values()].at(-1);
    const { numbers } = fitAtOnce(loss, l2, {
      start: from?.numbers ?? start,
      functionTolerance: tolerance,
      curvature: (from?.posterior ?? before?.posterior)?.heads ?? null,
    });
    const posterior = posteriorOf(loss, numbers, l2);
    const fit = { numbers, posterior, evidence: logEvidence(loss, numbers, l2, posterior)! };
    fits.set(l2, fit);
    return fit;
  };
  const keep = before !== null && judged.length < 2 * before.chosenAt;
  const l2 = keep ? before.l2 : mostEvident(fitted, before ? strengths.indexOf(before.l2) : firstStrength);
  const { numbers, posterior } = fitted(l2);
  return {
    weights: numbers.slice(0, features.width),
    posterior,
    l2,
    judgements: judged.length,
    chosenAt: keep ? before.chosenAt : judged.length,
  };
};

/** The strength with the most evidence: as a function of the strength it has one hill, which is climbed from where it was. */
const mostEvident = (fitted: (l2: number) => Fit, from: number): number => {
  const evidence = (place: number): number =>
    place in strengths ? fitted(strengths[place]!).evidence : Number.NEGATIVE_INFINITY;
  let place = from;
  for (const direction of [1, -1]) while (evidence(place + direction) > evidence(place)) place += direction;
  return strengths[place]!;
};

/** Rewards of some rows. */
export const rewardsOf = (
  { weights }: FittedHead,
  { values, width }: Matrix,
  rows: ArrayLike<number>,
): Float64Array =>
  Float64Array.from(rows, (row) => {
    let sum = 0;
    for (let j = 0; j < width; j++) sum += values[row * width + j]! * weights[j]!;
    return sum;
  });

/** What the head believes of some rows. @param uncertain Whether it says how sure it is; if not, rewards are as good as known */
export const beliefsOf = (
  head: FittedHead,
  features: Matrix,
  rows: readonly number[],
  uncertain: boolean,
): ResponseBelief[] => {
  const rewards = rewardsOf(head, features, rows);
  const { centre, heads } = head.posterior;
  const vectors = uncertain ? whitened(heads[0]!.factor, centre, features, rows) : null;
  const known = new Float32Array(0);
  return rows.map((_, i) => ({ reward: rewards[i]!, vector: vectors?.[i] ?? known }));
};
