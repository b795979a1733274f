/** @file Listening tests: audio file, listener, and a score from 1 to 5; two files are a sample and what it should sound like.
 * @see Casanova et al. 2022 (YourTTS), https://github.com/Edresson/YourTTS
 */
import type { Rating } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, labelNumber, optionalText, responseText } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { absentPrompt, absentPromptSegment, type Format, provenanceOf } from './format.ts';

const scale = { least: 1, most: 5 };

export const listeningScores: Format<'listening-scores'> = {
  name: 'listening-scores',
  fields: 'audio_path (one file, or a sample and its reference), score, evaluator_id',
  responseFields: ['audio_path'],
  detect: (row) => hasFields(row, 'audio_path', 'score', 'evaluator_id'),
  parse(row, place): Rating {
    const names = responseText(row, 'audio_path')
      .split(',')
      .map((name) => name.trim());
    if (names.length > 2) throw new RowFault('bad_field', 'audio_path');
    const [sample, reference] = names as [string, string?];
    if (reference === '') throw new RowFault('empty_prompt', 'audio_path');
    const criterion = reference === undefined ? 'naturalness' : 'similarity';
    return {
      kind: 'rating',
      prompt: reference === undefined ? absentPrompt(criterion) : toPrompt(reference),
      response: sample,
      criterion,
      value: labelNumber(row, 'score'),
      scale,
      provenance: provenanceOf(place, {
        annotator: optionalText(row, 'evaluator_id'),
        annotatorKind: 'human',
        // The texts are names of files: there is nothing to read in them.
        segments: { modality: 'audio', ...(reference === undefined && absentPromptSegment) },
      }),
    };
  },
};
