/** @file Text as numbered lines, whatever the pieces in which it comes. */
import { RowTooLong, rowLengthLimit } from './raw-row.ts';

/** A line without its line break; `ended` is false only for a last line that has none. */
export interface Line {
  readonly line: number;
  readonly text: string;
  readonly ended: boolean;
}

/** @throws RowTooLong */
export async function* textLines(pieces: AsyncIterable<string>): AsyncGenerator<Line[]> {
  let rest = '';
  let line = 0;
  for await (const piece of pieces) {
    // Only the new piece is searched: a line of 64 MiB comes in a thousand pieces.
    const lines = piece.split('\n');
    lines[0] = rest + lines[0]!;
    rest = lines.pop()!;
    const batch = lines.map((text): Line => {
      line++;
      return { line, text: text.endsWith('\r') ? text.slice(0, -1) : text, ended: true };
    });
    if (rest.length > rowLengthLimit) throw new RowTooLong(line + 1);
    yield batch;
  }
  if (rest !== '') yield [{ line: line + 1, text: rest, ended: false }];
}
