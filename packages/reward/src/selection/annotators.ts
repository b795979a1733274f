/** @file Who answers in a simulation: the file's own judgements, or annotators that a gold reward stands behind. */
import { sigmoid } from '@plaudit/contract';
import type { Study, StudyPair } from './study.ts';

/** What is true of each pair, and how often an annotator says so. */
export interface AnnotatedStudy extends Study {
  /** Of each pair: the probability that an annotator prefers its first response. */
  readonly firstShares: Float64Array;
}

/** The file is the truth. @param accuracy Probability that an annotator says what the file says */
export const annotatedByFile = (study: Study, accuracy: number): AnnotatedStudy => ({
  ...study,
  firstShares: Float64Array.from(study.pairs, ({ firstWins }) => (firstWins ? accuracy : 1 - accuracy)),
});

/**
 * The gold reward is the truth, and an annotator prefers the first response with the probability σ(lead / noise). Pairs whose
 * rewards are equal have no truth and are left out as undecided.
 *
 * @param rewards By tree, by response @param noise In units of the reward; 0 is a perfect judge
 */
export const annotatedByGold = (
  study: Study,
  rewards: readonly (readonly number[])[],
  noise: number,
): AnnotatedStudy => {
  const leadOf = ({ tree, pair: [a, b] }: StudyPair): number => rewards[tree]![a]! - rewards[tree]![b]!;
  const decided = study.pairs.filter((pair) => leadOf(pair) !== 0);
  return {
    ...study,
    pairs: decided.map((pair) => ({ ...pair, firstWins: leadOf(pair) > 0 })),
    undecided: study.undecided + study.pairs.length - decided.length,
    firstShares: Float64Array.from(decided, (pair) =>
      noise === 0 ? Number(leadOf(pair) > 0) : sigmoid(leadOf(pair) / noise),
    ),
  };
};

/** How often annotators are expected to say what is true. */
export const annotatorAccuracy = ({ pairs, firstShares }: AnnotatedStudy): number =>
  pairs.reduce((sum, { firstWins }, i) => sum + (firstWins ? firstShares[i]! : 1 - firstShares[i]!), 0) /
  pairs.length;
