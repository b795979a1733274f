/** @file Files that commands write beside their result. */
import { stat, writeFile } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import { writing } from './errors.ts';

/**
 * Called before any work, so that a long run does not end in a refusal.
 *
 * @throws output.would_replace
 */
export const refuseToReplace = async (path: string, overwrite = false): Promise<void> => {
  if (!overwrite && (await stat(path).catch(() => undefined)))
    throw plauditError('output.would_replace', { path });
};

/** @throws output.disk_full, output.not_writable */
export const writePage = (path: string, text: string): Promise<void> =>
  writing(path, () => writeFile(path, text));
