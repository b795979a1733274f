/** @file AlpacaEval annotations: a judge model's preference from 1 (first output) to 2 (second), 1.5 being a tie.
 * @see https://github.com/tatsu-lab/alpaca_eval
 */
import type { Comparison } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import {
  hasFields,
  labelNumber,
  optionalText,
  promptText,
  type Row,
  responseText,
  segmentsOf,
} from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

export const alpacaeval: Format<'alpacaeval'> = {
  name: 'alpacaeval',
  fields: 'instruction, output_1, output_2, preference',
  responseFields: ['output_1', 'output_2'],
  detect: (row) => hasFields(row, 'instruction', 'output_1', 'output_2', 'preference'),
  parse(row, place): Comparison {
    const preference = preferenceOf(row);
    return {
      kind: 'comparison',
      prompt: toPrompt(promptText(row, 'instruction')),
      responses: [responseText(row, 'output_1'), responseText(row, 'output_2')],
      outcome: preference < 1.5 ? 'a' : preference > 1.5 ? 'b' : 'tie',
      preference: 2 - preference,
      provenance: provenanceOf(place, {
        annotator: optionalText(row, 'annotator'),
        annotatorKind: 'model',
        segments: segmentsOf(row, ['dataset', 'generator_1', 'generator_2']),
      }),
    };
  },
};

/** From 1 (first) to 2 (second). Older annotations write the draw of equal outputs as 0; null is a judge that failed. */
const preferenceOf = (row: Row): number => {
  const preference = labelNumber(row, 'preference');
  if (preference === 0) return 1.5;
  if (preference < 1 || preference > 2) throw new RowFault('label_out_of_range', 'preference');
  return preference;
};
