import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows } from './csv.ts';
import { jsonObjectOfRows } from './json-array.ts';
import { jsonLines } from './json-lines.ts';
import { RowTooLong, TextCut } from './raw-row.ts';
import { sourceFiles } from './source-files.ts';
import { tsvRows } from './tsv.ts';

const stream = async function* (pieces: Iterable<string>): AsyncGenerator<string> {
  yield* pieces;
};
const all = async <Row>(batches: AsyncIterable<Row[]>): Promise<Row[]> => {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
};

describe('JSON Lines', () => {
  it('reads a line of 32 million characters in 16,000 pieces in seconds', async () => {
    const text = JSON.stringify({ text: 'x'.repeat(32_000_000) });
    const pieces = Array.from({ length: 16_000 }, (_, i) => text.slice(i * 2001, (i + 1) * 2001));
    const started = performance.now();
    const rows = await all(jsonLines(stream([...pieces, '\n', '{"a":1}', '\n'])));
    expect(rows.map(({ row }) => row)).toEqual([1, 2]);
    expect(rows[0]!.fault).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('joins a line cut anywhere into pieces', async () => {
    const text = '{"a":1}\n\n{"b":[2,3]}\r\n{"c":"é"}\n';
    for (let size = 1; size <= text.length; size++) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
        text.slice(i * size, (i + 1) * size),
      );
      expect(await all(jsonLines(stream(pieces)))).toEqual([
        { row: 1, value: { a: 1 } },
        { row: 3, value: { b: [2, 3] } },
        { row: 4, value: { c: 'é' } },
      ]);
    }
  });
});

describe('CSV', () => {
  it('tells a record that is too long from a file that is cut off', async () => {
    const long = ['prompt,chosen\n', 'a,b\n', `c,${'x'.repeat(500)}\n`];
    await expect(all(csvRows(stream(long), 100))).rejects.toBeInstanceOf(RowTooLong);
    await expect(all(csvRows(stream(long), 100))).rejects.toMatchObject({ row: 2 });
    await expect(all(csvRows(stream(['prompt,chosen\n', 'a,"b\n'])))).rejects.toBeInstanceOf(TextCut);
    await expect(all(csvRows(stream(['p,c\n', 'a,b\n', 'a,b\n', 'a,"b\n'])))).rejects.toMatchObject({
      row: 3,
    });
    expect(await all(csvRows(stream(long), 1000))).toHaveLength(2);
  });
});

describe('CSV and TSV', () => {
  it('take any line break in one file, and a tab-separated quote for a character', async () => {
    expect(await all(csvRows(stream(['a,b\n1,x\r\n2,y\r3,z'])))).toEqual(
      ['x', 'y', 'z'].map((b, i) => ({ row: i + 1, value: { a: String(i + 1), b } })),
    );
    const text = 'a\tb\t# remark\r\n"1\tsaid "so"\r\n\n2\t\n3\n';
    const rows = await all(tsvRows(stream([...text])));
    expect(rows.map(({ row, value, fault }) => [row, value ?? fault?.reason])).toEqual([
      [1, { a: '"1', b: 'said "so"' }],
      [2, { a: '2' }],
      [3, 'wrong_column_count'],
    ]);
  });

  it('keep a column named __proto__ a column like any other', async () => {
    const [row] = await all(csvRows(stream(['__proto__,b\nx,y\n'])));
    expect(Object.entries(row!.value as object)).toEqual([
      ['__proto__', 'x'],
      ['b', 'y'],
    ]);
  });
});

describe('an object of rows', () => {
  const rows = { first: { a: '},{' }, __proto: { b: [1, { c: 2 }] }, last: 7 };
  it('is read value by value, in pieces of any size', async () => {
    const expected = Object.values(rows).map((value, i) => ({ row: i + 1, value }));
    for (const text of [JSON.stringify(rows), JSON.stringify(rows, null, 2)])
      for (let size = 1; size < text.length; size += 3) {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size),
        );
        expect(await all(jsonObjectOfRows(stream(pieces)))).toEqual(expected);
      }
    await expect(all(jsonObjectOfRows(stream(['{"a": {"b": 1}, "c": {'])))).rejects.toBeInstanceOf(TextCut);
    expect(await all(jsonObjectOfRows(stream(['{"a": {"b": 1,}, "c": {"d": 2}}'])))).toMatchObject([
      { row: 1, fault: { reason: 'not_json' } },
      { row: 2, value: { d: 2 } },
    ]);
  });
});

describe('source files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plaudit-sources-'));
    await mkdir(join(folder, 'data'));
    await writeFile(join(folder, 'data', 'a.jsonl'), '{}\n');
    await writeFile(join(folder, 'data', 'b.jsonl'), '{}\n');
    await symlink(join(folder, 'data', 'a.jsonl'), join(folder, 'link.jsonl'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('come once, however often and by whatever name they are given', async () => {
    const [a, b] = ['a.jsonl', 'b.jsonl'].map((name) => join(folder, 'data', name));
    const given = [b!, join(folder, 'link.jsonl'), a!, join(folder, 'data'), `${folder}/./data/b.jsonl`];
    expect(await sourceFiles(given)).toEqual([b, join(folder, 'link.jsonl')]);
    expect(await sourceFiles([a!, join(folder, 'data')])).toEqual([a, b]);
  });
});
