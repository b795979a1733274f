/** @file Scored pairs: comparisons joined with the rewards of their responses, and what to count on them. */
import { canonicalJson, type Strength } from '@plaudit/contract';
import type { PreferenceTree } from '@plaudit/feedback';

/** One comparison with what a reward model says about both sides. Every pair counts as one, whatever its weight. */
export interface ScoredPair {
  readonly tree: string;
  /** What all pairs of one prompt, and of its near-duplicates where they are known, share: the unit of resampling. */
  readonly cluster: string;
  /** Indices of the preferred and of the other response in the tree. */
  readonly winner: number;
  readonly loser: number;
  readonly winnerReward: number;
  readonly loserReward: number;
  /** UTF-16 code units. */
  readonly winnerLength: number;
  readonly loserLength: number;
  readonly strength?: Strength;
  readonly segments: Readonly<Record<string, string>>;
  readonly source: string;
  readonly row?: number;
}

/** Reward of the preferred response minus the other's. */
export const difference = (pair: ScoredPair): number => pair.winnerReward - pair.loserReward;

/**
 * Joins trees with their scores.
 *
 * @param scores As `RewardModel.score` returns them: one list per tree, one score per response.
 * @param clusters Tree id to cluster of near-duplicate prompts (`PromptSplit.cluster`). Without it, trees with an equal
 *   prompt are one cluster.
 */
export const scorePairs = (
  trees: readonly PreferenceTree[],
  scores: readonly (readonly { readonly reward: number }[])[],
  clusters?: ReadonlyMap<string, number>,
): ScoredPair[] => {
  if (scores.length !== trees.length)
    throw new RangeError(`${scores.length} lists of scores for ${trees.length} trees`);
  return trees.flatMap((tree, at) => {
    const rewards = scores[at]!;
    const cluster = String(clusters?.get(tree.id) ?? canonicalJson(tree.prompt));
    if (rewards.length !== tree.responses.length)
      throw new RangeError(`tree ${at} has ${tree.responses.length} responses and ${rewards.length} scores`);
    return tree.pairs.map(
      (pair): ScoredPair => ({
        tree: tree.id,
        cluster,
        winner: pair.winner,
        loser: pair.loser,
        winnerReward: rewards[pair.winner]!.reward,
        loserReward: rewards[pair.loser]!.reward,
        winnerLength: tree.responses[pair.winner]!.length,
        loserLength: tree.responses[pair.loser]!.length,
        ...(pair.strength === undefined ? {} : { strength: pair.strength }),
        segments: { ...tree.segments, ...pair.segments },
        source: pair.source,
        ...(pair.row === undefined ? {} : { row: pair.row }),
      }),
    );
  });
};

/** The same comparison judged the other way round. */
export const swapLabels = (pair: ScoredPair): ScoredPair => ({
  ...pair,
  winner: pair.loser,
  loser: pair.winner,
  winnerReward: pair.loserReward,
  loserReward: pair.winnerReward,
  winnerLength: pair.loserLength,
  loserLength: pair.winnerLength,
});

/** 1 where the first number is larger, 0 where the second is, one half where they are equal. */
const preferred = (a: number, b: number): number => (a > b ? 1 : a < b ? 0 : 0.5);

/** 1 right, 0 wrong, one half for equal rewards. */
export const correctness = (pair: ScoredPair): number => preferred(pair.winnerReward, pair.loserReward);

/** 1 where the longer response was preferred, 0 where the shorter was, one half for equal lengths. */
export const longerWins = (pair: ScoredPair): number => preferred(pair.winnerLength, pair.loserLength);

/** Mean of a number over pairs. @throws RangeError without pairs. */
export const meanOver = (pairs: readonly ScoredPair[], value: (pair: ScoredPair) => number): number => {
  if (pairs.length === 0) throw new RangeError('a mean over no pairs has no value');
  let sum = 0;
  for (const pair of pairs) sum += value(pair);
  return sum / pairs.length;
};

/** Share of pairs whose preferred response has the higher reward; equal rewards count one half. */
export const pairAccuracy = (pairs: readonly ScoredPair[]): number => meanOver(pairs, correctness);

/** Number of different prompts, near-duplicates counted once. */
export const countPrompts = (pairs: readonly ScoredPair[]): number =>
  new Set(pairs.map((pair) => pair.cluster)).size;
