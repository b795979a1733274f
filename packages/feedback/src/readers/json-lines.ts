/** @file JSON Lines: one row a line, a corrupt line set aside, a cut last line an error. */
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { RowFault } from './reject.ts';

/** @throws TextCut when the last line has no line break and is not JSON: the mark of an interrupted copy. */
export async function* jsonLines(pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> {
  let rest = '';
  let line = 0;
  for await (const piece of pieces) {
    // Only the new piece is searched: a line of 64 MiB comes in a thousand pieces.
    const lines = piece.split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    const rows: RawRow[] = [];
    for (const text of lines) {
      line++;
      if (text.trim() !== '') rows.push(parseLine(line, text));
    }
    if (rest.length > rowLengthLimit) throw new RowTooLong(line + 1);
    yield rows;
  }
  if (rest.trim() === '') return;
  const last = parseLine(line + 1, rest);
  if (last.fault) throw new TextCut(line + 1);
  yield [last];
}

const parseLine = (row: number, text: string): RawRow => {
  try {
    return { row, value: JSON.parse(text) };
  } catch {
    return { row, fault: new RowFault('not_json') };
  }
};
