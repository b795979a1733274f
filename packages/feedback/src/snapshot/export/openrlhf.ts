/** @file OpenRLHF's sets: pairs of whole conversations, and unpaired answers with a score that is true or false.
 * @see https://github.com/OpenRLHF/OpenRLHF
 */
import type { Label } from '@plaudit/contract';
import { answerOf, as, columns, type ExportFormat, preferred, preferredKinds } from './format.ts';

export const openrlhf: ExportFormat<'openrlhf'> = {
  name: 'openrlhf',
  columns: columns('messages', 'chosen', 'rejected'),
  kinds: preferredKinds,
  keeps: [],
  row(judgement) {
    const { prompt, chosen, rejected } = preferred(judgement);
    return { chosen: [...prompt, ...answerOf(chosen)], rejected: [...prompt, ...answerOf(rejected)] };
  },
};

export const openrlhfKto: ExportFormat<'openrlhf-kto'> = {
  name: 'openrlhf-kto',
  columns: [...columns('messages', 'instruction', 'response'), ...columns('truth', 'score')],
  kinds: ['label'],
  keeps: [],
  row(judgement) {
    const { prompt, response, desirable } = as<Label>(judgement, 'label');
    return { instruction: prompt, response: answerOf(response), score: desirable };
  },
};
