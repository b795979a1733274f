/** @file Errors of snapshots as files, their exports and their cards. */
import type { ErrorRow } from './error.ts';

export const snapshotErrors = {
  'snapshot.not_one': {
    status: 422,
    exit: 'input',
    message: '{path} is not the folder of a snapshot: {problem}.',
    cure: 'Name a folder that holds manifest.json and the files that it lists, as data snapshot writes it.',
  },
  'snapshot.newer': {
    status: 422,
    exit: 'input',
    message: '{path} is a snapshot of schema {schema}; this version reads schema {known}.',
    cure: 'Read it with the version of Plaudit that wrote it, or a newer one.',
  },
  'snapshot.damaged': {
    status: 422,
    exit: 'input',
    message: '{path} is not the snapshot that its manifest says: {problem}.',
    cure: 'Copy or write the snapshot again. Nothing of a damaged file was used.',
  },
  'snapshot.empty': {
    status: 422,
    exit: 'input',
    message: 'A snapshot needs at least one judgement, and there is none.',
    cure: 'Check the files that were given, and what was set aside of them.',
  },
  'snapshot.export_format': {
    status: 400,
    exit: 'usage',
    message: 'There is no export format named {format}.',
    cure: 'Use one of: {formats}.',
  },
  'snapshot.bad_container': {
    status: 400,
    exit: 'usage',
    message: '{path} asks for a file that cannot be written: {problem}.',
    cure: 'Let the name end in .jsonl, .json or .csv (also with .gz or .zst) or in .parquet, as the format allows.',
  },
  'snapshot.nothing_to_export': {
    status: 422,
    exit: 'input',
    message: 'None of {judgements} judgements can be written as {format}: {reasons}.',
    cure: 'Choose a format that holds these judgements; plaudit holds them all.',
  },
} as const satisfies Record<string, ErrorRow>;
