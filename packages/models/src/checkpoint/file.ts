/** @file Bounded reads of files that nobody vouches for. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { PlauditError, plauditError } from '@plaudit/contract';

/** Turns a failure of the file system into an error of the table; others pass. */
export const readError = (path: string, cause: unknown): unknown => {
  if (cause instanceof PlauditError) return cause;
  const code = (cause as NodeJS.ErrnoException | null)?.code;
  if (typeof code !== 'string') return cause;
  if (code === 'ENOENT' || code === 'ENOTDIR') return plauditError('model.missing', { path }, cause);
  const problem = { EACCES: 'permission denied', EISDIR: 'it is a folder' }[code] ?? code;
  return plauditError('model.unreadable', { path, problem }, cause);
};

/** What stands at a path; a socket, a device or a pipe (which could block for ever) is refused. */
export const kindOf = async (path: string): Promise<'file' | 'folder' | 'missing'> => {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw readError(path, cause);
  }
  throw plauditError('model.unreadable', { path, problem: 'it is not a regular file' });
};

export const fileSize = async (path: string): Promise<number> => {
  if ((await kindOf(path)) !== 'file') throw plauditError('model.missing', { path });
  return (await stat(path)).size;
};

const fill = async (
  handle: FileHandle,
  path: string,
  offset: number,
  target: Uint8Array<ArrayBuffer>,
): Promise<void> => {
  for (let done = 0; done < target.byteLength; ) {
    // One call may read at most 2 GiB.
    const length = Math.min(target.byteLength - done, 2 ** 30);
    const { bytesRead } = await handle.read(target, done, length, offset + done);
    if (bytesRead === 0) throw plauditError('model.changed', { path });
    done += bytesRead;
  }
};

/**
 * Reads exactly `length` bytes. The caller has checked them against the file's size.
 *
 * @throws PlauditError `model.changed` where the file has become shorter, `model.unreadable`, `model.missing`
 */
export const readRegion = async (
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const target = new Uint8Array(length);
    await fill(handle, path, offset, target);
    return target;
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await handle?.close();
  }
};

/** The bytes of a file in order, in pieces that are reused: a piece is valid until the next one is asked for. */
export async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const piece = new Uint8Array(4 * 2 ** 20);
    for (let offset = 0; ; ) {
      const { bytesRead } = await handle.read(piece, 0, piece.byteLength, offset);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
      offset += bytesRead;
    }
  } catch (cause) {
    throw readError(path, cause);
  } finally {
    await handle?.close();
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 to text. @throws TypeError for bytes that are not UTF-8 */
export const decodeUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/**
 * A text file of limited size.
 *
 * @throws PlauditError `model.config_invalid` where it is too large or not UTF-8
 */
export const readText = async (path: string, maxBytes: number): Promise<string> => {
  const size = await fileSize(path);
  if (size > maxBytes)
    throw plauditError('model.config_invalid', {
      path,
      problem: `it has ${size} bytes, the limit is ${maxBytes}`,
    });
  const bytes = await readRegion(path, 0, size);
  try {
    return decodeUtf8(bytes);
  } catch (cause) {
    throw plauditError('model.config_invalid', { path, problem: 'it is not UTF-8' }, cause);
  }
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON object from a file. @throws PlauditError `model.config_invalid` */
export const readJson = async (path: string, maxBytes: number): Promise<Record<string, unknown>> => {
  const text = await readText(path, maxBytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw plauditError('model.config_invalid', { path, problem: 'it is not JSON' }, cause);
  }
  if (!isRecord(value))
    throw plauditError('model.config_invalid', { path, problem: 'it is not a JSON object' });
  return value;
};
