/** @file Whether the response that was shown first wins: over all, and for each annotator. */
import { z } from 'zod';
import { binomialTest } from '../../statistics/binomial.ts';
import { wilsonInterval } from '../../statistics/bootstrap.ts';
import { holm } from '../../statistics/normal.ts';
import type { MeasuredShare } from '../document.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { listed, percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** Annotators drawn, those furthest from a half first. */
const shown = 20;
/** With fewer choices not even one side alone would be beyond chance at 5 %. */
const fewestChoices = 6;
const level = 0.05;

interface Sides {
  first: number;
  all: number;
}

export const positionBias = defineGate({
  name: 'position-bias',
  title: 'Position bias',
  family: 'bias',
  unit: 'share',
  required: false,
  memory: 'annotators',
  fix: 'Show the two responses in random order, record it, and look at the annotators named here: who always takes one side does not read. Ask a judge model both ways round.',
  settings: z.strictObject(thresholds({ least: 0.47, most: 0.53 }, { least: 0.4, most: 0.6 })),
  start: () => {
    const project: Sides = { first: 0, all: 0 };
    const people = new Map<string, Sides>();
    let comparisons = 0;
    return {
      add: ({ judgement }) => {
        if (judgement.kind !== 'comparison') return;
        comparisons++;
        const { outcome, provenance } = judgement;
        const { shownFirst, annotator } = provenance;
        if (shownFirst === undefined || (outcome !== 'a' && outcome !== 'b')) return;
        const first = Number((outcome === 'a') === (shownFirst === 0));
        project.all++;
        project.first += first;
        if (annotator === undefined) return;
        const own = people.get(annotator) ?? { first: 0, all: 0 };
        own.all++;
        own.first += first;
        people.set(annotator, own);
      },
      finish: () => {
        if (project.all === 0)
          return notApplicable(
            comparisons === 0
              ? 'There are no comparisons.'
              : 'No row says which response was shown first, so nothing can be known about sides. Record it when you collect judgements.',
            'choices',
          );
        const value = project.first / project.all;
        const interval = wilsonInterval(value, project.all);
        const p = binomialTest(project.first, project.all);
        const tested = [...people].filter(([, { all }]) => all >= fewestChoices);
        const adjusted = holm(tested.map(([, { first, all }]) => binomialTest(first, all)));
        const biased = tested.filter((_, i) => adjusted[i]! < level).map(([name]) => name);
        const flagged = new Set(biased);
        const say = `${percent(value)} (${percent(interval[0])} to ${percent(interval[1])}) of ${plural(project.all, 'choice')} fall on the response that was shown first (exact binomial p ${pInWords(p)}).`;
        return {
          // A biased annotator is worth a warning even where another's bias hides it in the mean.
          ...withPeople(value, interval, biased.length > 0),
          n: project.all,
          noun: 'choices',
          reason: `${say} ${
            tested.length === 0
              ? 'No annotator is named often enough to be looked at alone.'
              : biased.length === 0
                ? `None of ${plural(tested.length, 'annotator')} leans to a side beyond chance.`
                : `Of ${plural(tested.length, 'annotator')} ${biased.length} ${biased.length === 1 ? 'leans' : 'lean'} to a side beyond chance: ${namesOf(biased)}.`
          }`,
          measures: { share: value, p, annotatorsTested: tested.length, annotatorsBiased: biased.length },
          pictures: tested.length === 0 ? [] : [peoplePicture(tested, flagged)],
        };
      },
    };
  },
});

const withPeople = (value: number, interval: readonly [number, number], biased: boolean) =>
  biased ? { value, interval } : { value, interval, neutral: 0.5 };

const namesOf = (names: readonly string[]): string =>
  names.length <= 5
    ? listed(names.map(shortName))
    : `${names.slice(0, 5).map(shortName).join(', ')} and ${names.length - 5} more`;

const pInWords = (p: number): string => (p < 0.001 ? 'below 0.001' : p.toFixed(3));

const peoplePicture = (tested: readonly (readonly [string, Sides])[], flagged: ReadonlySet<string>) => {
  const items = tested
    .map(([name, { first, all }]): MeasuredShare => {
      const value = first / all;
      return {
        name: shortName(name),
        value,
        interval: wilsonInterval(value, all),
        n: all,
        flagged: flagged.has(name),
      };
    })
    .sort(
      (a, b) =>
        Number(b.flagged) - Number(a.flagged) ||
        Math.abs(b.value! - 0.5) - Math.abs(a.value! - 0.5) ||
        b.n - a.n,
    );
  return {
    kind: 'bars' as const,
    title: 'How often each annotator takes the first side',
    caption:
      'With 95 % intervals; marked are those beyond chance after correcting for their number (exact binomial test, Holm).',
    noun: 'choices',
    mark: 0.5,
    items: items.slice(0, shown),
    omitted: Math.max(0, items.length - shown),
  };
};
