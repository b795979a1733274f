/** @file JSON Lines: one row a line, a corrupt line set aside, a cut last line an error. */
import { textLines } from './lines.ts';
import { type RawRow, TextCut } from './raw-row.ts';
import { type RejectReason, RowFault } from './reject.ts';

/** @throws TextCut when the last line has no line break and is not JSON: the mark of an interrupted copy. */
export const jsonLines = (pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> =>
  lineRows(pieces, JSON.parse, 'not_json');

/**
 * One value a line. Lines of nothing but white space are no rows.
 *
 * @param parse What a line says; throws a SyntaxError where it says nothing
 * @throws TextCut when the last line has no line break and cannot be parsed
 */
export async function* lineRows(
  pieces: AsyncIterable<string>,
  parse: (text: string) => unknown,
  reason: RejectReason,
): AsyncGenerator<RawRow[]> {
  for await (const lines of textLines(pieces)) {
    const rows: RawRow[] = [];
    for (const { line, text, ended } of lines) {
      if (text.trim() === '') continue;
      try {
        rows.push({ row: line, value: parse(text) });
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        if (!ended) throw new TextCut(line);
        rows.push({ row: line, fault: new RowFault(reason) });
      }
    }
    yield rows;
  }
}
