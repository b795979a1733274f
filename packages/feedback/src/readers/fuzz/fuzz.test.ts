import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PlauditError, Random } from '@plaudit/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContests } from '../contests.ts';
import { type FormatName, formatNames } from '../formats/formats.ts';
import { type JudgementBatch, streamJudgements } from '../read-judgements.ts';
import { readPromptRows } from '../read-prompt-rows.ts';
import { readWorkerLabels } from '../worker-labels.ts';
import { examples } from './examples.ts';
import { brokenText, hostileJson } from './hostile.ts';

/** Rows through each reader; `PLAUDIT_FUZZ_ROWS=10000 vitest run packages/feedback/src/readers/fuzz` is the full run. */
const rowsEach = Number(process.env.PLAUDIT_FUZZ_ROWS ?? 200);
const full = rowsEach > 1000;
const limit = full ? 600_000 : 20_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-fuzz-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  expect(Object.keys(Object.prototype)).toEqual([]);
});
const write = async (text: string): Promise<string> => {
  const path = join(folder, 'rows.data');
  await writeFile(path, text);
  return path;
};

const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.integer(items.length)]!;

/** What came of a file: its rows, those that were read, those that were set aside; or the error that ended it. */
interface Outcome {
  readonly rows: number;
  readonly read: number;
  readonly setAside: number;
  readonly error?: string;
}

const outcomeOf = async (path: string, format: FormatName): Promise<Outcome> => {
  let rows = 0;
  let read = 0;
  const rejected = new Set<number>();
  const ownRows = format !== 'plaudit' && format !== 'mqm';
  const rowsWithJudgements = new Set<number>();
  const add = (batch: JudgementBatch): void => {
    rows += batch.rows;
    read += batch.rowsRead;
    for (const { row } of batch.rejects) rejected.add(row);
    // Own judgements keep the row that they came with, and MQM's are of several rows.
    if (ownRows) for (const { provenance } of batch.judgements) rowsWithJudgements.add(provenance.row!);
  };
  try {
    for await (const batch of streamJudgements(path, { format })) add(batch);
  } catch (error) {
    if (!(error instanceof PlauditError)) throw error;
    return { rows, read, setAside: rejected.size, error: error.code };
  }
  // A part of a row can be set aside while the rest of it is read.
  const setAside = [...rejected].filter((row) => !rowsWithJudgements.has(row)).length;
  return { rows, read, setAside };
};

describe('hostile rows', () => {
  it.each(formatNames)(
    'of %s are read or set aside, every one',
    async (format) => {
      const random = new Random(1, format);
      const lines: string[] = [];
      let expected = 0;
      while (expected < rowsEach) {
        const row = hostileJson(pick(examples[format], random), random);
        const text = random.integer(8) === 0 ? brokenText(row, random) : row;
        lines.push(text, random.integer(4) === 0 ? '\r\n' : '\n');
        if (text.trim() !== '') expected++;
        if (random.integer(20) === 0) lines.push(pick(['\n', '  \n', '\r\n'], random));
      }
      const good = `${JSON.stringify(examples[format][0])}\n`;
      const { rows, read, setAside, error } = await outcomeOf(await write(good + lines.join('')), format);
      expect(error).toBeUndefined();
      expect(rows).toBe(expected + 1);
      expect(read + setAside).toBe(rows);
      expect(read).toBeGreaterThan(rows / 20);
      if (full) console.log(`${format}: ${rows} rows = ${read} read + ${setAside} set aside`);
    },
    limit,
  );
});

const cell = (value: unknown): string =>
  `"${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('"', '""')}"`;
const python = (value: unknown): string => {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([name, field]) => `${python(name)}: ${python(field)}`)
      .join(', ')}}`;
  return String(value);
};

/** Files of each container, whose whole text is then broken in places. */
const containers: Readonly<Record<string, (rows: readonly object[], random: Random) => string>> = {
  'JSON Lines': (rows) => rows.map((row) => JSON.stringify(row)).join('\n'),
  'a JSON array': (rows) => JSON.stringify(rows),
  'an object of rows': (rows) => JSON.stringify(Object.fromEntries(rows.map((row, i) => [`r${i}`, row]))),
  'Python literals': (rows) => rows.map(python).join('\n'),
  CSV: (rows, random) => {
    const names = Object.keys(rows[0]!);
    const line = (row: object): string => Object.values(row).map(cell).join(',');
    return [names.map(cell).join(','), ...rows.map(line)].join(pick(['\n', '\r\n', '\r'], random));
  },
  TSV: (rows) => {
    const line = (row: object): string => Object.values(row).map(String).join('\t').replaceAll('\n', ' ');
    return [Object.keys(rows[0]!).join('\t'), ...rows.map(line)].join('\n');
  },
};

describe('broken files', () => {
  it.each(Object.keys(containers))(
    'of %s end in rows that are all accounted for, or in an error of the table',
    async (name) => {
      const random = new Random(2, name);
      const rowsPerFile = 20;
      const tally = new Map<string, number>();
      for (let done = 0; done < rowsEach; done += rowsPerFile) {
        const format = pick(formatNames, random);
        const example = pick(examples[format], random);
        let text = containers[name]!(Array(rowsPerFile).fill(example), random);
        for (let i = random.integer(4); i > 0; i--) text = brokenText(text, random);
        if (random.integer(3) === 0) text = text.replace('\n', pick(['\r', '\r\n', '\n\n\n'], random));
        const { rows, read, setAside, error } = await outcomeOf(await write(text), format);
        if (error === undefined) expect(read + setAside).toBe(rows);
        else expect(error).toMatch(/^data\./);
        const kind = error ?? 'read';
        tally.set(kind, (tally.get(kind) ?? 0) + 1);
      }
      if (full) console.log(`${name}: ${JSON.stringify(Object.fromEntries(tally))}`);
    },
    limit,
  );
});

describe('other readers', () => {
  /** The same error or result for whatever comes, and nothing else. */
  const result = async <Result>(reading: Promise<Result>): Promise<Result | undefined> =>
    reading.catch((error) => {
      if (!(error instanceof PlauditError)) throw error;
      return undefined;
    });
  /** A file of `rows` lines of cells, some of them broken. */
  const table = (header: string, good: string, rows: number, random: Random): string =>
    [
      header,
      ...Array.from({ length: rows }, () => (random.integer(3) > 0 ? good : brokenText(good, random))),
    ].join('\n');

  it(
    'take hostile tables, rows to be scored and labels of workers to their end or to an error',
    async () => {
      const random = new Random(3);
      for (let done = 0; done < rowsEach; done += 20) {
        const contests = table('player1,player2,win1,win2,tie', '"a b",c,3,1,0', 20, random);
        const met = await result(readContests(await write(contests)));
        if (met) expect(met.contests.length + met.rejects.length).toBe(met.rows);

        const labels = table('question,worker,answer', 'q1\tw1\t0'.replaceAll('\t', ','), 20, random);
        const said = await result(readWorkerLabels({ labels: await write(labels) }));
        if (said) expect(said.labels.length + said.rejects.length).toBe(said.rows);

        const format = pick(formatNames, random);
        const lines = Array.from({ length: 20 }, () => hostileJson(pick(examples[format], random), random));
        await result(readPromptRows(await write(lines.slice(0, 1 + random.integer(20)).join('\n'))));
      }
    },
    limit,
  );
});
