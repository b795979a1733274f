/** @file Preferences that run in a circle: A over B, B over C, and C over A. */
import { Random } from '@plaudit/contract';
import { z } from 'zod';
import { UnionFind } from '../../union-find.ts';
import { ClusteredShare } from '../clustered-share.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { between, percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';
import type { VotedItem, Votes } from '../votes.ts';
import { type Arrow, components, hasCycle } from './preference-graph.ts';

/** Draws of all arrows by coin, to know how many circles come by chance. */
const coinDraws = 10;

/** An arrow with the votes that point its way. */
interface VotedArrow extends Arrow {
  readonly votes: readonly number[];
}

export const preferenceCycles = defineGate({
  name: 'preference-cycles',
  title: 'Preferences that run in a circle',
  family: 'consistency',
  unit: 'share',
  required: false,
  memory: 'rows',
  fix: 'Judge the pairs of a circle again, or drop its weakest side: no reward can put such responses in order, and training on them pulls it both ways.',
  settings: z.strictObject({
    ...thresholds({ most: 0.1 }, { most: 0.3 }),
    /** Whose preferences are held together: everyone's by majority, each annotator's, or those of each value of a segment. */
    by: z.union([z.enum(['everyone', 'annotator']), z.object({ segment: z.string() })]).default('everyone'),
  }),
  start: ({ by }, { votes, draws }) => ({
    finish: () => {
      const random = new Random(0, 'preference cycles');
      const share = new ClusteredShare();
      const coin = new ClusteredShare();
      const evidence = new Evidence();
      const keyOf = voterKey(by, votes);
      for (const group of votes.groups()) {
        // Fewer than three pairs make no circle.
        if (group[0]!.kind !== 'pair' || group.length < 3) continue;
        for (const arrows of arrowsByVoter(group, votes, keyOf)) {
          const responses = responsesIn(arrows);
          if (!mayCycle(responses, arrows)) continue;
          const { prompt } = group[0]!;
          const component = components(responses, arrows);
          const circular = new Set(component).size < responses;
          share.add(circular ? 1 : 0, prompt, draws.of(prompt));
          for (let draw = 0; draw < coinDraws; draw++)
            coin.add(Number(hasCycle(responses, turned(arrows, random))), prompt, draws.of(prompt));
          if (!circular) continue;
          for (const { winner, loser, votes: own } of arrows)
            if (component[winner] === component[loser])
              for (const vote of own) evidence.add(votes.references.at(vote));
        }
      }
      const { value, interval } = share;
      if (value === null || interval === null)
        return notApplicable(
          'No prompt has three responses that were all compared with each other, so preferences cannot run in a circle.',
          'prompts',
        );
      return {
        value,
        interval,
        n: share.n,
        noun: by === 'everyone' ? 'prompts with enough pairs' : 'prompts of a group with enough pairs',
        reason: `Preferences run in a circle at ${percent(value)} (${between(interval)}) of ${plural(share.n, 'prompt')} where they could; coins in the place of the judgements would give ${percent(coin.value!)}.`,
        evidence: evidence.found,
        measures: { byCoin: coin.value },
      };
    },
  }),
});

/** Whose vote it is, as far as votes are held together; null where that is not known. */
const voterKey = (
  by: 'everyone' | 'annotator' | { readonly segment: string },
  votes: Votes,
): ((vote: number) => number | null) => {
  if (by === 'everyone') return () => 0;
  if (by === 'annotator') return (vote) => (votes.annotatorOf(vote) < 0 ? null : votes.annotatorOf(vote));
  return (vote) =>
    votes.segments
      .membersOf(votes.segmentSetOf(vote))
      .find((member) => votes.segments.segment(member).name === by.segment) ?? null;
};

/** For each voter the arrows that most of their votes point along; pairs without a majority have none. */
const arrowsByVoter = (
  group: readonly VotedItem[],
  votes: Votes,
  keyOf: (vote: number) => number | null,
): VotedArrow[][] => {
  const found = new Map<number, { arrows: VotedArrow[]; numbers: Map<number, number> }>();
  for (const { votes: own } of group)
    for (const [key, some] of Map.groupBy(own, keyOf)) {
      if (key === null) continue;
      const lead = some.reduce((sum, vote) => sum + votes.answer(vote) - 0.5, 0);
      if (lead === 0) continue;
      const voter = found.get(key) ?? { arrows: [], numbers: new Map<number, number>() };
      found.set(key, voter);
      const [low, high] = votes.responsesOf(some[0]!).map((response) => {
        const number = voter.numbers.get(response) ?? voter.numbers.size;
        voter.numbers.set(response, number);
        return number;
      }) as [number, number];
      const [winner, loser] = lead > 0 ? [high, low] : [low, high];
      const agreeing = some.filter((vote) => (votes.answer(vote) - 0.5) * lead > 0);
      voter.arrows.push({ winner, loser, votes: agreeing });
    }
  return [...found.values()].map(({ arrows }) => arrows);
};

const responsesIn = (arrows: readonly Arrow[]): number =>
  arrows.reduce((most, { winner, loser }) => Math.max(most, winner + 1, loser + 1), 0);

/** Whether some directions of these arrows would make a circle: whether the pairs do, directions aside. */
const mayCycle = (responses: number, arrows: readonly Arrow[]): boolean => {
  const joined = new UnionFind(responses);
  return arrows.some(({ winner, loser }) => {
    if (joined.root(winner) === joined.root(loser)) return true;
    joined.join(winner, loser);
    return false;
  });
};

const turned = (arrows: readonly Arrow[], random: Random): Arrow[] =>
  arrows.map(({ winner, loser }) =>
    random.uniform() < 0.5 ? { winner, loser } : { winner: loser, loser: winner },
  );
