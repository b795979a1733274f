/** @file CSV with a header: each record becomes an object of its cells; an empty cell is an absent field. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { RowFault } from './reject.ts';

/** Records handed on at once; one by one they take twice as long. */
const recordsTogether = 128;

/**
 * The cells of every record, the header's among them.
 *
 * @param limit Most bytes of one record.
 * @throws TextCut when a quoted cell is never closed, RowTooLong when a record exceeds the limit; their rows count from the
 *   record after the header
 */
export async function* csvRecords(
  pieces: AsyncIterable<string>,
  limit: number = rowLengthLimit,
): AsyncGenerator<string[][]> {
  const parser = parse({
    relax_column_count: true,
    // The parser would else take the first break that it meets for the only one.
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    max_record_size: limit,
    // Lets chat messages and unescaped quotes inside unquoted cells pass instead of ending the file.
    relax_quotes: true,
  });
  // The pipeline's own callback is idle because its error also reaches the loop below.
  const parsed: AsyncIterable<string[]> = pipeline(Readable.from(pieces), parser, () => {});
  let count = 0;
  let records: string[][] = [];
  try {
    for await (const record of parsed) {
      count++;
      records.push(record);
      if (records.length < recordsTogether) continue;
      yield records;
      records = [];
    }
    yield records;
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // The parser's own count, because records that it has parsed but not handed over are lost with its error.
    const faulty = Math.max(count, Number(cause.records) || 0);
    switch (cause.code) {
      case 'CSV_QUOTE_NOT_CLOSED':
        throw new TextCut(faulty, cause);
      case 'CSV_MAX_RECORD_SIZE':
        throw new RowTooLong(faulty);
      default:
        // The options above leave no other fault to the parser: it would be ours.
        throw cause;
    }
  }
}

/** Each record as an object by the header. Same errors as `csvRecords`. */
export async function* csvRows(pieces: AsyncIterable<string>, limit?: number): AsyncGenerator<RawRow[]> {
  let header: readonly string[] | undefined;
  let row = 0;
  for await (const records of csvRecords(pieces, limit)) {
    if (!header) header = records.shift()?.map((name) => name.trim());
    yield records.map((record) => cellRow(++row, header!, record));
  }
}

/** A record as an object by the header's names. */
export const cellRow = (row: number, header: readonly string[], record: readonly string[]): RawRow => {
  if (record.length !== header.length) return { row, fault: new RowFault('wrong_column_count') };
  // Not by assignment: a column named __proto__ is a column like any other.
  const value = Object.fromEntries(
    header.flatMap((name, i): [string, unknown][] => {
      const cell = record[i]!;
      return cell === '' ? [] : [[name, cellValue(cell)]];
    }),
  );
  return { row, value };
};

/** A cell that holds chat messages is JSON text; anything else stays the text that it is. */
const cellValue = (cell: string): unknown => {
  if (!/^\s*\[\s*\{/.test(cell)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
};
