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
  'reward.memory_short': {
    status: 507,
    exit: 'run',
    message: 'A training step would need about {needed} of memory, and {available} are free.',
    cure: 'Lower --max-length, use --int8 or a smaller base, or end other programs. Without --no-recompute less is needed.',
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
  'reward.scores_missing': {
    status: 400,
    exit: 'usage',
    message: '{path} holds no rewards, and no reward model was named to give them.',
    cure: 'Name one with --model, or give a file whose rows hold rewards: {fields}.',
  },
  'reward.reward_failed': {
    status: 500,
    exit: 'run',
    message: 'The reward model gave no finite reward for response {response} of {path} row {row}.',
    cure: 'Score that row alone with `plaudit reward score` to see it; a model that overflows has to be trained again. No benchmark number is given, because a failed reward is not a reward of 0.',
  },
  'reward.bad_specification': {
    status: 400,
    exit: 'input',
    message: '{path} is no usable specification: {field}: {problem}.',
    cure: 'Change that field; docs/reward-models.md shows a specification of every kind.',
  },
  'reward.program_failed': {
    status: 500,
    exit: 'run',
    message: 'The program gave no reward for response {response} of item {item}: {problem}.',
    cure: 'Repair the program or its rule and build the model again; PLAUDIT_DEBUG=1 shows what the program threw. A failure is never a reward of 0.',
  },
  'reward.program_unusable': {
    status: 422,
    exit: 'input',
    message: 'The program of {path} cannot be used: {problem}.',
    cure: 'Give one file with a default export (prompt, response) => number and no imports but those of Node.js, and build the model again.',
  },
  'reward.function_unusable': {
    status: 422,
    exit: 'input',
    message: '{path} cannot be used as a reward: {problem}.',
    cure: 'Give a .ts, .mts, .js or .mjs file whose default export is a function (prompt, response) that returns a number, or an object of named numbers of which the reward is the sum.',
  },
  'reward.function_failed': {
    status: 500,
    exit: 'run',
    message: 'The reward function {name} gave no reward for response {response} of item {item}: {problem}.',
    cure: 'Repair the function, or raise its time limit; PLAUDIT_DEBUG=1 shows what it threw. A failure is never a reward of 0.',
  },
  'reward.endpoint_failed': {
    status: 502,
    exit: 'run',
    message: 'The reward endpoint {url} gave no usable answer after {attempts} attempts: {problem}.',
    cure: 'Check that the service runs and answers POST {"query": [texts], "prompts": [texts], "labels": [texts]} with {"rewards": [one finite number for each query]}. A failure is never a reward of 0.',
  },
  'reward.reference_unknown': {
    status: 404,
    exit: 'missing',
    message: '{reference} names no reward: {problem}.',
    cure: 'Give the folder of a saved reward model, the http or https address of an endpoint, a .ts, .mts, .js or .mjs file with a function, or gold.',
  },
  'reward.normaliser_missing': {
    status: 422,
    exit: 'input',
    message: 'The rewards of {reward} cannot be normalised: no mean and spread of them were measured.',
    cure: 'Use a saved model that was trained, or built or calibrated with --data, or take its rewards as they are.',
  },
  'reward.rewards_failed': {
    status: 502,
    exit: 'run',
    message: '{reward} gave no reward for {failed} of {responses} responses. The first: {problem}',
    cure: 'Repair the reward and resume the run. A few failures can be left out of an update instead of stopping the run; more than half of an update always stops it. A failure is never a reward of 0.',
  },
  'reward.judge_key_missing': {
    status: 401,
    exit: 'usage',
    message: 'The judge needs a key, and the environment variable {variable} is not set.',
    cure: 'Set {variable} to the key of the service. It is read from there each time and never written anywhere.',
  },
  'reward.judge_refused': {
    status: 502,
    exit: 'run',
    message: 'The judge at {url} refused the request: {problem}.',
    cure: 'Check the address, the model and the key, and what the service allows. Answers that came before are kept and not asked again.',
  },
  'reward.judge_failed': {
    status: 502,
    exit: 'run',
    message: 'The judge at {url} gave no usable answer after {attempts} attempts: {problem}.',
    cure: 'Run the same command again later, or with a lower concurrency. Answers that came before are kept and not asked again. A failure is never a reward of 0.',
  },
  'reward.judge_one_response': {
    status: 422,
    exit: 'input',
    message: 'Item {item} has one response, and a pairwise judge compares at least two.',
    cure: 'Give at least two responses to every prompt, or use a pointwise judge.',
  },
  'reward.part_missing': {
    status: 404,
    exit: 'missing',
    message: 'The part {part} of {path} is not at {place}.',
    cure: 'Put that model back in its place, or build again with `"embed": true`, which keeps copies of the parts.',
  },
  'reward.part_changed': {
    status: 409,
    exit: 'input',
    message:
      'The part {part} of {path} is not the model that it was built with: the card in {place} has changed.',
    cure: 'Put the original back, or build again from the model that is there now.',
  },
  'reward.not_averaged': {
    status: 400,
    exit: 'usage',
    message: 'The weights of {a} and {b} cannot be averaged: {problem}.',
    cure: 'Average linear models, or adapters of one base; any other members make an ensemble without --average.',
  },
} as const satisfies Record<string, ErrorRow>;
