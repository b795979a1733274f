/** @file OpenRLHF's unpaired rows: instruction, response, and a score that says whether it is desirable. Its paired rows are TRL's.
 * @see https://github.com/OpenRLHF/OpenRLHF (datasets/unpaired_preference_dataset.py)
 */
import type { Label } from '@plaudit/contract';
import { hasFields, labelBoolean, oneResponse, promptOf } from '../fields.ts';
import { type Format, provenanceOf } from './format.ts';

export const openrlhf: Format<'openrlhf'> = {
  name: 'openrlhf',
  fields: 'instruction, response, score (true or false)',
  responseFields: ['response'],
  detect: (row) => hasFields(row, 'instruction', 'response', 'score'),
  parse(row, place): Label {
    return {
      kind: 'label',
      prompt: promptOf(row, 'instruction'),
      response: oneResponse(row.response, 'response'),
      desirable: labelBoolean(row.score, 'score'),
      provenance: provenanceOf(place),
    };
  },
};
