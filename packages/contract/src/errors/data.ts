/** @file Errors of reading judgement files. */
import type { ErrorRow } from './error.ts';

export const dataErrors = {
  'data.file_missing': {
    status: 404,
    exit: 'missing',
    message: '{path} is not there.',
    cure: 'Check the spelling and the folder the command runs in; relative paths start there.',
  },
  'data.folder_without_data': {
    status: 404,
    exit: 'missing',
    message: '{path} is a folder without data files.',
    cure: 'Name a file, or a folder whose files end in .jsonl, .ndjson, .json, .csv, .tsv (also with .gz or .zst) or .parquet.',
  },
  'data.file_unreadable': {
    status: 403,
    exit: 'input',
    message: '{path} cannot be read: {problem}.',
    cure: 'Give this user permission to read it, and name a regular file.',
  },
  'data.file_empty': {
    status: 422,
    exit: 'input',
    message: '{path} is empty.',
    cure: 'Fetch or export the file again; a usable file holds at least one row.',
  },
  'data.compression_corrupt': {
    status: 422,
    exit: 'input',
    message: '{path} starts as a {compression} file but cannot be decompressed; row {row} could not be read.',
    cure: 'Fetch or copy the file again and compare its checksum with that of the source.',
  },
  'data.truncated': {
    status: 422,
    exit: 'input',
    message: '{path} is cut off: it ends in the middle of row {row}.',
    cure: 'Fetch or copy the file again. To use the whole rows before the cut, write them to a new file first.',
  },
  'data.not_utf8': {
    status: 422,
    exit: 'input',
    message:
      '{path} is not UTF-8 text: row {row} or one just after it holds bytes that UTF-8 does not allow.',
    cure: 'Convert it, for instance with: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW_FILE (or -f UTF-16).',
  },
  'data.unsupported_container': {
    status: 415,
    exit: 'input',
    message: '{path} is a file of a kind that cannot be read: {container}.',
    cure: 'Export it as JSONL, CSV (plain, .gz or .zst) or Parquet, or unpack it first.',
  },
  'data.archive_of_several': {
    status: 415,
    exit: 'input',
    message: '{path} is an archive of several files.',
    cure: 'Unpack it and name the files that hold judgements; an archive of one file is read as that file.',
  },
  'data.parquet_damaged': {
    status: 422,
    exit: 'input',
    message: '{path} starts as a Parquet file but cannot be read: {problem}.',
    cure: 'Fetch or export the file again and compare its checksum with that of the source.',
  },
  'data.parquet_too_large': {
    status: 422,
    exit: 'input',
    message: '{path} cannot be held in memory: {problem}.',
    cure: 'Write it again with smaller row groups, for instance of 50,000 rows (row_group_size in pyarrow).',
  },
  'data.row_too_long': {
    status: 422,
    exit: 'input',
    message: '{path} row {row} is longer than {limit} characters.',
    cure: 'Check that rows are separated by line breaks (JSONL), or split the row.',
  },
  'data.bad_option': {
    status: 400,
    exit: 'usage',
    message: 'The option {option} cannot be used: {problem}.',
    cure: 'Change that option; the command with --help lists the allowed values.',
  },
  'data.unknown_format': {
    status: 422,
    exit: 'input',
    message: '{path} holds rows of no known format; the first usable row has the fields: {fields}.',
    cure: 'Rename the fields to those of one format: {formats}.',
  },
  'data.format_name': {
    status: 400,
    exit: 'usage',
    message: 'There is no format named {format}.',
    cure: 'Use auto or one of: {formats}.',
  },
  'data.mixed_formats': {
    status: 422,
    exit: 'input',
    message: '{path} holds {found} rows but the files before it hold {expected} rows.',
    cure: 'Give files of one format in one call, or convert them to one format first.',
  },
  'data.bad_rules': {
    status: 422,
    exit: 'input',
    message: '{path} is no file of rules for signals: {field}: {problem}.',
    cure: 'Start from the default rules in the documentation of signals and change them field by field.',
  },
  'data.no_usable_rows': {
    status: 422,
    exit: 'input',
    message: '{path} has no usable row; {rows} were set aside: {reasons}.',
    cure: 'Repair the rows for the reasons given; row {row} is the first. The expected formats are in the documentation of readers.',
  },
  'data.prompt_row': {
    status: 422,
    exit: 'input',
    message: '{path} row {row} cannot be used: {field}: {problem}.',
    cure: 'Give each row a prompt and responses (or response, completion, or chosen and rejected), as text or chat messages. A prompt alone is enough where a policy answers it. No row is skipped, because results come back in the same order.',
  },
} as const satisfies Record<string, ErrorRow>;
