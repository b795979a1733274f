/** @file Contests between named items, as tables of games, citations or paired tastings hold them: who met whom, and who won. */
import { basename } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { isRow, labelNumber, optionalBoolean, optionalText, type Row } from './fields.ts';
import { type Reject, RowFault } from './reject.ts';
import { streamRows } from './rows.ts';

/** The meetings of two items that one row counts. */
export interface Contest {
  readonly row: number;
  readonly first: string;
  readonly second: string;
  readonly firstWins: number;
  readonly secondWins: number;
  readonly ties: number;
  /** Which side was at home; absent where neither was or the file does not say. */
  readonly home?: 'first' | 'second';
  /** The row's other columns: who judged, when, of what. */
  readonly context: Readonly<Record<string, string>>;
}

export interface ReadContests {
  readonly contests: readonly Contest[];
  readonly rejects: readonly Reject[];
  readonly rows: number;
}

interface Sides {
  readonly first: string;
  readonly second: string;
  readonly home?: 'first' | 'second';
}

/** Names of the columns of the two sides. */
const sidesNames: readonly Sides[] = [
  { first: 'home.team', second: 'away.team', home: 'first' },
  { first: 'home', second: 'away', home: 'first' },
  { first: 'visitor', second: 'opponent' },
  { first: 'player1', second: 'player2' },
  { first: 'item1', second: 'item2' },
  { first: 'model_a', second: 'model_b' },
  { first: 'school1', second: 'school2' },
  { first: 'field1', second: 'field2' },
  { first: 'row', second: 'col' },
];
const firstWinsNames = ['win1', 'wins1', 'home.wins', 'win'];
const secondWinsNames = ['win2', 'wins2', 'away.wins', 'loss'];
const tiesNames = ['tie', 'ties', 'tied'];
/** Counts with ties already given half to each side, which say nothing new. */
const derived = /\.adj$/;

interface Columns {
  readonly sides: Sides;
  readonly firstWins?: string;
  readonly secondWins?: string;
  readonly result?: string;
}

/** A column that says whether the second side was at home; it is nobody's home otherwise. */
const homeIsSecond = 'home.ice';

/**
 * The contests of a table: two columns of names, and either the wins of each side (with ties, where they are counted) or a
 * `result` for the first side: 1 won, 0 lost and 0.5 tied, or 1, -1 and 0 where the first side is at home.
 *
 * @throws PlauditError data.unknown_format when the columns are not those of contests; other data.* for the file
 */
export const readContests = async (path: string, signal?: AbortSignal): Promise<ReadContests> => {
  const contests: Contest[] = [];
  const rejects: Reject[] = [];
  const source = basename(path);
  let columns: Columns | undefined;
  let rows = 0;
  for await (const batch of streamRows(path, signal))
    for (const { row, value, fault } of batch) {
      rows++;
      try {
        if (fault) throw fault;
        if (!isRow(value)) throw new RowFault('not_an_object');
        columns ??= columnsOf(value);
        if (!columns && rows >= rowsToRecognise) throw unknownColumns(path, value);
        if (!columns) throw new RowFault('missing_label');
        contests.push(contestOf(value, row, columns));
      } catch (error) {
        if (!(error instanceof RowFault)) throw error;
        const { reason, field, message } = error;
        rejects.push({ source, row, ...(field !== undefined && { field }), reason, message });
      }
    }
  if (rows === 0) throw plauditError('data.file_empty', { path });
  if (!columns) throw unknownColumns(path, {});
  return { contests, rejects, rows };
};

/** A first row may lack a value, and with it the column; after so many the columns are others. */
const rowsToRecognise = 16;

const columnsOf = (row: Row): Columns | undefined => {
  const sides = sidesNames.find(({ first, second }) => first in row && second in row);
  const [firstWins, secondWins] = [named(row, firstWinsNames), named(row, secondWinsNames)];
  const wins = firstWins !== undefined && secondWins !== undefined;
  if (!sides || !(wins || 'result' in row)) return undefined;
  return { sides, ...(wins ? { firstWins, secondWins } : { result: 'result' }) };
};

const named = (row: Row, names: readonly string[]): string | undefined => names.find((name) => name in row);

const unknownColumns = (path: string, row: Row): Error =>
  plauditError('data.unknown_format', {
    path,
    fields:
      Object.keys(row)
        .slice(0, 12)
        .map((name) => name.slice(0, 32))
        .join(', ') || 'none',
    formats: 'contests (two columns of names, with wins of each or a result)',
  });

const contestOf = (row: Row, number: number, columns: Columns): Contest => {
  const { sides } = columns;
  const [first, second] = [nameOf(row, sides.first), nameOf(row, sides.second)];
  if (first === second) throw new RowFault('equal_responses', sides.second);
  const home = optionalBoolean(row[homeIsSecond], homeIsSecond) ? 'second' : sides.home;
  return {
    row: number,
    first,
    second,
    ...countsOf(row, columns),
    ...(home && { home }),
    context: contextOf(row, columns),
  };
};

const nameOf = (row: Row, field: string): string => {
  const name = optionalText(row, field);
  if (name === undefined) throw new RowFault('missing_response', field);
  return name;
};

const countsOf = (row: Row, columns: Columns): Pick<Contest, 'firstWins' | 'secondWins' | 'ties'> => {
  const { firstWins, secondWins, result, sides } = columns;
  if (result !== undefined) return countsOfResult(labelNumber(present(row, result), result), sides.home);
  const count = (name: string | undefined): number => {
    const value = name === undefined ? 0 : labelNumber(present(row, name), name);
    if (value < 0) throw new RowFault('label_out_of_range', name);
    return value;
  };
  const ties = named(row, tiesNames);
  return { firstWins: count(firstWins), secondWins: count(secondWins), ties: count(ties) };
};

/** R writes a value that is missing as NA. */
const present = (row: Row, field: string): Row => {
  if (row[field] === undefined || row[field] === 'NA') throw new RowFault('missing_label', field);
  return row;
};

const countsOfResult = (
  result: number,
  home: Sides['home'],
): Pick<Contest, 'firstWins' | 'secondWins' | 'ties'> => {
  const [lost, tied] = home === undefined ? [0, 0.5] : [-1, 0];
  if (result === 1) return { firstWins: 1, secondWins: 0, ties: 0 };
  if (result === tied) return { firstWins: 0, secondWins: 0, ties: 1 };
  if (result === lost) return { firstWins: 0, secondWins: 1, ties: 0 };
  throw new RowFault('label_out_of_range', 'result');
};

const contextOf = (row: Row, columns: Columns): Record<string, string> => {
  const { sides, firstWins, secondWins, result } = columns;
  const used = new Set([
    sides.first,
    sides.second,
    firstWins,
    secondWins,
    result,
    homeIsSecond,
    ...tiesNames,
  ]);
  return Object.fromEntries(
    Object.keys(row)
      .filter((name) => !used.has(name) && !derived.test(name))
      .flatMap((name): [string, string][] => {
        const text = optionalText(row, name);
        return text === undefined ? [] : [[name, text]];
      }),
  );
};
