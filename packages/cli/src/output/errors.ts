/** @file The border where every error becomes text: a row of the error table, an exit code, a line for people or JSON. */
import { exitCodes, PlauditError, plauditError } from '@plaudit/contract';
import { CommanderError } from 'commander';

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'the device failed',
};

/** System calls that only writing makes. */
const writeCalls = new Set(['mkdir', 'rename', 'rmdir', 'unlink', 'link', 'symlink', 'write', 'fsync']);

/** A failure to write `path` as an error of the table; anything else as it is. */
const asWriteFailure = (path: string, error: unknown): unknown => {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (error instanceof PlauditError || code === undefined) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return plauditError('output.disk_full', { path }, error);
  if (!(code in problems)) return error;
  return plauditError('output.not_writable', { path, problem: problems[code]! }, error);
};

/**
 * Runs something that writes, and names the path when writing fails: at the border a file that could not be opened
 * does not tell whether it was to be read or written.
 *
 * @throws output.disk_full, output.not_writable
 */
export const writing = async <T>(path: string, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    throw asWriteFailure(path, error);
  }
};

/** Any error as one of the table; what is unknown becomes cli.internal with its cause kept. */
export const asPlauditError = (error: unknown): PlauditError => {
  if (error instanceof PlauditError) return error;
  if (error instanceof CommanderError)
    return plauditError('cli.usage', { problem: usageProblem(error.message) }, error);
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS';
  if (full || (syscall !== undefined && writeCalls.has(syscall))) {
    const failure = asWriteFailure(path ?? 'the output', error);
    if (failure instanceof PlauditError) return failure;
  }
  // Every place that writes files names its path itself, so what gets here could not be read.
  if (code !== undefined && code in problems)
    return plauditError(
      'data.file_unreadable',
      { path: path ?? 'the input', problem: problems[code]! },
      error,
    );
  const problem = error instanceof Error ? error.message : String(error);
  return plauditError('cli.internal', { problem: problem || 'no message was given.' }, error);
};

/** Commander's sentence as one of ours. */
const usageProblem = (message: string): string => {
  const text = message
    .replace(/^error: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?!)]$/.test(sentence) ? sentence : `${sentence}.`;
};

export const exitCodeOf = (error: PlauditError): number => exitCodes[error.exit];

/** What stderr gets: one JSON document on one line, or two lines for people. */
export const errorText = (error: PlauditError, json: boolean): string =>
  json
    ? `${JSON.stringify(error)}\n`
    : `plaudit: ${error.message}\n  ${error.cure}\n  (${error.code}, exit code ${exitCodeOf(error)})\n`;

/** The stack of an error and of all its causes, for PLAUDIT_DEBUG=1. */
export const debugText = (error: unknown): string => {
  const parts: string[] = [];
  for (let at: unknown = error; at !== undefined && parts.length < 8; at = (at as Error).cause)
    parts.push(at instanceof Error ? (at.stack ?? at.message) : String(at));
  return `${parts.join('\ncaused by: ')}\n`;
};
