/** @file The files that exported rows go into: JSON Lines, a JSON array, CSV or Parquet, known by the name's ending. */
import { plauditError } from '@plaudit/contract';
import { jsonLines, writeText } from '../../write-lines.ts';
import { type Column, type ContainerName, ExportFault, type ExportRow } from './column.ts';

/** A container whose rows are checked one by one before they are written. */
interface Container {
  readonly name: ContainerName;
  /** @throws ExportFault when the container cannot hold the row as it is */
  check(row: ExportRow, columns: readonly Column[]): void;
  write(path: string, rows: AsyncIterable<ExportRow>, columns: readonly Column[]): Promise<void>;
}

/**
 * The container that a file's name asks for; JSON Lines where it asks for none.
 *
 * @throws PlauditError snapshot.bad_container for compressed Parquet, whose columns are compressed inside already
 */
export const containerOf = (path: string): Container => {
  const [, ending, compression] = /\.(\w+?)(\.gz|\.zst)?$/i.exec(path) ?? [];
  switch (ending?.toLowerCase()) {
    case 'json':
      return jsonArray;
    case 'csv':
      return csv;
    case 'parquet':
      if (compression !== undefined)
        throw plauditError('snapshot.bad_container', { path, problem: 'Parquet is compressed inside' });
      return parquet;
    default:
      return jsonl;
  }
};

const holdsAll = (): void => {};

const jsonl: Container = {
  name: 'jsonl',
  check: holdsAll,
  write: (path, rows) => writeText(path, jsonLines(rows)),
};

const jsonArray: Container = {
  name: 'json',
  check: holdsAll,
  write: (path, rows) => writeText(path, arrayText(rows)),
};

async function* arrayText(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  let before = '[\n';
  for await (const row of rows) {
    yield before + JSON.stringify(row);
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

const csv: Container = {
  name: 'csv',
  check(row, columns) {
    for (const { name, type } of columns)
      if (type === 'text' && typeof row[name] === 'string' && misread(row[name]))
        throw new ExportFault('cell_misread');
  },
  write: (path, rows, columns) => writeText(path, csvText(rows, columns)),
};

/** An empty cell is an absent field, and one that is a list of objects is a list of chat messages. */
const misread = (text: string): boolean => {
  if (text === '') return true;
  if (!/^\s*\[\s*\{/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

async function* csvText(rows: AsyncIterable<ExportRow>, columns: readonly Column[]): AsyncGenerator<string> {
  yield `${columns.map(({ name }) => quoted(name)).join(',')}\n`;
  for await (const row of rows) yield `${columns.map((column) => cell(row, column)).join(',')}\n`;
}

const cell = (row: ExportRow, { name, type }: Column): string => {
  const value = row[name];
  if (value === undefined || value === null) return '';
  return quoted(type === 'text' ? String(value) : JSON.stringify(value));
};

const quoted = (text: string): string =>
  /^[^",\r\n]+$/.test(text) && text === text.trim() ? text : `"${text.replaceAll('"', '""')}"`;

const parquet: Container = {
  name: 'parquet',
  check: holdsAll,
  async write(path, rows, columns) {
    // Loaded when it is asked for, as the reader's part is.
    const { writeParquet } = await import('./parquet.ts');
    await writeParquet(path, rows, columns);
  },
};
