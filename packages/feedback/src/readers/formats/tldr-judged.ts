/** @file Summaries that a judge model compared with a reference: TL;DR rows with `preferred` and the order they were shown in.
 * @see https://github.com/vwxyzjn/summarize_from_feedback_details
 */
import type { Comparison } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import { hasFields, optionalNumber, promptText, responseText } from '../fields.ts';
import { RowFault } from '../reject.ts';
import { type Format, provenanceOf } from './format.ts';

const outcomes = new Map<unknown, Comparison['outcome']>([
  ['ours', 'a'],
  ['reference', 'b'],
  ['tie', 'tie'],
]);

export const tldrJudged: Format<'tldr-judged'> = {
  name: 'tldr-judged',
  fields: 'query, postprocessed_response, reference_responses, preferred',
  responseFields: ['postprocessed_response', 'reference_responses'],
  detect: (row) => hasFields(row, 'query', 'postprocessed_response', 'reference_responses'),
  parse(row, place): Comparison {
    const prompt = toPrompt(promptText(row, 'query'));
    const responses: [string, string] = [
      responseText(row, 'postprocessed_response'),
      responseText(row, 'reference_responses'),
    ];
    if (row.preferred === undefined || row.preferred === null)
      throw new RowFault('missing_label', 'preferred');
    const outcome = outcomes.get(row.preferred);
    if (!outcome) throw new RowFault('label_out_of_range', 'preferred');
    // 1 says that the two were swapped before the judge saw them.
    const first = optionalNumber(row, 'shuffled_index');
    return {
      kind: 'comparison',
      prompt,
      responses,
      outcome,
      provenance: provenanceOf(place, {
        annotatorKind: 'model',
        shownFirst: first === 0 || first === 1 ? first : undefined,
      }),
    };
  },
};
