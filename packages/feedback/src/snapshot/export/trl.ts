/** @file The dataset types of TRL, with prompts and answers as chat messages.
 * @see https://huggingface.co/docs/trl/dataset_formats
 */
import type { Label, Steps } from '@plaudit/contract';
import { ExportFault } from './column.ts';
import { answerOf, as, columns, type ExportFormat, oneTurn, preferred, preferredKinds } from './format.ts';

export const trlPreference: ExportFormat<'trl-preference'> = {
  name: 'trl-preference',
  columns: [...columns('messages', 'prompt', 'chosen', 'rejected'), ...columns('number', 'margin')],
  kinds: preferredKinds,
  keeps: ['margin'],
  row(judgement) {
    const { prompt, chosen, rejected, margin } = preferred(judgement);
    return { prompt, chosen: answerOf(chosen), rejected: answerOf(rejected), margin };
  },
};

export const trlUnpaired: ExportFormat<'trl-unpaired'> = {
  name: 'trl-unpaired',
  columns: [...columns('messages', 'prompt', 'completion'), ...columns('truth', 'label')],
  kinds: ['label'],
  keeps: [],
  row(judgement) {
    const { prompt, response, desirable } = as<Label>(judgement, 'label');
    return { prompt, completion: answerOf(response), label: desirable };
  },
};

/** TRL takes steps as texts only, and joins them with line breaks. */
export const trlStepwise: ExportFormat<'trl-stepwise'> = {
  name: 'trl-stepwise',
  columns: [...columns('text', 'prompt'), ...columns('texts', 'completions'), ...columns('truths', 'labels')],
  kinds: ['steps'],
  keeps: [],
  row(judgement) {
    const { prompt, steps, separator, labels } = as<Steps>(judgement, 'steps');
    if (separator !== '\n') throw new ExportFault('separator');
    if (labels.includes(null)) throw new ExportFault('step_without_label');
    return { prompt: oneTurn(prompt), completions: steps, labels };
  },
};

/** Each prompt once, for sampling new answers to it. */
export const trlPromptOnly: ExportFormat<'trl-prompt-only'> = {
  name: 'trl-prompt-only',
  columns: columns('messages', 'prompt'),
  kinds: ['comparison', 'ranking', 'rating', 'label', 'edit', 'steps'],
  keeps: [],
  row: ({ prompt }) => ({ prompt }),
};
