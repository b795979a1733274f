/** @file Comparisons as votes on pairs of items, with who voted and which of the two was shown first. */
import type { Judgement } from '@plaudit/contract';
import { canonicalOutcome, comparisonUnit } from '../agreement/comparison-unit.ts';
import { contentId } from '../canonical-json.ts';

/** One annotator's choice between two items. */
export interface PairVote {
  /** Names the pair. */
  readonly unit: string;
  readonly annotator: string;
  /** The two items; the same item in several pairs has one score. */
  readonly a: string;
  readonly b: string;
  readonly outcome: 'a' | 'b' | 'tie';
  /** Which was shown first, on the left or above; absent where nobody knows, and then no side bias can be seen. */
  readonly shownFirst?: 'a' | 'b';
}

export interface PairVotes {
  readonly votes: readonly PairVote[];
  /** Comparisons that name no annotator, or one response twice. */
  readonly setAside: number;
}

/**
 * The comparisons among judgements as votes whose units are those of `comparisonUnit`. An item is a response to a prompt
 * by a criterion. Both bad says nothing of which is better, and counts as a tie.
 */
export const pairVotes = (judgements: Iterable<Judgement>): PairVotes => {
  const votes: PairVote[] = [];
  let setAside = 0;
  for (const judgement of judgements) {
    if (judgement.kind !== 'comparison') continue;
    const { responses, provenance, criterion = null } = judgement;
    const { annotator, shownFirst } = provenance;
    if (annotator === undefined || responses[0] === responses[1]) {
      setAside++;
      continue;
    }
    const { unit, cluster, swapped } = comparisonUnit(judgement);
    const outcome = canonicalOutcome(judgement.outcome, swapped);
    const [a, b] = (swapped ? [1, 0] : [0, 1]).map((side) =>
      contentId([cluster, criterion, responses[side]!]),
    );
    votes.push({
      unit,
      annotator,
      a: a!,
      b: b!,
      outcome: outcome === 'both_bad' ? 'tie' : outcome,
      ...(shownFirst !== undefined && { shownFirst: (shownFirst === 0) !== swapped ? 'a' : 'b' }),
    });
  }
  return { votes, setAside };
};
