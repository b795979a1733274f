/** @file Errors of quality. */
import type { ErrorRow } from './error.ts';

export const qualityErrors = {
  'quality.systems_disconnected': {
    status: 422,
    exit: 'input',
    message:
      'The {systems} systems fall into {components} groups that were never compared with one another, so that no common scale ranks them.',
    cure: 'Add comparisons between the groups, rank each group alone, or give a ridge on abilities, which puts the mean of every group at 0.',
  },
  'quality.systems_separated': {
    status: 422,
    exit: 'input',
    message:
      'The comparisons put no finite number on the abilities: {systems} systems win or lose everything against the rest, or a covariate or the place explains every outcome.',
    cure: 'Add comparisons, leave out the systems that never win or never lose, or give a ridge on abilities (0.1, say), which keeps them finite.',
  },
  'quality.too_many_systems': {
    status: 422,
    exit: 'usage',
    message: '{systems} systems are too many to rank at once; at most {most} can be.',
    cure: 'Rank systems that wrote many responses, and not single responses: a system is a model, a policy, a version.',
  },
  'quality.gates_failed': {
    status: 422,
    exit: 'input',
    message: 'The snapshot {snapshot} does not pass gates that training requires: {gates}.',
    cure: 'Read what they found with plaudit data snapshot --report (the same data sets give the same snapshot), mend the data and make a new snapshot; or train with --despite-gates, which the run and the model then carry.',
  },
  'quality.too_many_classes': {
    status: 422,
    exit: 'usage',
    message:
      'The judgements of {annotators} annotators name {classes} classes, too many to learn how each confuses them.',
    cure: 'Give classes that were chosen from a list: sides, grades, labels. Free text has to be grouped first.',
  },
} as const satisfies Record<string, ErrorRow>;
