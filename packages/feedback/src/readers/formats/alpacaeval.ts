/** @file AlpacaEval annotations: a judge model's preference from 1 (first output) to 2 (second), 1.5 being a tie.
 * @see https://github.com/tatsu-lab/alpaca_eval
 */
import type { Comparison } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, labelNumber, optionalText, promptText, responseText, segmentsOf } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

export const alpacaeval: Format<'alpacaeval'> = {
  name: 'alpacaeval',
  fields: 'instruction, output_1, output_2, preference',
  detect: (row) => hasFields(row, 'instruction', 'output_1', 'output_2', 'preference'),
  parse(row, place): Comparison {
    const preference = labelNumber(row, 'preference');
    // AlpacaEval also writes 0 for a tie of equal outputs and -1 for a failed judge; neither is a judgement.
    if (preference < 1 || preference > 2) throw new RowFault('label_out_of_range', 'preference');
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
