/** @file Outcomes that are nearly all the same, and a single annotator behind most of the rows. */
import { z } from 'zod';
import { wilsonInterval } from '../../statistics/bootstrap.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

const outcomeNames = {
  a: 'the first',
  b: 'the second',
  tie: 'neither',
  both_bad: 'that both are bad',
} as const;

export const oneSidedOutcomes = defineGate({
  name: 'one-sided-outcomes',
  title: 'Outcomes all the same',
  family: 'rows',
  unit: 'share',
  required: true,
  memory: 'nothing',
  fix: 'Look at how the outcome was recorded: swapped columns, a default that nobody changed, or one side that always holds the same model. If the file lists the preferred response first, say so by leaving out the order shown.',
  settings: z.strictObject(thresholds({ most: 0.8 }, { most: 0.95 })),
  start: () => {
    const counts = { a: 0, b: 0, tie: 0, both_bad: 0 };
    let shown = 0;
    return {
      add: ({ judgement }) => {
        if (judgement.kind !== 'comparison') return;
        counts[judgement.outcome]++;
        if (judgement.provenance.shownFirst !== undefined) shown++;
      },
      finish: () => {
        const n = counts.a + counts.b + counts.tie + counts.both_bad;
        if (n === 0) return notApplicable('There are no comparisons.', 'comparisons');
        if (counts.a === n && shown === 0)
          return notApplicable(
            'Every comparison names the preferred response first, as files with a chosen and a rejected response do, so the outcome says nothing about sides.',
            'comparisons',
          );
        const names = Object.keys(counts) as (keyof typeof counts)[];
        const most = names.reduce((found, name) => (counts[name] > counts[found] ? name : found));
        const value = counts[most] / n;
        return {
          value,
          interval: wilsonInterval(value, n),
          n,
          noun: 'comparisons',
          reason: `${percent(value)} of ${plural(n, 'comparison')} say ${outcomeNames[most]}, more than anything else.`,
          measures: Object.fromEntries(names.map((name) => [name, counts[name] / n])),
        };
      },
    };
  },
});

/** Annotators named in the picture. */
const shown = 20;

export const dominantAnnotator = defineGate({
  name: 'dominant-annotator',
  title: 'One annotator behind most rows',
  family: 'rows',
  unit: 'share',
  required: false,
  memory: 'annotators',
  fix: 'Have others judge a part of the same rows, and look at the agreement: a model of one person’s taste is a model of that person.',
  settings: z.strictObject(thresholds({ most: 0.5 }, null)),
  start: () => {
    const counts = new Map<string, number>();
    let n = 0;
    return {
      add: ({ judgement: { provenance } }) => {
        if (provenance.annotator === undefined) return;
        n++;
        counts.set(provenance.annotator, (counts.get(provenance.annotator) ?? 0) + 1);
      },
      finish: () => {
        if (n === 0) return notApplicable('No row names its annotator.', 'judgements');
        const sorted = [...counts].sort((a, b) => b[1] - a[1]);
        const value = sorted[0]![1] / n;
        return {
          value,
          n,
          noun: 'judgements',
          reason:
            sorted.length === 1
              ? `All ${plural(n, 'judgement')} with an annotator are by one and the same.`
              : `Of ${plural(n, 'judgement')} by ${plural(sorted.length, 'annotator')} the busiest gave ${percent(value)}.`,
          measures: { annotators: sorted.length },
          pictures: [
            {
              kind: 'bars',
              title: 'Judgements by annotator',
              caption: 'The share of all judgements that name their annotator.',
              noun: 'judgements',
              mark: null,
              items: sorted.slice(0, shown).map(([name, count]) => ({
                name: shortName(name),
                value: count / n,
                interval: null,
                n: count,
              })),
              omitted: Math.max(0, sorted.length - shown),
            },
          ],
        };
      },
    };
  },
});
