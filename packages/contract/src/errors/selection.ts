/** @file Errors of selecting what to have judged next. */
import type { ErrorRow } from './error.ts';

export const selectionErrors = {
  'selection.too_few_prompts': {
    status: 422,
    exit: 'input',
    message: '{prompts} prompts have a pair with a winner; at least {needed} are needed.',
    cure: 'Give more judgements, or name the criterion that they are of.',
  },
  'selection.too_few_pairs': {
    status: 422,
    exit: 'input',
    message:
      'The split leaves {pool} pairs to choose from and {heldOut} to measure on, and {start} are labelled before the first choice.',
    cure: 'Give more judgements, fewer first labels, or another share to hold out.',
  },
  'selection.uncertainty_unknown': {
    status: 400,
    exit: 'usage',
    message:
      '{model} is a reward model of kind {kind}, which does not know how sure it is, and the rule {rule} needs that.',
    cure: 'Name a probe or an ensemble, or use the rule entropy or random.',
  },
  'selection.nothing_to_select': {
    status: 422,
    exit: 'input',
    message: '{path} has no prompt with two different responses.',
    cure: 'Give prompts with two or more responses, such as `plaudit policy generate` writes.',
  },
} as const satisfies Record<string, ErrorRow>;
