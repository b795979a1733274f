/** @file Crowd Bradley-Terry: scores of what is compared, and each annotator's skill and liking for a side, all at once. */
import { plauditError, sigmoid } from '@plaudit/contract';
import type { Interval } from '../statistics/bootstrap.ts';
import { minimise } from '../statistics/lbfgs.ts';
import { normalCdf } from '../statistics/normal.ts';
import { type CrowdUncertainty, crowdUncertainty } from './crowd-information.ts';
import { type CrowdPriors, crowdLoss, type HalfVotes, halfVotes } from './crowd-likelihood.ts';
import type { PairVote } from './crowd-pairs.ts';
import type { SearchOptions } from './expectation-maximisation.ts';
import type { Fit, UnitPosterior } from './label-model.ts';

export interface CrowdBradleyTerryOptions extends Partial<CrowdPriors>, SearchOptions {}

/** A pair; its classes are the sides a and b, and P(a) allows for the uncertainty of the scores. */
export interface PairPosterior extends UnitPosterior {
  readonly a: string;
  readonly b: string;
  /** Score of a less score of b: ln odds that someone who follows the scores chooses a. */
  readonly lead: number;
  /** Annotators' parameters count as known. Null among more than 500 items that were compared with one another. */
  readonly leadDeviation: number | null;
  /** P(lead > 0) */
  readonly aIsBetter: number | null;
}

export interface SkilledAnnotator {
  readonly annotator: string;
  readonly votes: number;
  /** Share of the votes that follow the scores; the others are given blindly, by side alone. */
  readonly skill: number;
  /** At 95 %, with everybody else's parameters as known. Null where the votes do not determine it. */
  readonly skillInterval: Interval | null;
  /** P(what was shown first is chosen) in a blind vote. Null where nobody knows what was shown first. */
  readonly sideBias: number | null;
  readonly sideBiasInterval: Interval | null;
}

export interface CrowdBradleyTerry extends Fit {
  readonly classes: readonly ['a', 'b'];
  readonly units: readonly PairPosterior[];
  readonly annotators: readonly SkilledAnnotator[];
  readonly items: readonly { readonly item: string; readonly score: number }[];
}

/**
 * The maximum of the posterior of all scores, skills and side biases. The sides come apart from the scores only where the
 * order shown was random and recorded.
 *
 * @example crowdBradleyTerry(pairVotes(judgements).votes).annotators[0].sideBias
 * @see Chen, Bennett, Collins-Thompson and Horvitz 2013, "Pairwise ranking aggregation in a crowdsourced setting"
 * @throws data.bad_option where there are no votes
 * @throws RangeError for a pair of one item with itself
 */
export const crowdBradleyTerry = (
  votes: readonly PairVote[],
  options: CrowdBradleyTerryOptions = {},
): CrowdBradleyTerry => {
  const { maxIterations = 1000, tolerance = 1e-10, ...rest } = options;
  const priors = { scoreDeviation: 2, skillMean: 2, skillDeviation: 1.5, sideDeviation: 1.5, ...rest };
  if (votes.length === 0)
    throw plauditError('data.bad_option', { option: 'votes', problem: 'nobody judged anything' });
  if (votes.some(({ a, b }) => a === b)) throw new RangeError('a pair has two different items');
  const halves = halfVotes(votes);
  const [scores, people] = [halves.items.length, halves.annotators.length];
  const start = new Float64Array(scores + 2 * people).fill(priors.skillMean, scores, scores + people);
  const { x, value, iterations, reason } = minimise(
    (at, gradient) => crowdLoss(halves, priors, at, gradient),
    start,
    { maxIterations, gradientTolerance: 1e-6, functionTolerance: tolerance },
  );
  const uncertainty = crowdUncertainty(halves, priors, x);
  return {
    classes: ['a', 'b'],
    units: pairPosteriors(votes, halves, x, uncertainty),
    annotators: skilledAnnotators(votes, halves, x, uncertainty),
    items: halves.items.map((item, i) => ({ item, score: x[i]! })),
    logLikelihood: -value,
    iterations,
    converged: reason === 'gradient' || reason === 'function',
  };
};

const countBy = (keys: Iterable<string>): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};

const pairPosteriors = (
  votes: readonly PairVote[],
  { items }: HalfVotes,
  at: Float64Array,
  { leadDeviation }: CrowdUncertainty,
): PairPosterior[] => {
  const numbers = new Map(items.map((item, i) => [item, i]));
  const counts = countBy(votes.map(({ unit }) => unit));
  const pairs = new Map(votes.map((vote) => [vote.unit, vote]));
  return [...pairs.values()].map(({ unit, a, b }) => {
    const [i, j] = [numbers.get(a)!, numbers.get(b)!];
    const lead = at[i]! - at[j]!;
    const deviation = leadDeviation(i, j);
    // The mean of the sigmoid over a normal lead. @see MacKay 1992, "The evidence framework applied to classification"
    const p = sigmoid(lead / Math.sqrt(1 + (Math.PI / 8) * (deviation ?? 0) ** 2));
    return {
      unit,
      label: p >= 0.5 ? 'a' : 'b',
      probabilities: [p, 1 - p],
      votes: counts.get(unit)!,
      gold: false,
      a,
      b,
      lead,
      leadDeviation: deviation,
      aIsBetter: deviation === null ? null : normalCdf(lead / deviation),
    };
  });
};

const skilledAnnotators = (
  votes: readonly PairVote[],
  { annotators, items }: HalfVotes,
  at: Float64Array,
  { skillDeviations, sideDeviations }: CrowdUncertainty,
): SkilledAnnotator[] => {
  const counts = countBy(votes.map(({ annotator }) => annotator));
  const sided = new Set(
    votes.filter(({ shownFirst }) => shownFirst !== undefined).map(({ annotator }) => annotator),
  );
  const around = (logit: number, deviation: number | null): Interval | null =>
    deviation === null ? null : [sigmoid(logit - 1.96 * deviation), sigmoid(logit + 1.96 * deviation)];
  return annotators.map((annotator, w) => {
    const skill = at[items.length + w]!;
    const side = at[items.length + annotators.length + w]!;
    const known = sided.has(annotator);
    return {
      annotator,
      votes: counts.get(annotator)!,
      skill: sigmoid(skill),
      skillInterval: around(skill, skillDeviations[w]!),
      sideBias: known ? sigmoid(side) : null,
      sideBiasInterval: known ? around(side, sideDeviations[w]!) : null,
    };
  });
};
