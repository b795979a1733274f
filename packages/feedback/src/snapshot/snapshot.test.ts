import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { canonicalJson, type Judgement } from '@plaudit/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentId } from '../canonical-json.ts';
import { readJudgements } from '../readers/read-judgements.ts';
import { simulate } from '../simulate/simulate.ts';
import type { FolderManifest } from './folder-manifest.ts';
import { manifestDigest, rowId } from './manifest.ts';
import { readSnapshot, type SnapshotRow } from './read-folder.ts';
import { someJudgement } from './testing.ts';
import { writeSnapshot } from './write-folder.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-snapshot-'));
});
afterAll(() => rm(folder, { recursive: true }));

const { comparisons } = simulate({
  prompts: 30,
  responsesPerPrompt: 3,
  comparisons: 500,
  annotators: { count: 3 },
  seed: 1,
});
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const rowsOf = async (path: string, id?: string): Promise<SnapshotRow[]> => {
  const rows: SnapshotRow[] = [];
  for await (const row of readSnapshot(path, id === undefined ? {} : { id })) rows.push(row);
  return rows;
};
const code = (reading: Promise<unknown>): Promise<string> =>
  reading.then(
    () => expect.unreachable('it succeeded'),
    (error) => error.code ?? error.message,
  );

describe("a snapshot's id", () => {
  const judgement: Judgement = {
    kind: 'label',
    prompt: [{ role: 'user', content: 'p' }],
    response: 'é',
    desirable: true,
    provenance: { source: 's', row: 1 },
  };
  const line =
    '{"desirable":true,"kind":"label","prompt":[{"content":"p","role":"user"}],"provenance":{"row":1,"source":"s"},"response":"é"}';

  it('follows from the canonical JSON of its rows by SHA-256, as anyone can recompute', () => {
    expect(canonicalJson(judgement)).toBe(line);
    expect(rowId(judgement)).toBe(sha256(line));
    expect(rowId(judgement)).toMatch(new RegExp(`^${contentId(judgement)}`));
    const [a, b] = [sha256('a'), sha256('b')].sort() as [string, string];
    expect(manifestDigest([a, b])).toBe(sha256(`plaudit-manifest 1\n${a}\n${b}\n`));
  });

  it('is refused for ids that are out of order, repeated or none', () => {
    const [a, b] = [sha256('a'), sha256('b')].sort() as [string, string];
    for (const ids of [[b, a], [a, a], ['abc'], [a.toUpperCase()]])
      expect(() => manifestDigest(ids)).toThrow(RangeError);
  });
});

describe('a snapshot folder', () => {
  it('is the same to the last byte whatever the order of the judgements and the memory allowed', async () => {
    const contents = async (path: string): Promise<Record<string, string>> => {
      const names = (await readdir(path)).sort();
      const hashes = names.map(async (name) => sha256((await readFile(join(path, name))).toString('hex')));
      return Object.fromEntries((await Promise.all(hashes)).map((hash, i) => [names[i]!, hash]));
    };
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    const first = await writeSnapshot(one, comparisons, { shardCharacters: 20_000 });
    const second = await writeSnapshot(other, [...comparisons, ...comparisons].toReversed(), {
      shardCharacters: 20_000,
      heldCharacters: 5_000,
    });
    expect(first).toMatchObject({ repeated: 0, manifest: { rows: 500, kinds: { comparison: 500 } } });
    expect(second.repeated).toBe(500);
    expect(first.manifest.shards.length).toBeGreaterThan(3);
    expect(await contents(other)).toEqual(await contents(one));
    expect(first.manifest.id).toBe(manifestDigest(comparisons.map(rowId).sort()));
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('gives back judgements of every kind in the order of their ids, and is read as a folder of data too', async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(someJudgement, { minLength: 1, maxLength: 12 }), async (judgements) => {
        const path = join(folder, `any-${count++}`);
        const { manifest } = await writeSnapshot(path, judgements, { shardCharacters: 500 });
        const rows = await rowsOf(path, manifest.id);
        const expected = new Map(judgements.map((judgement) => [rowId(judgement), judgement]));
        expect(rows.map(({ id }) => id)).toEqual([...expected.keys()].sort());
        for (const { id, judgement } of rows) expect(judgement).toEqual(expected.get(id));
        expect((await readJudgements(path)).judgements).toEqual(rows.map(({ judgement }) => judgement));
      }),
      { numRuns: 25 },
    );
  });

  it('is left as it is when it is written again, and never replaces another', async () => {
    const path = join(folder, 'again');
    const { manifest } = await writeSnapshot(path, comparisons);
    expect((await writeSnapshot(path, comparisons)).manifest).toEqual(manifest);
    expect(await code(writeSnapshot(path, comparisons.slice(1)))).toBe('output.exists');
    await mkdir(join(folder, 'full'));
    await writeFile(join(folder, 'full', 'notes.txt'), 'mine');
    expect(await code(writeSnapshot(join(folder, 'full'), comparisons))).toBe('output.exists');
    expect(await code(writeSnapshot(join(folder, 'empty'), []))).toBe('snapshot.empty');
    expect(await code(writeSnapshot(join(folder, 'no', 'where'), comparisons))).toBe('output.not_writable');
    expect(await rowsOf(path, manifest.id)).toHaveLength(500);
    expect((await readdir(folder)).filter((name) => /\.tmp$|^empty$|^no$/.test(name))).toEqual([]);
  });

  it('removes what a killed process left beside it, and nothing of a living one', async () => {
    const path = join(folder, 'killed');
    const [dead, alive] = [`${path}.4194305-0123abcd.tmp`, `${path}.${process.ppid}-0123abcd.tmp`];
    for (const left of [dead, alive]) await mkdir(left);
    await writeSnapshot(path, comparisons);
    const names = await readdir(folder);
    expect(names.filter((name) => name.startsWith('killed.'))).toEqual([
      `killed.${process.ppid}-0123abcd.tmp`,
    ]);
    await rm(alive, { recursive: true });
  });
});

describe('a damaged snapshot folder', () => {
  const whole = () => join(folder, 'whole');
  beforeAll(() => writeSnapshot(whole(), comparisons, { shardCharacters: 20_000 }));
  let count = 0;
  const damage = async (
    change: (path: string, manifest: FolderManifest) => Promise<unknown>,
  ): Promise<string> => {
    const path = join(folder, `damaged-${count++}`);
    await cp(whole(), path, { recursive: true });
    const file = join(path, 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8'));
    await change(path, manifest);
    await writeFile(file, JSON.stringify(manifest));
    return path;
  };
  /** A file of rows in place of the first one, with a manifest that knows its digest. */
  const replace =
    (change: (lines: string[]) => string[]) => async (path: string, manifest: FolderManifest) => {
      const shard = manifest.shards[0]!;
      const file = join(path, shard.file);
      const lines = zstdDecompressSync(await readFile(file))
        .toString()
        .trimEnd()
        .split('\n');
      const text = Buffer.from(
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      );
      const bytes = zstdCompressSync(text);
      await writeFile(file, bytes);
      const rows = change(lines).length;
      const digest = createHash('sha256').update(bytes).digest('hex');
      Object.assign(shard, { rows, bytes: bytes.length, textBytes: text.length, sha256: digest });
    };
  const shardPath = (path: string, manifest: FolderManifest): string => join(path, manifest.shards[1]!.file);

  it.each([
    [
      'a byte of a file is another',
      async (path: string, manifest: FolderManifest) => {
        const bytes = await readFile(shardPath(path, manifest));
        bytes[bytes.length >> 1]! ^= 1;
        await writeFile(shardPath(path, manifest), bytes);
      },
    ],
    ['a file is gone', (path: string, manifest: FolderManifest) => rm(shardPath(path, manifest))],
    [
      'a file is cut off',
      async (path: string, manifest: FolderManifest) =>
        writeFile(shardPath(path, manifest), (await readFile(shardPath(path, manifest))).subarray(0, 100)),
    ],
  ])('gives nothing of a file when %s, whoever reads it', async (_, change) => {
    const path = await damage(change);
    const rows: SnapshotRow[] = [];
    const reading = (async () => {
      for await (const row of readSnapshot(path)) rows.push(row);
    })();
    expect(await code(reading)).toBe('snapshot.damaged');
    expect(rows.length).toBeLessThan(250);
    expect(await code(readJudgements(path))).toBe('snapshot.damaged');
  });

  it.each([
    ['a row is gone', replace((lines) => lines.slice(1))],
    ['a row is another', replace(([first, ...lines]) => [first!.replace('"kind"', '"king"'), ...lines])],
    ['the rows are in another order', replace((lines) => lines.toReversed())],
    [
      'a file is listed twice',
      async (_: string, manifest: FolderManifest) => manifest.shards.push(manifest.shards[0]!),
    ],
    ['a file is not listed', async (_: string, manifest: FolderManifest) => manifest.shards.pop()],
    [
      'the id is another',
      async (_: string, manifest: FolderManifest) => {
        manifest.id = sha256('other');
      },
    ],
    [
      'the count is another',
      async (_: string, manifest: FolderManifest) => {
        manifest.rows--;
      },
    ],
  ])('is refused when %s, though its digests were made to fit', async (_, change) => {
    expect(await code(rowsOf(await damage(change)))).toBe('snapshot.damaged');
  });

  it('is refused when its manifest is none, of another schema, or not the one that was asked for', async () => {
    const changed = (fields: object) =>
      damage(async (_, manifest) => Object.assign(manifest, fields)).then((path) => code(rowsOf(path)));
    expect(await changed({ schema: 2 })).toBe('snapshot.newer');
    expect(await changed({ format: 'other' })).toBe('snapshot.not_one');
    expect(await changed({ shards: [{ file: '../whole/rows-00000.jsonl.zst' }] })).toBe('snapshot.not_one');
    expect(await code(rowsOf(folder))).toBe('snapshot.not_one');
    expect(await code(rowsOf(whole(), sha256('other')))).toBe('snapshot.damaged');
  });
});
