/** @file Failures of reading a saved model as errors of the table. */
import { join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import { type ModelCard, modelCardFile, readModelCard } from '../model.ts';

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  ELOOP: 'its links go round in a circle',
};

/**
 * Runs something that reads, and names the path when reading fails.
 *
 * @throws data.file_unreadable
 */
export const reading = async <T>(path: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    const { code, path: failed } = (error ?? {}) as NodeJS.ErrnoException;
    if (error instanceof PlauditError || code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw plauditError(
      'data.file_unreadable',
      { path: failed ?? path, problem: problems[code] ?? code },
      error,
    );
  }
};

/** @throws reward.model_missing, reward.card_corrupt, reward.card_newer, data.file_unreadable */
export const readCard = (directory: string): Promise<ModelCard> =>
  reading(join(directory, modelCardFile), () => readModelCard(directory));
