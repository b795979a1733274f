/** @file Writing a file whole or not at all: under a temporary name first, then renamed. */
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';

/**
 * @param write Writes the file of the name that it is given, and flushes it to the disk where it is told so
 * @throws PlauditError output.disk_full, output.not_writable; the path is then as it was before
 */
export const writeWhole = async (
  path: string,
  write: (target: string, flush: boolean) => Promise<void>,
): Promise<void> => {
  let temporary: string | undefined;
  try {
    const target = await writeTarget(path);
    temporary = target.temporary;
    await write(temporary ?? target.file, temporary !== undefined);
    if (temporary !== undefined) await rename(temporary, target.file);
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => {});
    throw outputError(path, cause);
  }
};

/** What went wrong on the way to the disk, as an error of the table; anything else as it is. */
export const outputError = (path: string, cause: unknown): unknown => {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return plauditError('output.disk_full', { path }, cause);
  if (code?.startsWith('E') && !code.startsWith('ERR_'))
    return plauditError('output.not_writable', { path, problem: code }, cause);
  return cause;
};

/**
 * The file behind links, and the name to write under first. A device or a pipe is written to as it is: renaming over
 * /dev/null or /dev/full as root would put a plain file in the place of the device.
 */
const writeTarget = async (path: string): Promise<{ file: string; temporary: string | undefined }> => {
  const found = await stat(path).catch(() => undefined);
  if (found && !found.isFile()) return { file: path, temporary: undefined };
  const file = found ? await realpath(path) : path;
  return { file, temporary: `${file}.${process.pid}.tmp` };
};
