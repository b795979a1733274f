/** @file Lines of Python dictionaries, as a script prints its rows: read like JSON Lines, with Python's notation. */
import { lineRows } from './json-lines.ts';
import { parsePythonLiteral } from './python-literal.ts';
import type { RawRow } from './raw-row.ts';

/** @throws TextCut when the last line has no line break and is no literal */
export const pythonLines = (pieces: AsyncIterable<string>): AsyncGenerator<RawRow[]> =>
  lineRows(pieces, parsePythonLiteral, 'not_python');
