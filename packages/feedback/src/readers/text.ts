/** @file A file as a stream of text: decompressed, taken out of an archive, and decoded as strict UTF-8. */
import type { FileHandle } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { plauditError } from '@plaudit/contract';
import type { FileKind } from './data-file.ts';
import { isTar, onlyFile, TarFault } from './tar.ts';

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

/**
 * The text of a file in pieces, never held whole. Of a tar archive it is the text of the one file inside.
 *
 * @throws PlauditError data.unsupported_container for Parquet inside a compressed file, data.archive_of_several
 * @throws ByteFault for a truncated or corrupt compressed file or archive and for bytes that are not UTF-8
 */
export async function* streamText(
  path: string,
  handle: FileHandle,
  kind: Exclude<FileKind, 'parquet'>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const file = handle.createReadStream({ start: 0, autoClose: false });
  const decompress: Transform | undefined =
    kind === 'gzip' ? createGunzip() : kind === 'zstd' ? createZstdDecompress() : undefined;
  // The pipeline's own callback is idle because its error also reaches the loop below.
  const bytes: AsyncIterable<Uint8Array> = decompress ? pipeline(file, decompress, () => {}) : file;
  try {
    yield* decode(unpacked(path, bytes), kind, signal);
  } catch (cause) {
    if (!(cause instanceof TarFault)) throw cause;
    if (cause.kind === 'several_files') throw plauditError('data.archive_of_several', { path }, cause);
    if (cause.kind === 'no_file') throw plauditError('data.file_empty', { path }, cause);
    throw new ByteFault(cause.kind === 'cut' ? 'truncated' : 'compression_corrupt', 'tar', cause);
  }
}

/** Bytes that are enough to know a tar archive. */
const headLength = 512;

async function* unpacked(path: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < headLength) {
      const next = await pieces.next();
      if (next.done) break;
      head = Buffer.concat([head, next.value]);
    }
    if (head.toString('latin1', 0, 4) === 'PAR1')
      throw plauditError('data.unsupported_container', { path, container: 'compressed Parquet' });
    const all = async function* (): AsyncGenerator<Uint8Array> {
      if (head.length > 0) yield head;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    };
    yield* isTar(head) ? onlyFile(all()) : all();
  } finally {
    await pieces.return?.();
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
