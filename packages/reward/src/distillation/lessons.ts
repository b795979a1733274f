/** @file What a teacher's rewards teach: soft Bradley-Terry labels for every pair of responses to one prompt. */
import { sigmoid } from '@plaudit/contract';
import type { PreferencePair, PreferenceTree } from '@plaudit/feedback';

/** A prompt with all of its responses, and what the teacher says of each. */
export interface Lesson {
  /** As it was judged by people, with the judged responses first. */
  readonly tree: PreferenceTree;
  /** Those of the tree, then the ones that nobody judged. */
  readonly responses: readonly string[];
  readonly rewards: readonly number[];
}

/** Every unordered pair of k responses. */
const pairsAmong = (k: number): (readonly [number, number])[] =>
  Array.from({ length: k }, (_, i) =>
    Array.from({ length: k - i - 1 }, (_, j) => [i, i + 1 + j] as const),
  ).flat();

/**
 * The teacher's belief that response i is better than j is p = sigmoid((r_i - r_j) / T). Each pair stands in both
 * directions, with the weights p and 1 - p: their Bradley-Terry losses add up to the cross-entropy of p, whose least value
 * is at reward differences of (r_i - r_j) / T. The k (k - 1) / 2 pairs of a prompt weigh k - 1 together, since k rewards
 * have no more differences of their own, and long lists would count most otherwise.
 *
 * @param temperature T of the teacher's calibration
 * @see Hinton et al. 2015, Distilling the knowledge in a neural network, for soft targets
 */
export const softTree = ({ tree, responses, rewards }: Lesson, temperature: number): PreferenceTree => {
  const share = 2 / responses.length;
  const pair = (winner: number, loser: number, belief: number): PreferencePair => ({
    winner,
    loser,
    weight: share * belief,
    source: 'teacher',
    segments: {},
  });
  const pairs = pairsAmong(responses.length).flatMap(([i, j]) => {
    const belief = sigmoid((rewards[i]! - rewards[j]!) / temperature);
    return [pair(i, j, belief), pair(j, i, 1 - belief)].filter(({ weight }) => weight > 0);
  });
  return { id: tree.id, prompt: tree.prompt, responses, pairs, segments: tree.segments };
};

/** The teacher's order as plain comparisons, each pair once; pairs of equal rewards say nothing and are left out. */
export const orderedTree = ({ tree, responses, rewards }: Lesson): PreferenceTree => {
  const pairs = pairsAmong(responses.length).flatMap(([i, j]): PreferencePair[] => {
    if (rewards[i] === rewards[j]) return [];
    const [winner, loser] = rewards[i]! > rewards[j]! ? [i, j] : [j, i];
    return [{ winner, loser, weight: 1, source: 'teacher', segments: {} }];
  });
  return { id: tree.id, prompt: tree.prompt, responses, pairs, segments: tree.segments };
};

/** Unordered pairs of responses. */
export const lessonPairs = (lessons: readonly Lesson[]): number =>
  lessons.reduce((sum, { responses: { length: k } }) => sum + (k * (k - 1)) / 2, 0);
