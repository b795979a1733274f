/** @file The likelihood of crowd Bradley-Terry: a vote follows the scores, or else the annotator's liking for a side. */
import { sigmoid } from '@plaudit/contract';
import { Numbering } from '../agreement/reliability-table.ts';
import type { PairVote } from './crowd-pairs.ts';

/** Half votes: a tie is one for either side. */
export interface HalfVotes {
  readonly items: readonly string[];
  readonly annotators: readonly string[];
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly annotator: Int32Array;
  /** +1 where a was chosen, -1 where b was. */
  readonly chosen: Int8Array;
  /** +1 where what was chosen was shown first, -1 where second, 0 where nobody knows. */
  readonly side: Int8Array;
  readonly weight: Float64Array;
}

export const halfVotes = (votes: readonly PairVote[]): HalfVotes => {
  const items = new Numbering<string>();
  const annotators = new Numbering<string>();
  const halves = votes.flatMap((vote) => {
    const about = { a: items.of(vote.a), b: items.of(vote.b), annotator: annotators.of(vote.annotator) };
    const weight = vote.outcome === 'tie' ? 0.5 : 1;
    return (['a', 'b'] as const)
      .filter((side) => vote.outcome === side || vote.outcome === 'tie')
      .map((side) => ({
        ...about,
        weight,
        chosen: side === 'a' ? 1 : -1,
        side: vote.shownFirst === undefined ? 0 : vote.shownFirst === side ? 1 : -1,
      }));
  });
  return {
    items: items.keys,
    annotators: annotators.keys,
    a: Int32Array.from(halves, ({ a }) => a),
    b: Int32Array.from(halves, ({ b }) => b),
    annotator: Int32Array.from(halves, ({ annotator }) => annotator),
    chosen: Int8Array.from(halves, ({ chosen }) => chosen),
    side: Int8Array.from(halves, ({ side }) => side),
    weight: Float64Array.from(halves, ({ weight }) => weight),
  };
};

/** Normal priors: what is believed of scores, skills and side biases before any vote. */
export interface CrowdPriors {
  /** Standard deviation of a score around 0. Default 2: the better of two wins with 0.98 or less, most of the time. */
  readonly scoreDeviation: number;
  /** Mean of the logit of skill. Default 2: 88 % of the votes follow the scores. */
  readonly skillMean: number;
  /** Default 1.5. */
  readonly skillDeviation: number;
  /** Of a side bias around 0. Default 1.5. */
  readonly sideDeviation: number;
}

/** One half vote at some parameters: the parts of f = P(vote) from which all derivatives follow. */
export interface VoteTerms {
  /** P(vote | it follows the scores) */
  readonly byScore: number;
  /** P(vote | it follows a side) */
  readonly bySide: number;
  /** P(it follows the scores) */
  readonly skill: number;
  readonly likelihood: number;
}

/** @param at Scores [items], logits of skill [annotators], side biases [annotators] */
export const termsOf = (votes: HalfVotes, at: Float64Array, vote: number): VoteTerms => {
  const scores = votes.items.length;
  const w = scores + votes.annotator[vote]!;
  const byScore = sigmoid(votes.chosen[vote]! * (at[votes.a[vote]!]! - at[votes.b[vote]!]!));
  const bySide = sigmoid(votes.side[vote]! * at[w + votes.annotators.length]!);
  const skill = sigmoid(at[w]!);
  return { byScore, bySide, skill, likelihood: skill * byScore + (1 - skill) * bySide };
};

/**
 * -ln P(votes, parameters) without constants, with its gradient. With s the scores, g the logit of skill, q the side bias,
 * y which item was chosen and z which side:
 *
 *     ln P = sum ln[ sigmoid(g) sigmoid(y (s_a - s_b)) + (1 - sigmoid(g)) sigmoid(z q) ] + ln of the priors
 *
 * @param at As for `termsOf`
 * @see Chen, Bennett, Collins-Thompson and Horvitz 2013, "Pairwise ranking aggregation in a crowdsourced setting"
 */
export const crowdLoss = (
  votes: HalfVotes,
  priors: CrowdPriors,
  at: Float64Array,
  gradient: Float64Array,
): number => {
  const scores = votes.items.length;
  const people = votes.annotators.length;
  let loss = 0;
  at.forEach((value, i) => {
    const { mean, deviation } = priorOf(priors, i, scores, people);
    loss += (value - mean) ** 2 / (2 * deviation * deviation);
    gradient[i] = (value - mean) / (deviation * deviation);
  });
  for (let i = 0; i < votes.a.length; i++) {
    const { byScore, bySide, skill, likelihood } = termsOf(votes, at, i);
    const weight = votes.weight[i]!;
    loss -= weight * Math.log(likelihood);
    const factor = weight / likelihood;
    const slope = factor * skill * byScore * (1 - byScore) * votes.chosen[i]!;
    gradient[votes.a[i]!]! -= slope;
    gradient[votes.b[i]!]! += slope;
    const w = scores + votes.annotator[i]!;
    gradient[w]! -= factor * skill * (1 - skill) * (byScore - bySide);
    gradient[w + people]! -= factor * (1 - skill) * bySide * (1 - bySide) * votes.side[i]!;
  }
  return loss;
};

const priorOf = (
  priors: CrowdPriors,
  parameter: number,
  scores: number,
  people: number,
): { readonly mean: number; readonly deviation: number } => {
  if (parameter < scores) return { mean: 0, deviation: priors.scoreDeviation };
  if (parameter < scores + people) return { mean: priors.skillMean, deviation: priors.skillDeviation };
  return { mean: 0, deviation: priors.sideDeviation };
};
