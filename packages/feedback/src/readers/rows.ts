/** @file A data file as a stream of numbered rows, whatever its container: JSON, CSV, TSV, Python literals or Parquet. */
import { plauditError } from '@plaudit/contract';
import { csvRecords, csvRows } from './csv.ts';
import { openDataFile } from './data-file.ts';
import { jsonArray, jsonObjectOfRows } from './json-array.ts';
import { jsonLines } from './json-lines.ts';
import { pythonLines } from './python-lines.ts';
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { ByteFault, streamText } from './text.ts';
import { hasTabs, tsvRecords, tsvRows } from './tsv.ts';

/**
 * The rows of a file in batches, in file order.
 *
 * @throws PlauditError data.* for a file that cannot be read to its end
 */
export async function* streamRows(path: string, signal?: AbortSignal): AsyncGenerator<RawRow[]> {
  const { handle, kind } = await openDataFile(path);
  try {
    if (kind === 'parquet') {
      // Loaded when it is met: its libraries take longer to load than a small file takes to read.
      const { parquetRows } = await import('./parquet.ts');
      yield* parquetRows(path, handle, signal);
    } else yield* textBatches(path, streamText(path, handle, kind, signal), container);
  } finally {
    await handle.close();
  }
}

/**
 * The cells of a file of comma-separated or tab-separated values that may have no header. Same errors as `streamRows`.
 */
export async function* streamRecords(path: string, signal?: AbortSignal): AsyncGenerator<string[][]> {
  const { handle, kind } = await openDataFile(path);
  try {
    if (kind === 'parquet')
      throw plauditError('data.unsupported_container', {
        path,
        container: 'Parquet, where cells are expected',
      });
    yield* textBatches(path, streamText(path, handle, kind, signal), (head) =>
      // Without a header the first line is content, in which commas say nothing.
      firstLine(head).includes('\t') ? tsvRecords : csvRecords,
    );
  } finally {
    await handle.close();
  }
}

/**
 * @param reader What reads the text, by how it starts
 */
async function* textBatches<Row extends RawRow | string[]>(
  path: string,
  text: AsyncGenerator<string>,
  reader: (head: string) => (pieces: AsyncIterable<string>) => AsyncGenerator<Row[]>,
): AsyncGenerator<Row[]> {
  let lastRow = 0;
  try {
    const { head, pieces } = await peek(text);
    if (head.trim() === '') throw plauditError('data.file_empty', { path });
    for await (const batch of reader(head)(pieces)) {
      const last = batch.at(-1);
      if (last) lastRow = Array.isArray(last) ? lastRow + batch.length : last.row;
      yield batch;
    }
  } catch (cause) {
    const row = lastRow + 1;
    if (cause instanceof TextCut) throw plauditError('data.truncated', { path, row: cause.row }, cause);
    if (cause instanceof RowTooLong)
      throw plauditError('data.row_too_long', { path, row: cause.row, limit: rowLengthLimit }, cause);
    if (cause instanceof ByteFault)
      throw plauditError(`data.${cause.kind}`, { path, row, compression: cause.compression }, cause);
    throw cause;
  } finally {
    await text.return(undefined);
  }
}

const headLimit = 1_000_000;

/** Takes text until something other than white space has come, and gives it back in front of the rest. */
const peek = async (
  text: AsyncGenerator<string>,
): Promise<{ head: string; pieces: AsyncGenerator<string> }> => {
  let head = '';
  while (head.trim() === '' || !head.includes('\n')) {
    if (head.length > headLimit) break;
    const next = await text.next();
    if (next.done) break;
    head += next.value;
  }
  const pieces = async function* (): AsyncGenerator<string> {
    yield head;
    yield* text;
  };
  return { head, pieces: pieces() };
};

type Container = (pieces: AsyncIterable<string>) => AsyncGenerator<RawRow[]>;

/** The container by its first characters. A corrupt first line before a line that opens an object is still JSON Lines. */
const container = (head: string): Container => {
  const text = head.trimStart();
  if (text.startsWith('[')) return jsonArray;
  if (/^\{\s*'/.test(text)) return pythonLines;
  if (text.startsWith('{')) return isObjectOfRows(text) ? jsonObjectOfRows : jsonLines;
  if (/\n\s*\{"/.test(text.slice(0, 100_000))) return jsonLines;
  return hasTabs(firstLine(text)) ? tsvRows : csvRows;
};

const firstLine = (text: string): string => text.trimStart().split(/[\r\n]/, 1)[0]!;

/**
 * Whether a text that starts with a brace is one object whose values are the rows: its first line holds the brace alone or
 * the object's first row, and is not itself a row. A file of one line is such an object when it has several values and all
 * are objects.
 */
const isObjectOfRows = (text: string): boolean => {
  if (!/^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\{/.test(text)) return false;
  const end = text.indexOf('\n');
  const line = end < 0 ? text : text.slice(0, end);
  try {
    const values: unknown[] = Object.values(JSON.parse(line));
    const alone = end < 0 || text.slice(end).trim() === '';
    return alone && values.length > 1 && values.every((value) => typeof value === 'object' && value !== null);
  } catch {
    return true;
  }
};
