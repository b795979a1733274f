/** @file What a judgement decides between two responses, whatever its kind. */
import type { Judgement, Ranking } from '@plaudit/contract';

/** Indices into the judgement's responses. Of a tie neither wins, and `winner` is only the one named first. */
export interface Decision {
  readonly winner: number;
  readonly loser: number;
  readonly tie: boolean;
}

/** Places in a ranking between two responses that are held against each other, at most: all pairs of 65 responses. */
const reach = 64;

/**
 * A comparison and an edit decide one pair, a ranking those of its groups. Both bad, ratings, labels and steps decide none;
 * neither does the same text twice.
 */
export const decisionsOf = (judgement: Judgement): readonly Decision[] => {
  switch (judgement.kind) {
    case 'comparison': {
      const { responses, outcome } = judgement;
      if (outcome === 'both_bad' || responses[0] === responses[1]) return [];
      return [outcome === 'b' ? pair(1, 0) : pair(0, 1, outcome === 'tie')];
    }
    case 'edit':
      return judgement.response === judgement.rewrite ? [] : [pair(1, 0)];
    case 'ranking':
      return ofRanking(judgement);
    default:
      return [];
  }
};

const pair = (winner: number, loser: number, tie = false): Decision => ({ winner, loser, tie });

const ofRanking = ({ responses, groups, restUnordered }: Ranking): Decision[] => {
  const ranked = groups.flatMap((group, place) => group.map((response) => ({ response, place })));
  return ranked.flatMap((better, i) =>
    ranked.slice(i + 1, i + 1 + reach).flatMap((worse) => {
      const tie = better.place === worse.place;
      const unordered = tie && restUnordered === true && better.place === groups.length - 1;
      if (unordered || responses[better.response] === responses[worse.response]) return [];
      return [pair(better.response, worse.response, tie)];
    }),
  );
};
