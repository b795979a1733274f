/** @file Auto-J pairwise rows: human labels 0 (first), 1 (second), 2 (tie) over 58 scenarios.
 * @see Li et al. 2023, https://github.com/GAIR-NLP/auto-j
 */
import type { Comparison } from '@plaudit/contract';
import { hasFields, labelNumber, promptOf, responseText, segmentsOf } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

const outcomes = ['a', 'b', 'tie'] as const;

export const autoj: Format<'autoj'> = {
  name: 'autoj',
  fields: 'prompt, response 1, response 2, label',
  responseFields: ['response 1', 'response 2'],
  detect: (row) => hasFields(row, 'response 1', 'response 2', 'label'),
  parse(row, place): Comparison {
    const outcome = outcomes[labelNumber(row, 'label')];
    if (!outcome) throw new RowFault('label_out_of_range', 'label');
    return {
      kind: 'comparison',
      prompt: promptOf(row, 'prompt'),
      responses: [responseText(row, 'response 1'), responseText(row, 'response 2')],
      outcome,
      provenance: provenanceOf(place, {
        annotatorKind: 'human',
        segments: segmentsOf(row, ['scenario']),
      }),
    };
  },
};
