import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { PlauditError, Random } from '@plaudit/contract';
import { ByteWriter, parquetWriteRows } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJudgements } from './read-judgements.ts';
import { streamRows } from './rows.ts';
import { said } from './testing.ts';

/**
 * Three rows written by pyarrow 26.0.1 (row groups of two, Zstandard, no dictionaries), gzipped: messages as lists of
 * structs, a number that is null once, and an integer beyond 2^53.
 */
const byPyarrow = gunzipSync(
  Buffer.from(
    [
      'H4sICDYZBGsCA2ZpeHR1cmUtenN0ZC5wYXJxdWV0ALVWz2vTYBh+++1r+sMiWvw+GuihyPpRoatrtUNk+GN4mKNIGTJERIxZsB1t',
      'kiXZnP4BgrCLV296E7x40IMnN8Fff4AH8TBvHsS/wIlfkmZLTNMfOEt50yTP87xPn/dNafPiYpUAOUMWygTzDwIR8gBQenlyt5D/',
      'BoD4CXYrxryumYrhHTl8msyFebmtIM+uetWpNQ5tkGaYw3YBPvhJKV4l02yblqRaMdiqvueMGrkUpoofwzY3Cm+fxfjx3r/1K5Nz',
      'YSp9Eexn95HscpsD86QSZhxedRkTNoq/ds4PRyZcKHBAiZwtE/QX8tgTF4ncin1DmSQzYXz2URDvjOOUlymKyNRDB9Lh2OPkdJh0',
      '9GGQZH/b+/+9g+xliSKyRL3U4cJwpAstAMHir2wdcoIpt5SuRNJQRzlBN7SubnG60JjlsDrO4Q43TJB9N6F0lK7CvWMgmSLKYUPr',
      'KEVo2F2cCwlZUy0O6F2zBeWWZirqwQkmDWVFkS1l+YAkSZpfE7qScaet8kz4SUpSVc2SLM0AKohlcZNBnmTEogDifC8fp5/XyelA',
      'MhTTm1Rnyct5Ym80gll6RGQYxCVwniSAITqeMUdqibbYhk8qGS3lJhxhyaDrbCfmE5ocSyjg6RpdYZ+RTysdqbU3pQG23kyMZKu/',
      'VMDYIl1mr7BPDYfV0o6aN2mHNkevssfxfdoJQWQI9fDYxe8vwx7lZz8KfRenmCXpa04adWEQvUJvsW0hOGbUM47G2hhEF+gN9jQR',
      'DCFKa8DKIGfMv/1C2bGEAqbm6XX23f9IoEitwSvj2tpOjWRr6Mq4xp6nBxsLrQxy5v/gUHD+MGhlXMqXfhT6FVPEx09/xKFU0CVj',
      'dU2xpmRdn5IMQ7tbWFcMs62phdpMZbpSFTf5r1XfN3yKAzT5n5w/u7xxI+kIAAA=',
    ].join(''),
    'base64',
  ),
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-parquet-'));
});
afterAll(() => rm(folder, { recursive: true }));
const file = async (bytes: Uint8Array): Promise<string> => {
  const path = join(folder, 'x.parquet');
  await writeFile(path, bytes);
  return path;
};
const rowsOf = async (bytes: Uint8Array): Promise<unknown[]> => {
  const rows: unknown[] = [];
  for await (const batch of streamRows(await file(bytes))) rows.push(...batch);
  return rows;
};
const code = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => expect.unreachable('it was read'),
    (error) => (error instanceof PlauditError ? error.code : error),
  );

describe('Parquet', () => {
  it('written by pyarrow is read as the rows that it holds', async () => {
    const { format, judgements, counts } = await readJudgements(await file(byPyarrow));
    expect(format).toBe('trl');
    expect(counts).toMatchObject({ rows: 3, read: 3, rejected: 0 });
    const user = (content: string) => [{ role: 'user', content }];
    expect(said(judgements)).toEqual([
      { kind: 'comparison', prompt: user('p1'), responses: ['x é', 'a'], outcome: 'a', margin: 0.5 },
      { kind: 'comparison', prompt: user('p2'), responses: ['y', 'b'], outcome: 'a' },
      { kind: 'comparison', prompt: user('p3'), responses: ['z', 'c'], outcome: 'a', margin: 2 },
    ]);
    expect(judgements.map(({ provenance }) => [provenance.row, provenance.annotator])).toEqual([
      [1, '7'],
      [2, undefined],
      [3, '9007199254740993'],
    ]);
  });

  it('cut off anywhere is refused', async () => {
    for (const length of [4, 8, 11, 12, 100, byPyarrow.length - 9, byPyarrow.length - 1])
      expect(await code(rowsOf(byPyarrow.subarray(0, length))), `${length}`).toBe('data.parquet_damaged');
  });

  it('with any byte changed gives rows or an error of the table, soon', async () => {
    const random = new Random(1);
    const seen = new Map<string, number>();
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(byPyarrow);
      for (let k = 0; k <= i % 3; k++) bytes[random.integer(bytes.length)] = random.integer(256);
      const found = await rowsOf(bytes).then(
        () => 'rows',
        (error) => (error instanceof PlauditError ? error.code : String(error)),
      );
      seen.set(found, (seen.get(found) ?? 0) + 1);
    }
    const allowed = ['rows', 'data.parquet_damaged', 'data.parquet_too_large', 'data.not_utf8'];
    // A changed first byte makes it a file of another kind.
    const others = ['data.unsupported_container', 'data.unknown_format', 'data.truncated'];
    expect([...seen.keys()].filter((one) => !allowed.includes(one) && !others.includes(one))).toEqual([]);
    expect(seen.get('data.parquet_damaged')).toBeGreaterThan(100);
  });

  it('that declares more than it holds takes no memory for it', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ n: i, text: `row ${i}` }));
    const written = (): Buffer => {
      const writer = new ByteWriter();
      parquetWriteRows({
        writer,
        rows,
        columns: [
          { name: 'n', type: 'DOUBLE' },
          { name: 'text', type: 'STRING' },
        ],
        codec: 'UNCOMPRESSED',
      });
      return Buffer.from(writer.getBuffer());
    };
    expect(await rowsOf(written())).toHaveLength(50);
    const before = process.memoryUsage().arrayBuffers;
    // Every varint that says 50 values, as zigzag 100, becomes one that says two thousand million.
    const bytes = written();
    const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    let changed = 0;
    for (let at = 4; at < footer; at++) {
      if (bytes[at] !== 100) continue;
      const huge = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x0f]),
        bytes.subarray(at + 5),
      ]);
      const found = await rowsOf(huge).then(
        () => 'rows',
        (error) => (error instanceof PlauditError ? error.code : String(error)),
      );
      expect(['rows', 'data.parquet_damaged', 'data.parquet_too_large', 'data.not_utf8']).toContain(found);
      changed++;
    }
    expect(changed).toBeGreaterThan(1);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  });

  it('is encrypted or feathered: refused by name', async () => {
    expect(await code(rowsOf(Buffer.from('PARE1234')))).toBe('data.unsupported_container');
    expect(await code(rowsOf(Buffer.from('ARROW1\0\0')))).toBe('data.unsupported_container');
  });
});
