/** @file Errors of the command line and of writing to disk. */
import type { ErrorRow } from './error.ts';

export const cliErrors = {
  'cli.usage': {
    status: 400,
    exit: 'usage',
    message: '{problem}',
    cure: 'Run the command with --help to see its options and an example.',
  },
  'cli.interrupted': {
    status: 499,
    exit: 'interrupted',
    message: 'Stopped before the end.',
    cure: '{resume}',
  },
  'cli.internal': {
    status: 500,
    exit: 'internal',
    message: 'Something in Plaudit itself failed: {problem}',
    cure: 'Run again with PLAUDIT_DEBUG=1 to see where, and report it with that output.',
  },
  'cli.quickstart_failed': {
    status: 500,
    exit: 'internal',
    message: 'The quickstart cannot go on: {problem}',
    cure: 'Run the same command again to go on from here, or with --fresh to begin anew.',
  },
  'output.disk_full': {
    status: 507,
    exit: 'output',
    message: 'The disk is full: {path} could not be written.',
    cure: 'Free some space and run the same command again; what was finished before is kept.',
  },
  'output.not_writable': {
    status: 500,
    exit: 'output',
    message: '{path} cannot be written: {problem}',
    cure: 'Choose another --out, or change the permissions of that folder.',
  },
  'output.not_moved': {
    status: 500,
    exit: 'output',
    message: 'The reward model is finished but could not be put at {path}: {problem}.',
    cure: 'It lies whole in {finished}: rename that folder yourself, or use it where it is.',
  },
  'output.exists': {
    status: 409,
    exit: 'usage',
    message: '{path} is there already and holds something else.',
    cure: 'Choose another --out, or remove that folder first.',
  },
  'output.would_replace': {
    status: 409,
    exit: 'usage',
    message: '{path} is there already.',
    cure: 'Choose another --out, or add --overwrite to replace it.',
  },
  'output.unfinished': {
    status: 409,
    exit: 'usage',
    message: '{path} holds an unfinished run with checkpoints.',
    cure: 'Add --resume to go on with it, or --overwrite to start anew.',
  },
  'output.other_run': {
    status: 409,
    exit: 'usage',
    message: '{path} holds an unfinished run with another {what}.',
    cure: 'Give the same {what} to resume that run, or give --overwrite in place of --resume to start anew.',
  },
  'output.busy': {
    status: 409,
    exit: 'usage',
    message: 'Another run (process {pid}) is writing {path} now.',
    cure: 'Wait until it has ended, or choose another --out.',
  },
} as const satisfies Record<string, ErrorRow>;
