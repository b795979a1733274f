/** @file A JSON array, or an object of rows by their names, read element by element: only one is held as text at a time. */
import { type RawRow, RowTooLong, rowLengthLimit, TextCut } from './raw-row.ts';
import { RowFault } from './reject.ts';

const quote = 0x22;
const backslash = 0x5c;

/** @throws TextCut when the text ends before the array does */
export const jsonArray = (pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> =>
  elements(pieces, JSON.parse);

/**
 * The values of an object as rows, as in `{ "1": { ... }, "2": { ... } }`; their names are not kept.
 *
 * @throws TextCut when the text ends before the object does
 */
export const jsonObjectOfRows = (pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> =>
  elements(pieces, (member) => Object.values(JSON.parse(`{${member}}`))[0]);

async function* elements(
  pieces: AsyncIterable<string>,
  parse: (element: string) => unknown,
): AsyncGenerator<RawRow[]> {
  let held = '';
  let row = 0;
  // 0 is outside the array, 1 is between its elements, more is inside one.
  let depth = 0;
  let inString = false;
  let escaped = false;
  let ended = false;

  for await (const piece of pieces) {
    const rows: RawRow[] = [];
    let start = 0;
    const finishElement = (end: number, closesArray: boolean): void => {
      const text = held + piece.slice(start, end);
      held = '';
      start = end + 1;
      // `[]` and a comma before the closing bracket hold no element there.
      if (closesArray && text.trim() === '') return;
      row++;
      rows.push(parsed(row, text, parse));
    };
    for (let i = 0; i < piece.length; i++) {
      const code = piece.charCodeAt(i);
      if (inString) {
        if (escaped) escaped = false;
        else if (code === backslash) escaped = true;
        else if (code === quote) inString = false;
      } else if (code === quote) {
        inString = true;
      } else if (code === 0x5b || code === 0x7b) {
        depth++;
        if (depth === 1 && !ended) start = i + 1;
      } else if (code === 0x5d || code === 0x7d) {
        depth--;
        if (depth === 0 && !ended) {
          finishElement(i, true);
          ended = true;
        }
      } else if (code === 0x2c && depth === 1 && !ended) {
        finishElement(i, false);
      }
    }
    held += piece.slice(start);
    if (held.length > rowLengthLimit) throw new RowTooLong(row + 1);
    yield rows;
  }
  if (!ended) throw new TextCut(row + 1);
  if (held.trim() !== '') yield [{ row: row + 1, fault: new RowFault('not_json') }];
}

const parsed = (row: number, text: string, parse: (element: string) => unknown): RawRow => {
  try {
    return { row, value: parse(text) };
  } catch {
    return { row, fault: new RowFault('not_json') };
  }
};
