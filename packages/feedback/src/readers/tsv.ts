/** @file Tab-separated values with a header: a line is a row, a tab ends a cell, and quotes are characters like any other. */
import { cellRow } from './csv.ts';
import { textLines } from './lines.ts';
import type { RawRow } from './raw-row.ts';

/** The cells of every line that holds any, the header's among them. */
export async function* tsvRecords(pieces: AsyncIterable<string>): AsyncGenerator<string[][]> {
  for await (const lines of textLines(pieces))
    yield lines.filter(({ text }) => text.trim() !== '').map(({ text }) => text.split('\t'));
}

/**
 * Rows by their header, numbered without it. A last column whose name starts with `#` is a remark and no column, as the
 * tools for MQM write it. An empty cell is an absent field.
 *
 * @see https://www.iana.org/assignments/media-types/text/tab-separated-values
 */
export async function* tsvRows(pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> {
  let header: string[] | undefined;
  let row = 0;
  for await (const records of tsvRecords(pieces)) {
    if (!header) {
      header = records.shift()?.map((name) => name.trim());
      if (header && header.length > 1 && header.at(-1)!.startsWith('#')) header.pop();
    }
    yield records.map((record) => cellRow(++row, header!, record));
  }
}

/** Whether a header is one of tab-separated values rather than of CSV. */
export const hasTabs = (header: string): boolean => header.split('\t').length > header.split(',').length;
