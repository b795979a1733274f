/** @file What a vote says about which responses are preferred to which: what the live model learns from. */
import type { Kind } from '../answer.ts';

/** Kinds of task that put responses in order. */
export const orderingKinds: readonly Kind[] = ['pairwise', 'ranking'];

type Pairs = readonly (readonly [winner: number, loser: number])[];

const sideOf = (outcome: unknown): 1 | 0 | -1 => (outcome === 'a' ? 1 : outcome === 'b' ? -1 : 0);

/**
 * Of a vote by criteria the sum of the sides by the weights of the rubric decides.
 *
 * @param vote As `voteOf` makes it
 * @param weights By criterion
 * @returns None for a tie
 */
export const preferencesOf = (vote: unknown, weights: ReadonlyMap<string, number>): Pairs => {
  if (Array.isArray(vote)) {
    const groups = vote as readonly (readonly number[])[];
    return groups.flatMap((group, at) =>
      group.flatMap((winner) =>
        groups.slice(at + 1).flatMap((after) => after.map((loser) => [winner, loser] as const)),
      ),
    );
  }
  const side =
    typeof vote === 'object' && vote !== null
      ? Object.entries(vote).reduce(
          (sum, [name, outcome]) => sum + (weights.get(name) ?? 0) * sideOf(outcome),
          0,
        )
      : sideOf(vote);
  return side > 0 ? [[0, 1]] : side < 0 ? [[1, 0]] : [];
};
