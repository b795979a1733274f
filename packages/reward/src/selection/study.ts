/** @file Judgements as a study to be repeated: which pairs of responses there are, and what was said of each. */
import { plauditError } from '@plaudit/contract';
import { type PreferencePair, type PreferenceTree, preferenceTrees } from '@plaudit/feedback';
import type { PreferenceData } from '../run/preference-data.ts';

/** A pair of responses that the file judges. */
export interface StudyPair {
  /** Index of its prompt's tree. */
  readonly tree: number;
  /** Indices of the responses in the tree, the smaller first. */
  readonly pair: readonly [number, number];
  readonly firstWins: boolean;
}

export interface Study {
  /** A prompt each, with all its responses. */
  readonly trees: readonly PreferenceTree[];
  readonly pairs: readonly StudyPair[];
  /** Pairs that were judged both ways as often: nobody knows the answer. */
  readonly undecided: number;
  /** Judgements that compare no two responses with a winner, or by another criterion. */
  readonly leftOut: number;
}

/** What the judgements of a pair say together, by weight; null where they cancel out. */
const majority = (judged: readonly PreferencePair[]): { readonly winner: number } | null => {
  const [first] = judged;
  const lead = judged.reduce(
    (sum, { winner, weight }) => sum + (winner === first!.winner ? weight : -weight),
    0,
  );
  if (lead === 0) return null;
  return { winner: lead > 0 ? first!.winner : first!.loser };
};

/** Fewer prompts than this cannot be parted into a pool and a held-out side that say anything. */
const fewestPrompts = 20;

/**
 * The pairs of a file's judgements, each once, with the answer of the majority.
 *
 * @param criterion Whose judgements; default: those of no criterion, overall
 * @throws selection.too_few_prompts
 */
export const studyOf = ({ judgements }: Pick<PreferenceData, 'judgements'>, criterion?: string): Study => {
  // A prompt whole, however many responses it has: they are compared with one another.
  const all = preferenceTrees(judgements, { maxResponses: Number.POSITIVE_INFINITY }).trees;
  const trees: PreferenceTree[] = [];
  const pairs: StudyPair[] = [];
  let undecided = 0;
  let used = 0;
  for (const tree of all) {
    const asked = tree.pairs.filter((one) => one.criterion === criterion);
    const byResponses = Map.groupBy(asked, ({ winner, loser }) =>
      winner < loser ? `${winner} ${loser}` : `${loser} ${winner}`,
    );
    used += asked.length;
    const decided = [...byResponses.values()].flatMap((judged): StudyPair[] => {
      const said = majority(judged);
      if (said === null) return [];
      const { winner, loser } = judged[0]!;
      const pair: readonly [number, number] = [Math.min(winner, loser), Math.max(winner, loser)];
      return [{ tree: trees.length, pair, firstWins: said.winner === pair[0] }];
    });
    undecided += byResponses.size - decided.length;
    if (decided.length === 0) continue;
    pairs.push(...decided);
    trees.push(tree);
  }
  if (trees.length < fewestPrompts)
    throw plauditError('selection.too_few_prompts', { prompts: trees.length, needed: fewestPrompts });
  return { trees, pairs, undecided, leftOut: Math.max(0, judgements.length - used) };
};
