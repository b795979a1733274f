/** @file Parquet files, written row group by row group; lists and chat messages are nested columns, not text. */
import { type FileHandle, open } from 'node:fs/promises';
import { zstdCompressSync } from 'node:zlib';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, parquetWriteRows, type Writer } from 'hyparquet-writer';
import { writeWhole } from '../../write-whole.ts';
import type { Column, ColumnType, ExportRow } from './column.ts';

/** Rows of a group: it is held whole by whoever writes or reads it. The first is small, for a quick look. */
const rowGroupSize = [1000, 20_000];

/**
 * Rows as a Parquet file, compressed with Zstandard.
 *
 * @throws PlauditError output.disk_full, output.not_writable; the path is then as it was before
 */
export const writeParquet = (
  path: string,
  rows: AsyncIterable<ExportRow>,
  columns: readonly Column[],
): Promise<void> =>
  writeWhole(path, async (target, flush) => {
    const file = await open(target, 'w');
    try {
      await parquetWriteRows({
        writer: fileWriter(file),
        rows,
        columns: columns.map(({ name }) => ({ name })),
        schema: schemaOf(columns),
        rowGroupSize,
        codec: 'ZSTD',
        compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
        createdBy: 'plaudit',
      });
      if (flush) await file.sync();
    } finally {
      await file.close();
    }
  });

/** Collects a row group in memory and writes it when the group is done. */
const fileWriter = (file: FileHandle): Writer => {
  const writer = new ByteWriter();
  const flush = async (): Promise<void> => {
    const bytes = new Uint8Array(writer.buffer, 0, writer.index);
    let written = 0;
    while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten;
    writer.index = 0;
  };
  return Object.assign(writer, { flush, finish: flush });
};

const schemaOf = (columns: readonly Column[]): SchemaElement[] => [
  { name: 'schema', num_children: columns.length },
  ...columns.flatMap(({ name, type }) => elements[type](name)),
];

const optional = { repetition_type: 'OPTIONAL' } as const;

const text = (name: string): SchemaElement[] => [
  { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' }, ...optional },
];
const truth = (name: string): SchemaElement[] => [{ name, type: 'BOOLEAN', ...optional }];
const list = (name: string, element: readonly SchemaElement[]): SchemaElement[] => [
  { name, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' }, ...optional },
  { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
  ...element,
];

/** The names inside lists are those that Arrow gives them. */
const elements: Readonly<Record<ColumnType, (name: string) => SchemaElement[]>> = {
  text,
  truth,
  number: (name) => [{ name, type: 'DOUBLE', ...optional }],
  json: (name) => [
    { name, type: 'BYTE_ARRAY', converted_type: 'JSON', logical_type: { type: 'JSON' }, ...optional },
  ],
  texts: (name) => list(name, text('element')),
  truths: (name) => list(name, truth('element')),
  messages: (name) =>
    list(name, [{ name: 'element', num_children: 2, ...optional }, ...text('role'), ...text('content')]),
};
