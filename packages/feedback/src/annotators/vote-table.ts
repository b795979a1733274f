/** @file Annotators' classes for units as plain arrays, with the units whose true class is known. */
import { plauditError } from '@plaudit/contract';
import type { AnnotatorValue } from '../agreement/annotator-value.ts';
import { type Category, reliabilityTable } from '../agreement/reliability-table.ts';

export interface ClassOptions {
  /** All classes, in the order in which results name them. Default: those that occur, numbers first, then texts, sorted. */
  readonly classes?: readonly Category[];
  /** Units whose true class is known: it is given to the model and not estimated. Units that nobody judged are ignored. */
  readonly gold?: ReadonlyMap<string, Category>;
}

/** The votes on unit u are those from `starts[u]` up to `starts[u + 1]`. */
export interface VoteTable {
  readonly units: readonly string[];
  readonly annotators: readonly string[];
  readonly classes: readonly Category[];
  readonly starts: Int32Array;
  readonly annotator: Int32Array;
  /** The class that was said, as its place among the classes. */
  readonly said: Int32Array;
  /** The true class of each unit; -1 where it is not known. */
  readonly gold: Int32Array;
}

/** Numbers in a table of confusions or of posteriors: half a gigabyte. */
const mostCells = 2 ** 26;

/**
 * @throws quality.too_many_classes where every annotator's confusions would not fit the memory
 * @throws data.bad_option for a class that `classes` lacks or names twice, and where nobody judged anything
 */
export const voteTable = (values: readonly AnnotatorValue[], options: ClassOptions = {}): VoteTable => {
  const { gold = new Map<string, Category>() } = options;
  const { units, annotators, categories, starts, annotator, category } = reliabilityTable(values);
  const known = units.flatMap((unit) => (gold.has(unit) ? [gold.get(unit)!] : []));
  const classes = options.classes ?? sorted([...categories, ...known]);
  const places = new Map(classes.map((name, place) => [name, place]));
  const placeOf = (name: Category): number => {
    const place = places.get(name);
    if (place === undefined || places.size !== classes.length)
      throw plauditError('data.bad_option', {
        option: 'classes',
        problem: 'they have to name every class that occurs or is known, and each of them once',
      });
    return place;
  };
  if (values.length === 0)
    throw plauditError('data.bad_option', { option: 'values', problem: 'nobody judged anything' });
  const cells = annotators.length * classes.length ** 2;
  if (cells > mostCells || units.length * classes.length > mostCells)
    throw plauditError('quality.too_many_classes', {
      annotators: annotators.length,
      classes: classes.length,
    });
  const placeOfCategory = categories.map(placeOf);
  return {
    units,
    annotators,
    classes,
    starts,
    annotator,
    said: category.map((one) => placeOfCategory[one]!),
    gold: Int32Array.from(units, (unit) => (gold.has(unit) ? placeOf(gold.get(unit)!) : -1)),
  };
};

const sorted = (classes: readonly Category[]): Category[] => {
  const distinct = [...new Set(classes)];
  const numbers = distinct.filter((name) => typeof name === 'number').sort((a, b) => a - b);
  return [...numbers, ...distinct.filter((name) => typeof name === 'string').sort()];
};

/** Calls with each vote: its unit, who gave it and the class that was said. */
export const forEachVote = (
  { units, starts, annotator, said }: VoteTable,
  visit: (unit: number, annotator: number, said: number) => void,
): void => {
  for (let unit = 0; unit < units.length; unit++)
    for (let i = starts[unit]!; i < starts[unit + 1]!; i++) visit(unit, annotator[i]!, said[i]!);
};
