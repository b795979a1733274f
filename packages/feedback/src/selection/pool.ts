/** @file The pairs that could be judged next, in one list, and the groups of prompts that count as one. */
import { type Gap, gapOf, type ResponseBelief, varianceOf } from './belief.ts';

/** A prompt with responses of which nobody has said which is better. */
export interface Candidate {
  readonly id: string;
  /** Of the prompt among near-duplicates, as `clusterPrompts` numbers them. Without one the prompt is like no other. */
  readonly cluster?: number;
  readonly beliefs: readonly ResponseBelief[];
  /** Indices of the responses that may be compared, the smaller first; default: any two. */
  readonly pairs?: readonly (readonly [number, number])[];
}

/** What a selection is for: the reward model learns from what it doubts, a policy from what is far apart. */
export const selectionPurposes = ['reward', 'policy'] as const;
export type SelectionPurpose = (typeof selectionPurposes)[number];

/** One pair of the pool. */
export interface PoolPair {
  /** Index of its candidate. */
  readonly candidate: number;
  readonly pair: readonly [number, number];
  readonly gap: Gap;
  /** Sum of the standard deviations of the two rewards. */
  readonly deviations: number;
  /** Prompts that are near-duplicates have the same. */
  readonly group: number;
}

export interface Pool {
  readonly candidates: readonly Candidate[];
  readonly pairs: readonly PoolPair[];
  readonly groups: number;
}

/** Standard deviations by which a bound lies above or below a mean, as in ActiveUltraFeedback's configuration. */
export const boundWidth = 1;

/** How far one response may lead the other at most: max(uᵢ - lⱼ, uⱼ - lᵢ), u and l being bounds of the rewards. */
export const optimisticGap = ({ gap, deviations }: Pick<PoolPair, 'gap' | 'deviations'>): number =>
  Math.abs(gap.mean) + boundWidth * deviations;

const check = (candidates: readonly Candidate[]): void => {
  const width = candidates[0]?.beliefs[0]?.vector.length ?? 0;
  for (const { beliefs, pairs = [] } of candidates) {
    for (const { reward, vector } of beliefs) {
      if (vector.length !== width) throw new RangeError('all vectors of a pool have the same length');
      if (!Number.isFinite(reward) || !vector.every(Number.isFinite))
        throw new RangeError('a belief has to be finite');
    }
    for (const [a, b] of pairs)
      if (!(a in beliefs && b in beliefs && a < b))
        throw new RangeError('a pair is two responses that are there, the smaller index first');
    if (new Set(pairs.map(([a, b]) => `${a} ${b}`)).size < pairs.length)
      throw new RangeError('a pair is named once');
  }
};

const allPairs = (responses: number): (readonly [number, number])[] =>
  Array.from({ length: responses }, (_, a) =>
    Array.from({ length: responses - a - 1 }, (_, b) => [a, a + 1 + b] as const),
  ).flat();

/** @throws RangeError for beliefs that are not finite or of different widths, and for pairs that are none */
export const poolOf = (candidates: readonly Candidate[]): Pool => {
  check(candidates);
  const groups = new Map<number | string, number>();
  const pairs = candidates.flatMap(({ cluster, beliefs, pairs }, candidate): PoolPair[] => {
    const key = cluster ?? `alone ${candidate}`;
    const group = groups.get(key) ?? groups.size;
    groups.set(key, group);
    const deviations = beliefs.map((belief) => Math.sqrt(varianceOf(belief)));
    return (pairs ?? allPairs(beliefs.length)).map(([a, b]) => ({
      candidate,
      pair: [a, b],
      gap: gapOf(beliefs[a]!, beliefs[b]!),
      deviations: deviations[a]! + deviations[b]!,
      group,
    }));
  });
  return { candidates, pairs, groups: groups.size };
};

/**
 * Whether a rule may choose a pair while there are others: for a reward model any, for a policy the pairs with the largest
 * optimistic gaps of each prompt.
 *
 * @param kept Pairs of a prompt that a policy would learn from
 */
export const suitedPairs = (
  { candidates, pairs }: Pool,
  purpose: SelectionPurpose,
  kept: number,
): Uint8Array => {
  if (purpose === 'reward') return new Uint8Array(pairs.length).fill(1);
  const suited = new Uint8Array(pairs.length);
  const left = new Uint32Array(candidates.length).fill(kept);
  const byGap = Uint32Array.from(pairs.keys()).sort(
    (i, j) => optimisticGap(pairs[j]!) - optimisticGap(pairs[i]!),
  );
  for (const i of byGap) {
    const { candidate } = pairs[i]!;
    if (left[candidate] === 0) continue;
    left[candidate] = left[candidate]! - 1;
    suited[i] = 1;
  }
  return suited;
};
