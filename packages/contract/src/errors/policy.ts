/** @file Errors of optimising policies. */
import type { ErrorRow } from './error.ts';

export const policyErrors = {
  'policy.bad_configuration': {
    status: 400,
    exit: 'usage',
    message: 'The setting {setting} of the policy cannot be used: {problem}.',
    cure: 'Change that setting, or leave it out to get its default.',
  },
  'policy.missing': {
    status: 404,
    exit: 'missing',
    message: '{path} holds no policy: plaudit.json is not there, or it is not that of a policy.',
    cure: 'Name the folder that `plaudit policy train --out` wrote, or a checkpoint.',
  },
  'policy.card_corrupt': {
    status: 422,
    exit: 'input',
    message: '{path} cannot be used: {problem}.',
    cure: 'Copy the policy folder again from where it was trained, or train it again.',
  },
  'policy.nothing_to_learn': {
    status: 422,
    exit: 'input',
    message:
      'Of the {rows} rows only {usable} hold something that {method} learns from; at least {needed} are needed.',
    cure: 'Give more rows, or a method that learns from what the rows hold: `plaudit policy train --help` says which.',
  },
  'policy.base_changed': {
    status: 422,
    exit: 'input',
    message: '{path} was trained on another checkpoint than {base}.',
    cure: 'Put the checkpoint that it was trained on back in its place.',
  },
  'policy.memory_short': {
    status: 507,
    exit: 'run',
    message: 'A training step would need about {needed} of memory, and {available} are free.',
    cure: 'Lower --max-length or --max-new-tokens, use --int8 or a smaller base, or end other programs.',
  },
} as const satisfies Record<string, ErrorRow>;
