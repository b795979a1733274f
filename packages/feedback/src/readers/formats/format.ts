/** @file What a judgement file format is: how to know its rows, and how to read one. */
import type { Judgement, Prompt, Provenance } from '@plaudit/contract';
import { toPrompt } from '../../prompt.ts';
import type { Row } from '../fields.ts';
import { RowFault } from '../reject.ts';
import type { SeenValues } from '../seen-values.ts';

/** Where a row stands, which formats put into the provenance, and what is known of its file. */
export interface RowPlace {
  readonly source: string;
  readonly row: number;
  /** What `survey` saw in the whole file. */
  readonly seen?: SeenValues;
  /** Sets a part of the row aside; the rest of the row goes on. */
  setAside(fault: RowFault): void;
}

export interface Format<Name extends string = string> {
  readonly name: Name;
  /** The fields by which a person recognises the format; shown when no format fits. */
  readonly fields: string;
  /** The fields of a judgement's responses, in order, for messages about them; by default the judgement's own. */
  readonly responseFields?: readonly string[];
  /** Whether a row looks like one of this format, by its field names more than its values. */
  detect(row: Row): boolean;
  /** Looks at every row before the first is read, where the file does not declare its scales. */
  survey?(row: Row, seen: SeenValues): void;
  /**
   * What the row says: one judgement or several.
   *
   * @throws RowFault when the row cannot be used
   */
  parse(row: Row, place: RowPlace): Judgement | Judgement[];
  /** For a format whose judgements are spread over several rows: takes the rows of one file. */
  gather?(): Gathering;
}

/** Rows that say something only together: each is added, and the end of the file brings what they said. */
export interface Gathering {
  /** @throws RowFault when the row cannot be used */
  add(row: Row, place: RowPlace): void;
  end(): Iterable<Gathered>;
}

/** A judgement, and the rows from which it was made. */
export interface Gathered {
  readonly rows: readonly number[];
  readonly judgement: Judgement;
}

/**
 * Reads the parts of a row one by one and sets aside those that cannot be used.
 *
 * @param read What a part says. @throws RowFault when it cannot be used
 */
export const readParts = <Part, Read>(
  parts: Iterable<Part>,
  place: RowPlace,
  read: (part: Part) => readonly Read[],
): Read[] => {
  const all: Read[] = [];
  for (const part of parts)
    try {
      all.push(...read(part));
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault;
      place.setAside(fault);
    }
  return all;
};

/** The same fault, said of another field: names that come from the file stay out of messages. */
export const faultAt = <Value>(field: string, read: () => Value): Value => {
  try {
    return read();
  } catch (fault) {
    throw fault instanceof RowFault ? new RowFault(fault.reason, field) : fault;
  }
};

/**
 * The prompt of a judgement whose file has none: the file's own words for what was judged. Goes with the segment
 * `prompt: absent`, which says so.
 */
export const absentPrompt = (words: string): Prompt => toPrompt(words);
export const absentPromptSegment = { prompt: 'absent' } as const;

/** Provenance without the fields that the file does not say. */
export const provenanceOf = (
  place: Pick<RowPlace, 'source' | 'row'>,
  rest: { readonly [Key in keyof Provenance]?: Provenance[Key] | undefined } = {},
): Provenance => {
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { source: place.source, row: place.row, ...said };
};
