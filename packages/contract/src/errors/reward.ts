/** @file Errors of training and using reward models. */
import type { ErrorRow } from './error.ts';

export const rewardErrors = {
  'reward.model_missing': {
    status: 404,
    exit: 'missing',
    message: '{path} holds no reward model: plaudit.json is not there.',
    cure: 'Name the folder that `plaudit reward train --out` wrote.',
  },
  'reward.card_corrupt': {
    status: 422,
    exit: 'input',
    message: '{path} cannot be used: {problem}.',
    cure: 'Copy the model folder again from where it was trained, or train it again.',
  },
  'reward.card_newer': {
    status: 422,
    exit: 'input',
    message:
      '{path} was written by a newer Plaudit (card version {version}; this one reads up to {readable}).',
    cure: 'Update Plaudit, or train the model again with this version.',
  },
  'reward.kind_mismatch': {
    status: 422,
    exit: 'input',
    message: '{path} holds a reward model of kind {found}, not {expected}.',
    cure: 'Open it with the command for that kind, or name another folder.',
  },
  'reward.weights_corrupt': {
    status: 422,
    exit: 'input',
    message: 'The weights in {path} cannot be used: {problem}.',
    cure: 'Copy the model folder again from where it was trained, or train it again.',
  },
  'reward.too_few_pairs': {
    status: 422,
    exit: 'input',
    message: 'The {split} split has {pairs} usable comparisons; at least {needed} are needed.',
    cure: 'Give more rows, or a larger share of them to that split.',
  },
  'reward.not_finite': {
    status: 500,
    exit: 'run',
    message: 'A number stopped being finite while {activity}.',
    cure: 'Train again with a lower learning rate or, for a linear model, lower margins and a higher L2 strength.',
  },
  'reward.bad_configuration': {
    status: 400,
    exit: 'usage',
    message: 'The setting {setting} cannot be used: {problem}.',
    cure: 'Change that setting; `plaudit reward train --help` lists the allowed values.',
  },
  'reward.different_pairs': {
    status: 400,
    exit: 'usage',
    message: 'The two models were not scored on the same comparisons: {problem}.',
    cure: 'Score both models on the same file and compare again.',
  },
  'reward.checkpoint_other': {
    status: 409,
    exit: 'usage',
    message: '{path} is a checkpoint of a run with other data, settings or another seed.',
    cure: 'Resume with the command that started the run, or start anew without --resume.',
  },
  'reward.base_changed': {
    status: 409,
    exit: 'input',
    message:
      'The reward model in {path} was trained on another checkpoint than the one that is now in {base}.',
    cure: 'Name the original base with --base, put it back in its place, or train again on the new one.',
  },
  'reward.formatting_changed': {
    status: 409,
    exit: 'input',
    message:
      'The tokenizer, chat template or limits of {path} are not those that its reward model was trained with.',
    cure: 'Restore tokenizer.json, tokenizer_config.json and the chat template, or train again.',
  },
} as const satisfies Record<string, ErrorRow>;
