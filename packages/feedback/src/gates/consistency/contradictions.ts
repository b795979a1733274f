/** @file Rows that cancel each other out, and annotators who do not agree with themselves. */
import { z } from 'zod';
import { ClusteredShare } from '../clustered-share.ts';
import { Evidence } from '../evidence.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { between, counted, finePercent, percent, plural } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

export const contradictions = defineGate({
  name: 'contradictions',
  title: 'Contradictions between rows',
  family: 'consistency',
  unit: 'share',
  required: true,
  memory: 'rows',
  fix: 'Have one more person judge these pairs, or drop them: as many rows say one thing as the other, so that they teach nothing and cost training time.',
  settings: z.strictObject(thresholds({ most: 0.05 }, { most: 0.35 })),
  start: (_, { votes, draws }) => ({
    finish: () => {
      const share = new ClusteredShare();
      const evidence = new Evidence();
      let repeated = 0;
      let both = 0;
      for (const { kind, prompt, votes: own } of votes.items()) {
        if (kind === 'rating') continue;
        let [against, inFavour] = [0, 0];
        for (const vote of own) {
          if (votes.answer(vote) === 0) against++;
          if (votes.answer(vote) === 1) inFavour++;
        }
        const cancelled = against > 0 && against === inFavour;
        if (against > 0 && inFavour > 0) both++;
        if (against + inFavour > 1) repeated++;
        if (against + inFavour > 0) share.add(cancelled ? 1 : 0, prompt, draws.of(prompt));
        if (cancelled)
          for (const vote of own) if (votes.answer(vote) !== 0.5) evidence.add(votes.references.at(vote));
      }
      const { value, interval } = share;
      if (value === null || interval === null)
        return notApplicable('Nothing was decided between two answers.', 'judged items');
      return {
        value,
        interval,
        n: share.n,
        noun: 'judged items',
        reason:
          repeated === 0
            ? `None of ${plural(share.n, 'item')} (pairs of responses, labels) was judged more than once, so no row can contradict another.`
            : `Of ${plural(share.n, 'item')} (pairs of responses, labels) ${plural(repeated, 'was', 'were')} judged more than once, ${both === 0 ? 'none of them both ways.' : `${counted(both)} of them both ways; ${finePercent(value)} of all have as many rows on one side as on the other.`}`,
        evidence: evidence.found,
        measures: { judgedTwice: repeated, bothWays: both },
      };
    },
  }),
});

/** Ratings further apart than this part of their scale are not the same opinion. */
const farApart = 0.25;

export const selfDisagreement = defineGate({
  name: 'self-disagreement',
  title: 'Annotators who change their minds',
  family: 'consistency',
  unit: 'share',
  required: false,
  memory: 'rows',
  fix: 'Show the items again to those who changed their answer, and look at their other work: 20 % is the level of someone who is right 89 % of the time, 50 % that of a coin.',
  settings: z.strictObject(thresholds({ most: 0.2 }, { most: 0.35 })),
  start: (_, { votes, draws }) => ({
    finish: () => {
      const share = new ClusteredShare();
      const evidence = new Evidence();
      const people = new Set<number>();
      for (const { kind, prompt, votes: own } of votes.items())
        for (const [i, vote] of own.entries()) {
          const before = own[i - 1];
          const annotator = votes.annotatorOf(vote);
          if (before === undefined || annotator < 0 || annotator !== votes.annotatorOf(before)) continue;
          const apart = Math.abs(votes.answer(vote) - votes.answer(before));
          const changed = kind === 'rating' ? Number(apart > farApart) : apart;
          people.add(annotator);
          share.add(changed, prompt, draws.of(prompt));
          if (changed > 0) evidence.add(votes.references.at(vote));
        }
      const { value, interval } = share;
      if (value === null || interval === null)
        return notApplicable('No annotator judged the same item twice.', 'second judgements');
      return {
        value,
        interval,
        n: share.n,
        noun: 'second judgements',
        reason: `${plural(people.size, 'annotator')} judged an item again, ${plural(share.n, 'time')} in all, and said something else in ${percent(value)} of them (${between(interval)}).`,
        evidence: evidence.found,
        measures: { annotators: people.size },
      };
    },
  }),
});
