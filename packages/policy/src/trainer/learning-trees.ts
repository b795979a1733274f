/** @file What an offline method learns from: conversations as token ids, with the pairs, labels or weights that it reads. */
import type { PreferenceTree } from '@plaudit/feedback';
import type { Formatter } from '@plaudit/models';
import { type EncodedTree, encodeTree } from '@plaudit/reward';

/** A conversation with those of its responses that a method learns from, by their place in it. */
export interface LearningTree extends EncodedTree {
  readonly pairs: readonly { readonly chosen: number; readonly rejected: number; readonly weight: number }[];
  readonly labels: readonly {
    readonly response: number;
    readonly desirable: boolean;
    readonly weight: number;
  }[];
  /** Responses that a supervised part imitates. */
  readonly imitated: readonly number[];
  readonly truncated: boolean;
}

/** What of the judgements is read. */
export type LearnedFrom = 'demonstrations' | 'pairs' | 'labels';

interface Chosen {
  readonly pairs: LearningTree['pairs'];
  readonly labels: LearningTree['labels'];
  readonly imitated: readonly number[];
}

const overall = ({ pairs }: PreferenceTree): PreferenceTree['pairs'] =>
  pairs.filter(({ criterion }) => criterion === undefined);

/** Responses that won and never lost, or were called desirable; none where nothing was said for any. */
const preferred = (tree: PreferenceTree): number[] => {
  const lost = new Set(overall(tree).map(({ loser }) => loser));
  const won = overall(tree).map(({ winner }) => winner);
  const liked = (tree.labels ?? []).filter(({ desirable }) => desirable).map(({ response }) => response);
  return [...new Set([...won, ...liked])].filter((response) => !lost.has(response)).sort((a, b) => a - b);
};

const pairsOf = (tree: PreferenceTree): LearningTree['pairs'] =>
  overall(tree).map(({ winner, loser, weight }) => ({ chosen: winner, rejected: loser, weight }));

/** Labels as they are; without any, the winner of a pair is desirable and its loser is not, as TRL unpairs. */
const labelsOf = (tree: PreferenceTree): LearningTree['labels'] => {
  const given = tree.labels?.map(({ response, desirable, weight }) => ({ response, desirable, weight }));
  if (given && given.length > 0) return given;
  return pairsOf(tree).flatMap(({ chosen, rejected, weight }) => [
    { response: chosen, desirable: true, weight },
    { response: rejected, desirable: false, weight },
  ]);
};

const chosenFrom: Readonly<Record<LearnedFrom, (tree: PreferenceTree) => Chosen>> = {
  demonstrations: (tree) => ({ pairs: [], labels: [], imitated: preferred(tree) }),
  pairs: (tree) => {
    const pairs = pairsOf(tree);
    return { pairs, labels: [], imitated: [...new Set(pairs.map(({ chosen }) => chosen))] };
  },
  labels: (tree) => {
    const labels = labelsOf(tree);
    const imitated = labels.filter(({ desirable }) => desirable).map(({ response }) => response);
    return { pairs: [], labels, imitated: [...new Set(imitated)] };
  },
};

/** What a conversation counts in an update: pairs, labels or responses that are imitated. */
export const learningSize = ({ pairs, labels, imitated }: LearningTree): number =>
  pairs.length || labels.length || imitated.length;

/**
 * The conversations that a method can learn from, as token ids; responses that it does not read are left out.
 *
 * @returns Their places in the list are their indices
 */
export const learningTrees = (
  trees: readonly PreferenceTree[],
  from: LearnedFrom,
  formatter: Formatter,
): LearningTree[] => {
  const learned: LearningTree[] = [];
  for (const tree of trees) {
    const { pairs, labels, imitated } = chosenFrom[from](tree);
    const used = [
      ...new Set([
        ...pairs.flatMap(({ chosen, rejected }) => [chosen, rejected]),
        ...labels.map(({ response }) => response),
        ...imitated,
      ]),
    ].sort((a, b) => a - b);
    if (used.length === 0) continue;
    const encoded = encodeTree(
      formatter,
      learned.length,
      tree.prompt,
      used.map((response) => tree.responses[response]!),
    );
    const place = (response: number): number => used.indexOf(response);
    learned.push({
      ...encoded,
      pairs: pairs.map(({ chosen, rejected, weight }) => ({
        chosen: place(chosen),
        rejected: place(rejected),
        weight,
      })),
      labels: labels.map((label) => ({ ...label, response: place(label.response) })),
      imitated: imitated.map(place),
    });
  }
  return learned;
};
