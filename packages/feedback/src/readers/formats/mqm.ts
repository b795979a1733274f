/** @file WMT's MQM ratings: one row for each error that a rater marked in a translation, summed to the rater's score of it.
 * @see Freitag et al. 2021, https://github.com/google/wmt-mqm-human-evaluation
 */
import type { Rating } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, optionalText, promptText, type Row, responseText, segmentsOf } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, type Gathered, type Gathering, provenanceOf, type RowPlace } from './format.ts';

/** Five major errors or a translation that is none: the worst that raters were asked to say of one segment. */
const worst = -25;

export const mqm: Format<'mqm'> = {
  name: 'mqm',
  fields: 'system, rater, source, target, category, severity, and doc with the segment’s number',
  responseFields: ['target'],
  detect: (row) => hasFields(row, 'system', 'rater', 'source', 'target', 'category', 'severity'),
  parse(row, place): Rating[] {
    const alone = gather();
    alone.add(row, place);
    return [...alone.end()].map(({ judgement }) => judgement as Rating);
  },
  gather,
};

interface Unit {
  readonly prompt: string;
  response: string;
  readonly rows: number[];
  penalty: number;
  time: number | undefined;
  readonly source: string;
  readonly annotator: string | undefined;
  readonly segments: Record<string, string> | undefined;
}

/** A rater's errors in a system's translation of a segment are one unit, wherever in the file they stand. */
function gather(): Gathering {
  const units = new Map<string, Unit>();
  return {
    add(row, place) {
      // The raters were shown planted errors; whether they found them says nothing of the translation.
      if (row.severity === 'HOTW-test') throw new RowFault('attention_check', 'severity');
      const prompt = withoutMarks(promptText(row, 'source'));
      const response = withoutMarks(responseText(row, 'target'));
      const penalty = penaltyOf(row);
      const key = JSON.stringify(
        ['system', 'rater', 'doc', 'globalSegId', 'docSegId', 'seg_id'].map((name) =>
          optionalText(row, name),
        ),
      );
      const unit = units.get(key) ?? unitOf(row, place, prompt, response);
      // A span at the end of a text can take the space after it along.
      if (unit.prompt.trim() !== prompt.trim() || unit.response.trim() !== response.trim())
        throw new RowFault('prompts_differ', 'target');
      units.set(key, unit);
      unit.rows.push(place.row);
      unit.penalty += penalty;
      const time = timeOf(row);
      if (time !== undefined) unit.time = Math.max(unit.time ?? time, time);
    },
    *end(): Generator<Gathered> {
      const least = [...units.values()].reduce((lowest, { penalty }) => Math.min(lowest, -penalty), worst);
      const scale = { least: rounded(least), most: 0 };
      for (const { prompt, response, rows, penalty, time, source, annotator, segments } of units.values())
        yield {
          rows,
          judgement: {
            kind: 'rating',
            prompt: toPrompt(prompt),
            response,
            criterion: 'mqm',
            // 0 minus it, because the negative of 0 would not be the number 0 when it is read again.
            value: rounded(0 - penalty),
            scale,
            provenance: provenanceOf(
              { source, row: rows[0]! },
              {
                annotator,
                annotatorKind: 'human',
                time: time === undefined ? undefined : new Date(time).toISOString(),
                segments,
              },
            ),
          },
        };
    },
  };
}

const unitOf = (row: Row, place: RowPlace, prompt: string, response: string): Unit => ({
  prompt,
  response,
  rows: [],
  penalty: 0,
  time: undefined,
  source: place.source,
  annotator: optionalText(row, 'rater'),
  segments: segmentsOf(row, ['system', 'doc']),
});

const withoutMarks = (text: string): string => text.replaceAll(/<\/?v>/g, '');

/** Sums of tenths, without the digits that floating point adds. */
const rounded = (value: number): number => Math.round(1e6 * value) / 1e6;

/** Categories that are marked and not counted against the translation. */
const uncounted = new Set(['Source issue', 'Source error', 'Accuracy/Creative Reinterpretation']);
const weights = new Map([
  ['major', 5],
  ['minor', 1],
  ['neutral', 0],
  ['no-error', 0],
]);

/** @see Freitag et al. 2021, table 2 */
const penaltyOf = (row: Row): number => {
  const severity = optionalText(row, 'severity')?.toLowerCase();
  if (severity === undefined) throw new RowFault('missing_label', 'severity');
  const weight = weights.get(severity);
  if (weight === undefined) throw new RowFault('label_out_of_range', 'severity');
  const category = optionalText(row, 'category') ?? '';
  if (weight === 0 || uncounted.has(category)) return 0;
  if (category.startsWith('Non-translation')) return -worst;
  return severity === 'minor' && category.startsWith('Fluency/Punctuation') ? 0.1 : weight;
};

/** When the row was marked, in milliseconds since 1970, where its metadata say so. */
const timeOf = (row: Row): number | undefined => {
  const text = optionalText(row, 'metadata');
  const time = Number(text && /^\{"timestamp":(\d{12,14})[,}]/.exec(text)?.[1]);
  return Number.isFinite(time) && time > 0 ? time : undefined;
};
