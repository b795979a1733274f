/** @file Writing a file as a whole or not at all: a temporary in the same folder, fsync, rename. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';

/** What can be written: all at once, or in pieces as they are made. */
export type FileContent =
  | string
  | Uint8Array
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/** Turns a failure of writing into an error of the table; others pass. */
export const outputError = (path: string, cause: unknown): unknown => {
  if (cause instanceof PlauditError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string') return cause;
  if (code === 'ENOSPC' || code === 'EDQUOT') return plauditError('output.disk_full', { path }, cause);
  const problem =
    {
      EACCES: 'permission denied',
      EPERM: 'not permitted',
      EROFS: 'the file system is read-only',
      ENOTDIR: 'a part of the path is a file',
      EISDIR: 'a folder has that name',
      ENOTEMPTY: 'a folder has that name',
      ENAMETOOLONG: 'the name is too long',
      EFBIG: 'the file system does not allow files of that size',
    }[code] ?? code;
  return plauditError('output.not_writable', { path, problem }, cause);
};

const writeAll = async (handle: FileHandle, data: Uint8Array): Promise<void> => {
  for (let done = 0; done < data.byteLength; ) {
    // One call may write at most 2 GiB.
    const length = Math.min(data.byteLength - done, 2 ** 30);
    done += (await handle.write(data, done, length)).bytesWritten;
  }
};

const isPieces = (
  data: FileContent,
): data is Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string> =>
  typeof data !== 'string' && !(data instanceof Uint8Array);

/** A rename is durable only when the folder that holds the name is on the disk as well. */
const syncFolder = async (folder: string): Promise<void> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // Windows and some network file systems cannot sync a folder; the file itself is synced already.
  } finally {
    await handle?.close();
  }
};

/**
 * Writes a file so that, whatever happens, `path` holds either its old content or all of the new. Folders on the way
 * are made. The temporary is removed on failure; after a killed process it stays, named `.NAME.*.partial`.
 *
 * @throws PlauditError `output.disk_full`, `output.not_writable`; what `data` itself throws comes through unchanged
 * @example await writeFileAtomic('out/report.json', JSON.stringify(report))
 */
export const writeFileAtomic = async (path: string, data: FileContent): Promise<void> => {
  const target = resolve(path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target).slice(0, 100)}.${randomUUID()}.partial`);
  const done = async <T>(writing: Promise<T>): Promise<T> => {
    try {
      return await writing;
    } catch (cause) {
      throw outputError(path, cause);
    }
  };
  let handle: FileHandle | undefined;
  try {
    await done(mkdir(folder, { recursive: true }));
    handle = await done(open(temporary, 'wx'));
    for await (const piece of isPieces(data) ? data : [data])
      await done(writeAll(handle, typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
    await done(handle.sync());
    await done(handle.close());
    handle = undefined;
    await done(rename(temporary, target));
    await syncFolder(folder);
  } catch (cause) {
    await handle?.close().catch(() => undefined);
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
};
