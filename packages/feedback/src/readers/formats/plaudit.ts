/** @file Plaudit's own judgements, one JSON object a row, as `writeJudgements` writes them. */
import { type Comparison, judgement } from '@plaudit/contract';
import { RowFault } from '../reject.ts';
import type { Format } from './format.ts';

export const plaudit: Format<'plaudit'> = {
  name: 'plaudit',
  fields: 'kind, prompt, responses, outcome, provenance',
  responseFields: ['responses.0', 'responses.1'],
  detect: (row) => row.kind === 'comparison',
  parse(row): Comparison {
    const read = judgement.safeParse(row);
    if (read.success) {
      if (read.data.prompt.every((turn) => turn.content.trim() === ''))
        throw new RowFault('empty_prompt', 'prompt');
      return read.data;
    }
    const path = read.error.issues[0]?.path ?? [];
    const field = path.join('.') || 'kind';
    if (row.prompt === undefined || row.prompt === null) throw new RowFault('missing_prompt', 'prompt');
    if (path[0] === 'responses') throw new RowFault('not_text', field);
    if (path[0] === 'outcome' || path[0] === 'preference' || path[0] === 'margin')
      throw new RowFault('label_out_of_range', field);
    throw new RowFault('bad_field', field);
  },
};
