/** @file Contests between systems, and which systems can be ranked against each other at all. */
import { UnionFind } from '../union-find.ts';

/** How often each of two systems won against the other: one comparison, or several alike. */
export interface Contest {
  readonly a: string;
  readonly b: string;
  readonly aWins: number;
  readonly bWins: number;
  readonly ties?: number;
  /** Which of the two had the advantage of the place: played at home, was shown first. Absent where neither did. */
  readonly home?: 'a' | 'b';
  /** By how much a is ahead of b in what should not count: length, headings. */
  readonly covariates?: Readonly<Record<string, number>>;
  /** Contests of one cluster (of one prompt) are one observation. Without it every comparison is one. */
  readonly cluster?: string;
}

const played = ({ aWins, bWins, ties = 0 }: Contest): number => aWins + bWins + ties;

/** Contests that took place, their systems numbered in the order of their names. */
export interface Field {
  readonly systems: readonly string[];
  readonly contests: readonly Contest[];
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/** @throws RangeError for counts below 0 or not finite, and for a system against itself */
export const fieldOf = (contests: readonly Contest[]): Field => {
  for (const { a, b, aWins, bWins, ties = 0 } of contests) {
    if (![aWins, bWins, ties].every((count) => count >= 0 && Number.isFinite(count)))
      throw new RangeError('wins and ties are counts of at least 0');
    if (a === b) throw new RangeError('a contest is between two systems');
  }
  const took = contests.filter((contest) => played(contest) > 0);
  const systems = [...new Set(took.flatMap(({ a, b }) => [a, b]))].sort();
  const numbers = new Map(systems.map((system, i) => [system, i]));
  return {
    systems,
    contests: took,
    a: Int32Array.from(took, ({ a }) => numbers.get(a)!),
    b: Int32Array.from(took, ({ b }) => numbers.get(b)!),
  };
};

/** The number of each system's component: only systems of one component were compared, directly or through others. */
export const componentsOf = ({ systems, a, b }: Field): Int32Array => {
  const joined = new UnionFind(systems.length);
  a.forEach((system, i) => {
    joined.join(system, b[i]!);
  });
  return joined.numbers();
};

/**
 * Systems that were compared with each other, directly or through others, as lists; the largest first. Abilities of
 * different lists cannot be compared.
 */
export const connectedSystems = (contests: readonly Contest[]): string[][] => {
  const field = fieldOf(contests);
  const lists = new Map<number, string[]>();
  componentsOf(field).forEach((component, system) => {
    lists.set(component, [...(lists.get(component) ?? []), field.systems[system]!]);
  });
  return [...lists.values()].sort((one, other) => other.length - one.length);
};

/**
 * How many systems keep the abilities from being finite: those that never lost, or never won, against the rest, alone or
 * as a group. 0 where every system beat every other one, directly or through a chain of wins; a tie is a win for both.
 *
 * @param counts Wins of a, of b and ties of each contest [contests, 3]
 * @see Zermelo 1929; Ford 1957
 */
export const separatedSystems = ({ systems, a, b }: Field, counts: ArrayLike<number>): number => {
  const beats: number[][] = systems.map(() => []);
  const losesTo: number[][] = systems.map(() => []);
  a.forEach((one, i) => {
    const other = b[i]!;
    const tied = counts[3 * i + 2]! > 0;
    if (tied || counts[3 * i]! > 0) link(beats, losesTo, one, other);
    if (tied || counts[3 * i + 1]! > 0) link(beats, losesTo, other, one);
  });
  const [above, below] = [reached(losesTo), reached(beats)];
  return systems.filter((_, system) => !(above[system] && below[system])).length;
};

const link = (beats: number[][], losesTo: number[][], winner: number, loser: number): void => {
  beats[winner]!.push(loser);
  losesTo[loser]!.push(winner);
};

/** Which systems can be reached from the first. */
const reached = (links: readonly (readonly number[])[]): boolean[] => {
  const seen = links.map((_, i) => i === 0);
  const open = [0];
  for (let at = open.pop(); at !== undefined && links.length > 0; at = open.pop())
    for (const next of links[at]!)
      if (!seen[next]) {
        seen[next] = true;
        open.push(next);
      }
  return seen;
};
