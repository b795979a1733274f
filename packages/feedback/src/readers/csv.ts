/** @file CSV with a header: each record becomes an object of its cells; an empty cell is an absent field. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { RowFault } from './reject.ts';

/**
 * @param limit Most bytes of one record.
 * @throws TextCut when a quoted cell is never closed, RowTooLong when a record exceeds the limit
 */
export async function* csvRows(
  pieces: AsyncIterable<string>,
  limit: number = rowLengthLimit,
): AsyncGenerator<RawRow[]> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: limit,
    // Lets chat messages and unescaped quotes inside unquoted cells pass instead of ending the file.
    relax_quotes: true,
  });
  // The pipeline's own callback is idle because its error also reaches the loop below.
  const records: AsyncIterable<string[]> = pipeline(Readable.from(pieces), parser, () => {});
  let header: readonly string[] | undefined;
  let row = 0;
  try {
    for await (const record of records) {
      if (!header) {
        header = record.map((name) => name.trim());
        continue;
      }
      row++;
      yield [rowOf(row, header, record)];
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // The parser's own count, because records that it has parsed but not handed over are lost with its error.
    const faulty = Math.max(row + 1, Number(cause.records) || 0);
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

const rowOf = (row: number, header: readonly string[], record: readonly string[]): RawRow => {
  if (record.length !== header.length) return { row, fault: new RowFault('wrong_column_count') };
  const value: Record<string, unknown> = {};
  for (const [i, name] of header.entries()) {
    const cell = record[i]!;
    if (cell !== '') value[name] = cellValue(cell);
  }
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
