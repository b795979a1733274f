/** @file Parquet, read one row group at a time: each row an object of its columns, a null column a null field. */
import type { FileHandle } from 'node:fs/promises';
import { plauditError } from '@plaudit/contract';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { getSchemaPath } from 'hyparquet/src/schema.js';
import { codecs } from './parquet-codecs.ts';
import { ParquetFault } from './parquet-fault.ts';
import { checkMetadata, columnRange } from './parquet-limits.ts';
import { checkPages } from './parquet-pages.ts';
import type { RawRow } from './raw-row.ts';

/** Rows handed on at once. */
const rowsTogether = 1024;

/**
 * The rows of a Parquet file, decompressed and decoded by row group.
 *
 * @throws PlauditError data.parquet_damaged, data.parquet_too_large, data.not_utf8
 */
export async function* parquetRows(
  path: string,
  handle: FileHandle,
  signal?: AbortSignal,
): AsyncGenerator<RawRow[]> {
  let row = 0;
  try {
    const { size } = await handle.stat();
    const file = fileBuffer(handle, size);
    const metadata = await metadataOf(file);
    checkMetadata(metadata, size);
    for (const [i, group] of metadata.row_groups.entries()) {
      signal?.throwIfAborted();
      const count = Number(group.num_rows);
      const values = count > 0 ? await groupRows(file, metadata, i, row, count) : [];
      for (let start = 0; start < values.length; start += rowsTogether)
        yield values
          .slice(start, start + rowsTogether)
          .map((value, k): RawRow => ({ row: row + start + k + 1, value: plainValue(value) }));
      row += count;
    }
  } catch (cause) {
    if (cause instanceof NotUtf8) throw plauditError('data.not_utf8', { path, row: row + 1 }, cause);
    if (cause instanceof ParquetFault)
      throw plauditError(`data.${cause.kind}`, { path, problem: cause.message }, cause);
    throw cause;
  }
}

const fileBuffer = (handle: FileHandle, size: number): AsyncBuffer => ({
  byteLength: size,
  async slice(start, end = size) {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) throw new ParquetFault('parquet_damaged', 'it became shorter while it was read');
      filled += bytesRead;
    }
    return bytes.buffer;
  },
});

/** Bytes of the description at the end of the file; it is parsed whole. */
const metadataLimit = 64 * 1024 * 1024;

const metadataOf = async (file: AsyncBuffer): Promise<FileMetaData> => {
  const tail = file.byteLength < 12 ? undefined : Buffer.from(await file.slice(file.byteLength - 8));
  if (tail?.toString('latin1', 4) !== 'PAR1') throw new ParquetFault('parquet_damaged', 'its end is missing');
  if (tail.readUInt32LE(0) > Math.min(metadataLimit, file.byteLength - 12))
    throw new ParquetFault('parquet_damaged', 'its description is longer than it can be');
  try {
    return await parquetMetadataAsync(file, { geoparquet: false });
  } catch (cause) {
    throw new ParquetFault('parquet_damaged', 'its description cannot be read', cause);
  }
};

const groupRows = async (
  file: AsyncBuffer,
  metadata: FileMetaData,
  group: number,
  rowStart: number,
  count: number,
): Promise<Record<string, unknown>[]> => {
  for (const { meta_data: column } of metadata.row_groups[group]!.columns) {
    const { start, end } = columnRange(column!);
    const schema = getSchemaPath(metadata.schema, column!.path_in_schema);
    checkPages(await file.slice(start, end), column!, schema, group + 1);
  }
  let rows: Record<string, unknown>[] | undefined;
  try {
    await parquetRead({
      file,
      metadata,
      rowStart,
      rowEnd: rowStart + count,
      rowFormat: 'object',
      compressors: codecs,
      parsers,
      geoparquet: false,
      onComplete: (read) => {
        rows = read;
      },
    });
  } catch (cause) {
    if (cause instanceof NotUtf8 || cause instanceof ParquetFault) throw cause;
    throw new ParquetFault('parquet_damaged', `row group ${group + 1} cannot be decoded`, cause);
  }
  if (rows?.length !== count)
    throw new ParquetFault(
      'parquet_damaged',
      `row group ${group + 1} holds another number of rows than it declares`,
    );
  return rows;
};

class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const decoded = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new NotUtf8('bytes that are not UTF-8', { cause });
  }
};

const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoded(bytes),
  /** Text that is not JSON stays text; the format says what is wrong with it. */
  jsonFromBytes: (bytes: Uint8Array | undefined) => {
    if (!bytes) return bytes;
    const text = decoded(bytes);
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  },
};

/**
 * A value as JSON would give it: numbers for safe integers, text for larger ones and for times, lists for typed arrays. Lists
 * and objects are the decoder's own and are changed in place.
 */
const plainValue = (value: unknown): unknown => {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value === null) return value ?? null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plainValue);
  const fields = value as Record<string, unknown>;
  for (const name of Object.keys(fields)) {
    const field = fields[name];
    if (typeof field !== 'string') fields[name] = plainValue(field);
  }
  return value;
};
