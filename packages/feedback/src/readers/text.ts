/** @file A file as a stream of text: opened, decompressed by its first bytes, and decoded as strict UTF-8. */
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { plauditError } from '@plaudit/contract';

/** What is wrong with the bytes; the row reader, which knows the row, turns it into an error of the table. */
export class ByteFault extends Error {
  override readonly name = 'ByteFault';
  readonly kind: 'truncated' | 'compression_corrupt' | 'not_utf8';
  readonly compression: string;

  constructor(kind: ByteFault['kind'], compression: string, cause?: unknown) {
    super(kind, { cause });
    this.kind = kind;
    this.compression = compression;
  }
}

const startsWith = (bytes: Uint8Array, ...magic: number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

const unreadableContainers: readonly (readonly [string, readonly number[]])[] = [
  ['Parquet', [0x50, 0x41, 0x52, 0x31]],
  ['ZIP or Excel', [0x50, 0x4b, 0x03, 0x04]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['XZ', [0xfd, 0x37, 0x7a, 0x58]],
];

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

/**
 * The text of a file in pieces, never held whole. Gzip and Zstandard are known by their first bytes, not by the name.
 *
 * @throws PlauditError data.file_missing, data.file_unreadable, data.file_empty, data.unsupported_container
 * @throws ByteFault for a truncated or corrupt compressed file and for bytes that are not UTF-8
 */
export async function* streamText(path: string, signal?: AbortSignal): AsyncGenerator<string> {
  const handle = await openFile(path);
  try {
    const head = new Uint8Array(4);
    const { bytesRead } = await handle.read(head, 0, 4, 0);
    if (bytesRead === 0) throw plauditError('data.file_empty', { path });
    for (const [container, magic] of unreadableContainers)
      if (startsWith(head, ...magic)) throw plauditError('data.unsupported_container', { path, container });

    const compression = startsWith(head, 0x1f, 0x8b)
      ? 'gzip'
      : startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)
        ? 'zstd'
        : 'none';
    const file = handle.createReadStream({ start: 0, autoClose: false });
    const decompress: Transform | undefined =
      compression === 'gzip' ? createGunzip() : compression === 'zstd' ? createZstdDecompress() : undefined;
    // The pipeline's own callback is idle because its error also reaches the loop below.
    const bytes: AsyncIterable<Uint8Array> = decompress ? pipeline(file, decompress, () => {}) : file;
    yield* decode(bytes, compression, signal);
  } finally {
    await handle.close();
  }
}

async function* decode(
  bytes: AsyncIterable<Uint8Array>,
  compression: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const text = (piece?: Uint8Array): string => {
    try {
      return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw new ByteFault('not_utf8', compression, cause);
    }
  };
  try {
    for await (const piece of bytes) {
      signal?.throwIfAborted();
      const decoded = text(piece);
      if (decoded !== '') yield decoded;
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'Z_BUF_ERROR') throw new ByteFault('truncated', compression, cause);
    if (code?.startsWith('Z_') || code?.startsWith('ZSTD_'))
      throw new ByteFault('compression_corrupt', compression, cause);
    throw cause;
  }
  text();
}
