/** @file CSV with a header: each record becomes an object of its cells; an empty cell is an absent field. */
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { type RawRow, rowLengthLimit, TextCut } from './raw-row.ts';
import { RowFault } from './reject.ts';

/** @throws TextCut when a quoted cell is never closed */
export async function* csvRows(pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> {
  const parser = parse({
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: rowLengthLimit,
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
    if (cause instanceof CsvError) throw new TextCut(row + 1, cause);
    throw cause;
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
