/** @file Tables of published examples as annotators' values, and what other programs found in some. */
import { readFileSync } from 'node:fs';
import type { AnnotatorValue } from './annotator-value.ts';

/** What `fixtures/record.py` recorded. */
export const recorded: {
  readonly table: {
    readonly alpha: Readonly<Record<'nominal' | 'ordinal' | 'interval', number>>;
    readonly kappa: Readonly<Record<'none' | 'linear' | 'quadratic', number>>;
  };
  readonly pandalm: {
    readonly rows: number;
    readonly alpha: number;
    readonly fleiss: number;
    readonly kappa: readonly number[];
    readonly agreement: number;
  };
} = JSON.parse(readFileSync(new URL('fixtures/agreement.json', import.meta.url), 'utf8'));

/** One text for each annotator, a value for each unit between spaces, a point where the annotator said nothing. */
export const rowsOfValues = (rows: Readonly<Record<string, string>>): AnnotatorValue[] =>
  Object.entries(rows).flatMap(([annotator, row]) =>
    row
      .split(' ')
      .flatMap((value, unit) =>
        value === '.' ? [] : [{ unit: String(unit), annotator, value: Number(value) }],
      ),
  );

/** For each unit how many annotators chose each category, as values of nameless annotators. */
export const countsOfValues = (counts: readonly (readonly number[])[]): AnnotatorValue[] =>
  counts.flatMap((row, unit) =>
    row
      .flatMap((count, category) => new Array<number>(count).fill(category))
      .map((value, annotator) => ({ unit: String(unit), annotator: String(annotator), value })),
  );
