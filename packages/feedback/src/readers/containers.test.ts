import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvRows } from './csv.ts';
import { jsonLines } from './json-lines.ts';
import { RowTooLong, TextCut } from './raw-row.ts';
import { sourceFiles } from './source-files.ts';

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
