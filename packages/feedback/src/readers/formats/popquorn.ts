/** @file POPQUORN offensiveness rows: a comment, a person's rating from 1 to 5, and who that person is, as segments.
 * @see Pei and Jurgens 2023, https://github.com/Jiaxin-Pei/Potato-Prolific-Dataset
 */
import type { Rating } from '@plaudit/contract';
import { hasFields, labelNumber, optionalText, responseText, segmentsOf } from '../fields.ts';
import { absentPrompt, absentPromptSegment, type Format, provenanceOf } from './format.ts';

const scale = { least: 1, most: 5 };
/** What people told of themselves: personal data, to be treated as such. */
const demographics = ['gender', 'race', 'age', 'occupation', 'education'];

export const popquorn: Format<'popquorn'> = {
  name: 'popquorn',
  fields: 'text, offensiveness, user_id, and the rater’s gender, race, age, occupation, education',
  responseFields: ['text'],
  detect: (row) => hasFields(row, 'text', 'offensiveness', 'user_id'),
  parse(row, place): Rating {
    return {
      kind: 'rating',
      prompt: absentPrompt('offensiveness'),
      response: responseText(row, 'text'),
      criterion: 'offensiveness',
      value: labelNumber(row, 'offensiveness'),
      scale,
      provenance: provenanceOf(place, {
        annotator: optionalText(row, 'user_id'),
        annotatorKind: 'human',
        segments: { ...absentPromptSegment, ...segmentsOf(row, demographics) },
      }),
    };
  },
};
