/** @file Prometheus evaluations: one response, one rubric, and the scores from 1 to 5 that a judge model gave it in several goes.
 * @see Kim et al. 2023, https://github.com/prometheus-eval/prometheus
 */
import type { Rating } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, labelNumber, promptText, type Row, segmentsOf } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, faultAt, provenanceOf, readParts } from './format.ts';

const scale = { least: 1, most: 5 };
/** The headings of the text in `instruction`, in their order. */
const headings = [
  '###The instruction to evaluate:',
  '###Response to evaluate:',
  '###Reference Answer',
  '###Score Rubrics:',
] as const;

export const prometheus: Format<'prometheus'> = {
  name: 'prometheus',
  fields: 'instruction (with headings of instruction, response, reference and rubric), gpt4_score',
  responseFields: ['instruction'],
  detect: (row) => hasFields(row, 'instruction', 'gpt4_score'),
  parse(row, place): Rating[] {
    const { prompt, response, criterion } = sectionsOf(row);
    if (row.gpt4_score === undefined || row.gpt4_score === null)
      throw new RowFault('missing_label', 'gpt4_score');
    const scores = Array.isArray(row.gpt4_score) ? row.gpt4_score : [row.gpt4_score];
    return readParts(scores.entries(), place, ([i, score]): Rating[] => {
      const field = `gpt4_score.${i}`;
      const value = faultAt(field, () => labelNumber({ score }, 'score'));
      if (value < scale.least || value > scale.most) throw new RowFault('label_out_of_range', field);
      // The goes are told apart: three equal scores are three judgements and not one.
      const segments = { ...segmentsOf(row, ['category', 'response_source']), go: String(i + 1) };
      const provenance = provenanceOf(place, { annotator: 'gpt4', annotatorKind: 'model', segments });
      return [{ kind: 'rating', prompt, response, criterion, value, scale, provenance }];
    });
  },
};

const sectionsOf = (row: Row): Pick<Rating, 'prompt' | 'response'> & { criterion: string } => {
  const text = promptText(row, 'instruction');
  const places = headings.map((heading) => text.indexOf(heading));
  if (places.some((place, i) => place < 0 || (i > 0 && place < places[i - 1]!)))
    throw new RowFault('bad_field', 'instruction');
  const section = (i: number): string => text.slice(places[i]! + headings[i]!.length, places[i + 1]).trim();
  const prompt = section(0);
  if (prompt === '') throw new RowFault('empty_prompt', 'instruction');
  const criterion = /^\[([^\]]+)\]/.exec(section(3))?.[1]?.trim();
  if (!criterion) throw new RowFault('bad_field', 'instruction');
  return { prompt: toPrompt(prompt), response: section(1), criterion };
};
