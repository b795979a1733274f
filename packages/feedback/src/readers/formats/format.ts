/** @file What a judgement file format is: how to know its rows, and how to read one. */
import type { Comparison, Provenance } from '@plaudit/contract';
import type { Row } from '../fields.ts';

/** Where a row stands; formats put it into the provenance. */
export interface RowPlace {
  readonly source: string;
  readonly row: number;
}

export interface Format<Name extends string = string> {
  readonly name: Name;
  /** The fields by which a person recognises the format; shown when no format fits. */
  readonly fields: string;
  /** The fields of the first and the second response, for messages about them. */
  readonly responseFields: readonly [string, string];
  /** Whether a row looks like one of this format, by its field names more than its values. */
  detect(row: Row): boolean;
  /** @throws RowFault when the row cannot be used */
  parse(row: Row, place: RowPlace): Comparison;
}

/** Provenance without the fields that the file does not say. */
export const provenanceOf = (
  place: RowPlace,
  rest: { readonly [Key in keyof Provenance]?: Provenance[Key] | undefined } = {},
): Provenance => {
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { source: place.source, row: place.row, ...said };
};
