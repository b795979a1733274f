/** @file Which combinations of segments have too few judgements, and which shares are short of their targets. */
import { z } from 'zod';
import type { CheckedRow } from '../checked-row.ts';
import { defineGate, notApplicable } from '../gate.ts';
import { SegmentSets } from '../segment-sets.ts';
import { listed, percent, plural, shortName } from '../sentences.ts';
import { thresholds } from '../thresholds.ts';

/** Values of a name that the picture shows. */
const shown = 12;
/** Cells that the sentence names. */
const namedCells = 5;
/** A name with more values than this is no group to cross with another. */
const mostCrossed = 30;

/** Rows counted by set of segments: as many numbers as there are different sets, however many rows. */
class SegmentCounts {
  readonly sets = new SegmentSets();
  private readonly counts: number[] = [];
  rows = 0;

  add({ judgement }: CheckedRow): void {
    const set = this.sets.numberOf(judgement.provenance);
    this.counts[set] = (this.counts[set] ?? 0) + 1;
    this.rows++;
  }

  /** Values of each name with their rows, most rows first. */
  names(): Map<string, Map<string, number>> {
    const names = new Map<string, Map<string, number>>();
    for (const [set, rows] of this.counts.entries())
      for (const member of this.sets.membersOf(set)) {
        const { name, value } = this.sets.segment(member);
        const values = names.get(name) ?? new Map<string, number>();
        names.set(name, values);
        values.set(value, (values.get(value) ?? 0) + rows);
      }
    return new Map(
      [...names].map(([name, values]) => [
        name,
        new Map([...values].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))),
      ]),
    );
  }

  /** Rows with both values, by `rowValue\u0000columnValue`. */
  crossed(rowName: string, columnName: string): Map<string, number> {
    const cells = new Map<string, number>();
    for (const [set, rows] of this.counts.entries()) {
      const segments = this.sets.membersOf(set).map((member) => this.sets.segment(member));
      const row = segments.find(({ name }) => name === rowName);
      const column = segments.find(({ name }) => name === columnName);
      if (!row || !column) continue;
      const cell = `${row.value}\u0000${column.value}`;
      cells.set(cell, (cells.get(cell) ?? 0) + rows);
    }
    return cells;
  }
}

export const coverage = defineGate({
  name: 'coverage',
  title: 'Coverage of segments',
  family: 'people',
  unit: 'share',
  required: false,
  memory: 'segments',
  fix: 'Collect judgements for the thin cells first; until then do not claim anything for them. If a combination cannot occur, cross other segments (`by`).',
  settings: z.strictObject({
    ...thresholds({ most: 0.2 }, null),
    /** Fewest judgements of a cell that is covered. */
    least: z.number().int().positive().default(10),
    /** One or two names of segments; `language` is one. Default: the two with the fewest values above one. */
    by: z.array(z.string()).min(1).max(2).optional(),
  }),
  start: ({ least, by }) => {
    const counts = new SegmentCounts();
    return {
      add: (row) => counts.add(row),
      finish: () => {
        const names = counts.names();
        const unknown = by?.filter((name) => !names.has(name)) ?? [];
        if (unknown.length > 0)
          return notApplicable(
            `No row has a segment named ${listed(unknown.map(shortName))}; ${names.size === 0 ? 'there are none' : `there are ${listed([...names.keys()].slice(0, 20).map(shortName))}`}.`,
            'cells',
          );
        const [rowName, columnName] = by ?? defaultNames(names);
        if (rowName === undefined)
          return notApplicable('No row has segments or a language to cover.', 'cells');
        const rows = [...names.get(rowName)!.keys()];
        const columns = columnName === undefined ? ['all'] : [...names.get(columnName)!.keys()];
        const crossed = columnName === undefined ? null : counts.crossed(rowName, columnName);
        const cell = (row: string, column: string): number =>
          crossed === null ? names.get(rowName)!.get(row)! : (crossed.get(`${row}\u0000${column}`) ?? 0);
        const cells = rows.flatMap((row) =>
          columns.map((column) => ({ row, column, count: cell(row, column) })),
        );
        const thin = cells.filter(({ count }) => count < least).sort((a, b) => a.count - b.count);
        const empty = thin.filter(({ count }) => count === 0).length;
        const crossing =
          columnName === undefined
            ? shortName(rowName)
            : `${shortName(rowName)} and ${shortName(columnName)}`;
        const named = thin
          .slice(0, namedCells)
          .map(
            ({ row, column, count }) =>
              `${shortName(row)}${columnName === undefined ? '' : ` / ${shortName(column)}`} (${count})`,
          );
        return {
          value: thin.length / cells.length,
          n: cells.length,
          noun: 'cells',
          reason:
            thin.length === 0
              ? `Each of ${plural(cells.length, 'cell')} of ${crossing} has at least ${plural(least, 'judgement')}.`
              : `Of ${plural(cells.length, 'cell')} of ${crossing} ${thin.length} ${thin.length === 1 ? 'has' : 'have'} fewer than ${plural(least, 'judgement')}, ${empty} of them none: ${named.join(', ')}${thin.length > named.length ? ' and others' : ''}.`,
          measures: { emptyCells: empty, thinCells: thin.length },
          pictures: [
            {
              kind: 'heatmap',
              title: `Judgements by ${crossing}`,
              caption: `The darker, the more; outlined cells have fewer than ${least}.`,
              rows: { name: shortName(rowName), values: rows.slice(0, shown).map(shortName) },
              columns: { name: shortName(columnName ?? ''), values: columns.slice(0, shown).map(shortName) },
              counts: rows
                .slice(0, shown)
                .map((row) => columns.slice(0, shown).map((column) => cell(row, column))),
              least,
            },
          ],
        };
      },
    };
  },
});

/** The two names with the fewest values above one; a single name where there is no second. */
const defaultNames = (names: Map<string, Map<string, number>>): (string | undefined)[] => {
  const crossable = [...names].filter(([, values]) => values.size > 1 && values.size <= mostCrossed);
  const chosen = (crossable.length > 0 ? crossable : [...names].slice(0, 1)).toSorted(
    (a, b) => a[1].size - b[1].size,
  );
  return chosen.slice(0, 2).map(([name]) => name);
};

export const targetShares = defineGate({
  name: 'target-shares',
  title: 'Target shares',
  family: 'people',
  unit: 'share',
  required: false,
  memory: 'segments',
  fix: 'Collect judgements for the segments that are short, or weigh their rows up in training.',
  settings: z.strictObject({
    ...thresholds({ most: 0.2 }, { most: 0.8 }),
    /** For each segment its values' shares of all rows, 0 to 1: `{ language: { en: 0.5, de: 0.2 } }`. */
    targets: z.record(z.string(), z.record(z.string(), z.number().positive().max(1))).optional(),
  }),
  start: ({ targets }) => {
    const counts = new SegmentCounts();
    return {
      ...(targets && { add: (row: CheckedRow) => counts.add(row) }),
      finish: () => {
        const wanted = Object.entries(targets ?? {}).flatMap(([name, values]) =>
          Object.entries(values).map(([value, target]) => ({ name, value, target })),
        );
        if (wanted.length === 0 || counts.rows === 0)
          return notApplicable('No target shares were given.', 'judgements');
        const names = counts.names();
        const found = wanted
          .map((one) => {
            const share = (names.get(one.name)?.get(one.value) ?? 0) / counts.rows;
            return { ...one, share, missing: Math.max(0, 1 - share / one.target) };
          })
          .sort((a, b) => b.missing - a.missing);
        const worst = found[0]!;
        return {
          value: worst.missing,
          n: counts.rows,
          noun: 'judgements',
          reason:
            worst.missing === 0
              ? `All of ${plural(found.length, 'target share')} are reached.`
              : `Furthest from its target is ${shortName(worst.name)} “${shortName(worst.value)}”: ${percent(worst.share)} of ${plural(counts.rows, 'judgement')} in the place of ${percent(worst.target)}, so that ${percent(worst.missing, 0)} of what was asked for is missing.`,
          pictures: [
            {
              kind: 'bars',
              title: 'Shares of segments with a target',
              caption: 'Marked are those of which more than a fifth is missing.',
              noun: 'judgements',
              mark: null,
              items: found.slice(0, shown).map(({ name, value, target, share, missing }) => ({
                name: `${shortName(`${name}: ${value}`)}, target ${percent(target, 0)}`,
                value: share,
                interval: null,
                n: Math.round(share * counts.rows),
                flagged: missing > 0.2,
              })),
              omitted: Math.max(0, found.length - shown),
            },
          ],
        };
      },
    };
  },
});
