/** @file QAGS annotations: for each sentence of a summary, what each worker said about its being supported by the article.
 * @see Wang et al. 2020, https://github.com/W4ngatang/qags
 */
import type { Label } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, isRow, optionalText, promptText, responseText } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, faultAt, provenanceOf, readParts } from './format.ts';

const answers = new Map<unknown, boolean>([
  ['yes', true],
  ['no', false],
]);

export const qags: Format<'qags'> = {
  name: 'qags',
  fields: 'article, summary_sentences (each a sentence with the workers’ responses)',
  responseFields: ['sentence'],
  detect: (row) => hasFields(row, 'article', 'summary_sentences'),
  parse(row, place): Label[] {
    const prompt = toPrompt(promptText(row, 'article'));
    if (!Array.isArray(row.summary_sentences)) throw new RowFault('bad_field', 'summary_sentences');
    return readParts(row.summary_sentences.entries(), place, ([i, part]) => {
      const field = `summary_sentences.${i}`;
      if (!isRow(part)) throw new RowFault('bad_field', field);
      const response = faultAt(`${field}.sentence`, () => responseText(part, 'sentence'));
      if (response.trim() === '') throw new RowFault('empty_response', `${field}.sentence`);
      if (!Array.isArray(part.responses)) throw new RowFault('missing_label', `${field}.responses`);
      return readParts(part.responses.entries(), place, ([k, said]): Label[] => {
        const desirable = isRow(said) ? answers.get(said.response) : undefined;
        if (!isRow(said) || desirable === undefined)
          throw new RowFault('label_out_of_range', `${field}.responses.${k}`);
        const annotator = optionalText(said, 'worker_id');
        const provenance = provenanceOf(place, { annotator, annotatorKind: 'human' });
        return [{ kind: 'label', prompt, response, desirable, criterion: 'consistency', provenance }];
      });
    });
  },
};
