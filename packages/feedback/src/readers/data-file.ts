/** @file Opening a data file: it is there, it is a regular file, it is not empty, and its first bytes say what it is. */
import { type FileHandle, open } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';

/** What the first bytes say. Names do not count: people rename files. */
export type FileKind = 'gzip' | 'zstd' | 'parquet' | 'text';

const magics: readonly (readonly [FileKind | { readonly unreadable: string }, string])[] = [
  ['gzip', '1f8b'],
  ['zstd', '28b52ffd'],
  ['parquet', '50415231'],
  [{ unreadable: 'encrypted Parquet' }, '50415245'],
  [{ unreadable: 'ZIP or Excel' }, '504b0304'],
  [{ unreadable: 'bzip2' }, '425a68'],
  [{ unreadable: 'XZ' }, 'fd377a58'],
  [{ unreadable: 'Arrow or Feather' }, '4152524f5731'],
];

/**
 * An open data file and its kind; the caller closes it.
 *
 * @throws PlauditError data.file_missing, data.file_unreadable, data.file_empty, data.unsupported_container
 */
export const openDataFile = async (path: string): Promise<{ handle: FileHandle; kind: FileKind }> => {
  const handle = await openFile(path);
  try {
    const head = Buffer.alloc(6);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    if (bytesRead === 0) throw plauditError('data.file_empty', { path });
    const hex = head.toString('hex', 0, bytesRead);
    const kind = magics.find(([, magic]) => hex.startsWith(magic))?.[0] ?? 'text';
    if (typeof kind !== 'string')
      throw plauditError('data.unsupported_container', { path, container: kind.unreadable });
    return { handle, kind };
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const openFile = async (path: string): Promise<FileHandle> => {
  try {
    const handle = await open(path);
    const stat = await handle.stat();
    if (stat.isFile()) return handle;
    await handle.close();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw plauditError('data.file_missing', { path }, cause);
    if (code !== 'EISDIR')
      throw plauditError('data.file_unreadable', { path, problem: code ?? 'unknown' }, cause);
  }
  throw plauditError('data.file_unreadable', { path, problem: 'it is not a regular file' });
};
