/** @file Rows to a table by COPY, the fastest way in that PostgreSQL has. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from } from 'pg-copy-streams';

/** A value as COPY's text format writes it; a number, a time or a UUID is written as it is. @see PostgreSQL, COPY */
export type CopyField = string;

export const copyBytes = (digits: string): CopyField => `\\\\x${digits}`;

export const copyBytesList = (list: readonly string[]): CopyField =>
  `{${list.map((digits) => `"\\\\\\\\x${digits}"`).join(',')}}`;

/** JSON has no raw control characters, so that only the backslash needs care. */
export const copyJson = (json: string): CopyField => json.replaceAll('\\', '\\\\');

const replacements: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};

export const copyText = (text: string | null): CopyField =>
  text === null ? '\\N' : text.replace(/[\\\t\n\r]/g, (character) => replacements[character]!);

const lengthOfPiece = 65_536;

function* pieces(rows: Iterable<readonly CopyField[]>): Generator<string> {
  let piece = '';
  for (const row of rows) {
    piece += `${row.join('\t')}\n`;
    if (piece.length < lengthOfPiece) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** @param into The table and its columns, as SQL. */
export const copyRows = async (
  client: PoolClient,
  into: string,
  rows: Iterable<readonly CopyField[]>,
): Promise<void> => {
  await pipeline(Readable.from(pieces(rows)), client.query(from(`copy ${into} from stdin`)));
};
