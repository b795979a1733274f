/** @file Whether annotators agree with each other, beyond chance. */
import { z } from 'zod';
import {
  type AnnotatorValue,
  annotatorAccuracy,
  krippendorffAlpha,
  type Measurement,
  pairAgreement,
} from '../../agreement/index.ts';
import type { MeasuredShare } from '../document.ts';
import { defineGate, notApplicable, type Observation } from '../gate.ts';
import { counted, percent, shortName } from '../sentences.ts';
import type { MeasuredAgreement } from '../shared.ts';
import { thresholds } from '../thresholds.ts';
import type { VotedItem, VoteKind, Votes } from '../votes.ts';

const fewestItems = 10;
const resamples = 300;

const measurements: Readonly<Record<VoteKind, Measurement>> = {
  pair: 'nominal',
  label: 'nominal',
  rating: 'ordinal',
};

/** Agreement on one kind of judgement by one criterion. */
interface Measured extends MeasuredAgreement {
  readonly name: string;
  readonly pairInterval: readonly [number, number] | null;
}

export const agreement = defineGate({
  name: 'agreement',
  title: 'Agreement among annotators',
  family: 'people',
  unit: 'coefficient',
  required: false,
  memory: 'rows',
  fix: 'Read the items on which people disagree most, sharpen the guideline there, and drop annotators who agree with nobody. For preferences 0.3 to 0.6 is usual; the bars of content analysis (0.667, 0.8) do not fit them.',
  settings: z.strictObject(thresholds({ least: 0.25 }, { least: 0.05 })),
  start: (_, shared, inputs) => {
    if (inputs.agreement === null)
      return {
        finish: () => notApplicable('Agreement could not be measured on these rows.', 'items judged twice'),
      };
    if (inputs.agreement) {
      const given = inputs.agreement;
      return { finish: () => observed(given, []) };
    }
    const { votes } = shared;
    return {
      finish: () => {
        const measured = measure(votes);
        const most = measured.reduce<Measured | null>(
          (found, one) => (found === null || one.n > found.n ? one : found),
          null,
        );
        return most === null
          ? notApplicable(
              `Fewer than ${fewestItems} items were judged by two or more annotators who are named.`,
              'items judged twice',
            )
          : observed(most, measured);
      },
    };
  },
});

const observed = (
  { alpha, interval, pairAgreement: pairs, n }: MeasuredAgreement,
  measured: readonly Measured[],
): Observation => {
  const range = interval === null ? '' : ` (${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})`;
  const said =
    pairs === undefined
      ? ''
      : ` Two annotators say the same in ${percent(pairs)}${
          pairs > 0.5
            ? `, so where one of two answers is right a single one is right about ${percent(annotatorAccuracy(pairs), 0)} of the time`
            : ''
        }.`;
  return {
    value: alpha,
    ...(interval !== null && { interval }),
    n,
    noun: 'items judged twice',
    reason: `Krippendorff's alpha is ${alpha.toFixed(2)}${range} on ${counted(n)} items that two or more annotators judged.${said}`,
    measures: { pairAgreement: pairs ?? null },
    pictures:
      measured.length < 2
        ? []
        : [
            {
              kind: 'bars',
              title: 'How often two annotators say the same, by criterion',
              caption: 'With 95 % intervals over whole prompts.',
              noun: 'items',
              mark: null,
              items: measured.map(
                (one): MeasuredShare => ({
                  name: one.name,
                  value: one.pairAgreement ?? null,
                  interval: one.pairInterval === null ? null : [...one.pairInterval],
                  n: one.n,
                }),
              ),
              omitted: 0,
            },
          ],
  };
};

/** Every kind and criterion of which enough items were judged twice, most items first. */
const measure = (votes: Votes): Measured[] => {
  const tables = new Map<string, { kind: VoteKind; name: string; items: VotedItem[] }>();
  for (const item of votes.items()) {
    const named = new Set(item.votes.map((vote) => votes.annotatorOf(vote)).filter((one) => one >= 0));
    if (named.size < 2) continue;
    const name = item.criterion === undefined ? `${item.kind}s overall` : `${item.kind}s: ${item.criterion}`;
    const table = tables.get(name) ?? { kind: item.kind, name: shortName(name), items: [] };
    tables.set(name, table);
    table.items.push(item);
  }
  return [...tables.values()]
    .filter(({ items }) => items.length >= fewestItems)
    .sort((a, b) => b.items.length - a.items.length)
    .flatMap(({ kind, name, items }): Measured[] => {
      const values = items.flatMap((item, i) => valuesOf(item, i, votes));
      const alpha = krippendorffAlpha(values, { measurement: measurements[kind], resamples });
      const pairs = pairAgreement(values, { resamples });
      return alpha.value === null
        ? []
        : [
            {
              name,
              alpha: alpha.value,
              interval: alpha.interval,
              ...(pairs.value !== null && { pairAgreement: pairs.value }),
              pairInterval: pairs.interval,
              n: items.length,
            },
          ];
    });
};

const valuesOf = ({ prompt, votes: own }: VotedItem, item: number, votes: Votes): AnnotatorValue[] =>
  own.flatMap((vote) => {
    const annotator = votes.annotatorOf(vote);
    return annotator < 0
      ? []
      : [
          {
            unit: String(item),
            annotator: String(annotator),
            value: votes.answer(vote),
            cluster: String(prompt),
          },
        ];
  });
