/** @file The border where every error becomes text: a row of the error table, an exit code, a line for people or JSON. */
import { exitCodes, PlauditError, plauditError } from '@plaudit/contract';
import { CommanderError } from 'commander';

const writeFailures = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EIO']);

/** Any error as one of the table; what is unknown becomes cli.internal with its cause kept. */
export const asPlauditError = (error: unknown): PlauditError => {
  if (error instanceof PlauditError) return error;
  if (error instanceof CommanderError)
    return plauditError('cli.usage', { problem: usageProblem(error.message) }, error);
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const named = path ?? 'the output';
  if (code === 'ENOSPC' || code === 'EDQUOT') return plauditError('output.disk_full', { path: named }, error);
  if (code !== undefined && writeFailures.has(code))
    return plauditError('output.not_writable', { path: named, problem: code }, error);
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
