/** @file The counts inside the pages of a Parquet column, checked before the decoder takes memory for them. */
import type { RowGroup, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';
import { codecs } from './parquet-codecs.ts';
import { ParquetFault, pageLimit } from './parquet-fault.ts';

export type ColumnMetaData = NonNullable<RowGroup['columns'][number]['meta_data']>;
type PageHeader = ReturnType<typeof parquetHeader>;

/**
 * Checks the pages of one column of a row group. The decoder makes lists as long as headers and runs of equal values say;
 * a run of five bytes can say two thousand million.
 *
 * @param bytes The column's part of the file
 * @param schema The elements of the schema from the root to the column
 * @throws ParquetFault
 */
export const checkPages = (
  bytes: ArrayBuffer,
  column: ColumnMetaData,
  schema: SchemaTree[],
  group: number,
): void => {
  try {
    walkPages(bytes, column, schema, group);
  } catch (cause) {
    if (cause instanceof ParquetFault) throw cause;
    throw new ParquetFault('parquet_damaged', `row group ${group} has a page that cannot be read`, cause);
  }
};

const walkPages = (bytes: ArrayBuffer, column: ColumnMetaData, schema: SchemaTree[], group: number): void => {
  const levels = [getMaxRepetitionLevel(schema), getMaxDefinitionLevel(schema)] as const;
  const reader = { view: new DataView(bytes), offset: 0 };
  let values = 0;
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader);
    const packed = size(header.compressed_page_size);
    if (reader.offset + packed > bytes.byteLength) throw contradiction();
    if (size(header.uncompressed_page_size) > pageLimit)
      throw new ParquetFault('parquet_too_large', `row group ${group} holds too many bytes in a page`);
    const page = new Uint8Array(bytes, reader.offset, packed);
    reader.offset += packed;
    if (header.dictionary_page_header) {
      // An entry takes a byte at least, save true and false, of which there are two.
      if (size(header.dictionary_page_header.num_values) > header.uncompressed_page_size + 2)
        throw contradiction();
      continue;
    }
    values += size((header.data_page_header ?? header.data_page_header_v2)?.num_values ?? 0);
    if (values > Number(column.num_values)) throw contradiction();
    checkData(page, header, column, levels, group);
  }
};

const contradiction = (): RangeError => new RangeError('a count is beyond what there is');

/** A header's fields have any type when its bytes were changed. */
const size = (value: unknown): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw contradiction();
  return value;
};

/** Checks the runs in the levels and the values of a page of data. */
const checkData = (
  page: Uint8Array,
  header: PageHeader,
  { type, codec }: ColumnMetaData,
  levels: readonly [repetition: number, definition: number],
  group: number,
): void => {
  const { data_page_header: one, data_page_header_v2: two } = header;
  const { num_values: count, encoding } = (one ?? two)!;
  if (encoding === 'DELTA_BYTE_ARRAY')
    // Each value is a part of the one before it and some bytes more: a page can hold more than any memory.
    throw new ParquetFault('parquet_damaged', `row group ${group} is in the encoding DELTA_BYTE_ARRAY`);
  let data: Uint8Array;
  if (one) {
    data = unpacked(page, header.uncompressed_page_size, codec);
    for (const level of levels) if (level > 0) data = checkPrefixed(data, bitWidth(level), count);
  } else {
    const lengths = [size(two!.repetition_levels_byte_length), size(two!.definition_levels_byte_length)];
    size(two!.num_nulls);
    let at = 0;
    for (const [i, level] of levels.entries()) {
      const part = page.subarray(at, at + lengths[i]!);
      if (part.length < lengths[i]!) throw contradiction();
      if (level > 0) checkRuns(part, bitWidth(level), count);
      at += lengths[i]!;
    }
    const rest = page.subarray(at);
    data =
      two!.is_compressed === false ? rest : unpacked(rest, size(header.uncompressed_page_size - at), codec);
  }
  if (encoding === 'RLE' && type === 'BOOLEAN') checkPrefixed(data, 1, count);
  else if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY' || encoding === 'RLE')
    if (data.length > 0 && data[0]! > 0) checkRuns(data.subarray(1), data[0]!, count);
};

const unpacked = (page: Uint8Array, length: number, codec: ColumnMetaData['codec']): Uint8Array => {
  if (codec === 'UNCOMPRESSED') return page;
  const decompress = codecs[codec];
  if (!decompress) throw new RangeError('the compression is not known');
  return decompress(page, length);
};

const bitWidth = (value: number): number => 32 - Math.clz32(value);

/** Checks runs whose length in bytes stands before them, and gives what comes after. */
const checkPrefixed = (bytes: Uint8Array, width: number, count: number): Uint8Array => {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (length > bytes.length - 4) throw contradiction();
  checkRuns(bytes.subarray(4, 4 + length), width, count);
  return bytes.subarray(4 + length);
};

/**
 * Runs of equal values and of packed ones, until there are `count`. Those of packed values end at a multiple of eight,
 * which may be beyond it.
 *
 * @see https://parquet.apache.org/docs/file-format/data-pages/encodings/#run-length-encoding--bit-packing-hybrid-rle--3
 */
const checkRuns = (bytes: Uint8Array, width: number, count: number): void => {
  if (width > 32) throw contradiction();
  let at = 0;
  let seen = 0;
  while (seen < count && at < bytes.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw contradiction();
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const packedValues = header % 2 === 1;
    const run = Math.floor(header / 2);
    if (packedValues) {
      // As many groups of eight as the run says, or as bytes are left: the last ones may be left out.
      if (8 * run > count - seen + 7) throw contradiction();
      seen += 8 * run;
      at += run * width;
    } else {
      if (run > count - seen) throw contradiction();
      seen += run;
      at += (width + 7) >> 3;
    }
  }
};
