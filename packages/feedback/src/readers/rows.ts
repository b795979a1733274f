/** @file A data file as a stream of numbered rows, whatever its container: JSON Lines, a JSON array or CSV. */
import { plauditError } from '@plaudit/contract';
import { csvRows } from './csv.ts';
import { jsonArray } from './json-array.ts';
import { jsonLines } from './json-lines.ts';
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { ByteFault, streamText } from './text.ts';

/**
 * The rows of a file in batches, in file order.
 *
 * @throws PlauditError data.* for a file that cannot be read to its end
 */
export async function* streamRows(path: string, signal?: AbortSignal): AsyncGenerator<RawRow[]> {
  const text = streamText(path, signal);
  let lastRow = 0;
  try {
    const { head, pieces } = await peek(text);
    if (head.trim() === '') throw plauditError('data.file_empty', { path });
    for await (const batch of container(head)(pieces)) {
      lastRow = batch.at(-1)?.row ?? lastRow;
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

/** Takes text until something other than white space has come, and gives it back in front of the rest. */
const peek = async (
  text: AsyncGenerator<string>,
): Promise<{ head: string; pieces: AsyncGenerator<string> }> => {
  let head = '';
  while (head.trim() === '' || !head.includes('\n')) {
    if (head.length > 1_000_000) break;
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

/** The container by its first characters. A corrupt first line before a line that opens an object is still JSON Lines. */
const container = (head: string): ((pieces: AsyncIterable<string>) => AsyncGenerator<RawRow[]>) => {
  const text = head.trimStart();
  if (text.startsWith('[')) return jsonArray;
  if (text.startsWith('{') || /\n\s*\{"/.test(text.slice(0, 100_000))) return jsonLines;
  return csvRows;
};
