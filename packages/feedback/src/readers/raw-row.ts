/** @file A row before any format has looked at it, and the two ways in which its text can be unusable. */
import type { RowFault } from './reject.ts';

/** A row before any format has looked at it: its value, or why it has none. */
export type RawRow =
  | { readonly row: number; readonly value: unknown; readonly fault?: undefined }
  | { readonly row: number; readonly fault: RowFault; readonly value?: undefined };

/** Characters of one row. A file without line breaks must not fill the memory before anyone is told. */
export const rowLengthLimit = 64 * 1024 * 1024;

/** The text ends in the middle of a row. */
export class TextCut extends Error {
  override readonly name = 'TextCut';
  readonly row: number;

  constructor(row: number, cause?: unknown) {
    super('the text ends inside a row', { cause });
    this.row = row;
  }
}

/** A row is longer than `rowLengthLimit`. */
export class RowTooLong extends Error {
  override readonly name = 'RowTooLong';
  readonly row: number;

  constructor(row: number) {
    super('the row is too long');
    this.row = row;
  }
}
