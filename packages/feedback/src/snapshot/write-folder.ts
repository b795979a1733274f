/** @file A snapshot as a folder: its rows in the order of their ids, compressed, with a manifest; there whole or not at all. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { type Judgement, plauditError } from '@plaudit/contract';
import { canonicalJson } from '../canonical-json.ts';
import { outputError } from '../write-whole.ts';
import { type FolderManifest, manifestFile, readManifest, type Shard } from './folder-manifest.ts';
import { lineId, ManifestDigest, manifestSchema } from './manifest.ts';
import { type RowLine, SortedRows } from './sorted-rows.ts';

export interface WriteSnapshotOptions {
  /** Characters of a shard before compression. Default 16 MiB. */
  readonly shardCharacters?: number;
  /** Characters of rows held before they are sorted on the disk. Default 64 MiB. */
  readonly heldCharacters?: number;
}

export interface WrittenSnapshot {
  readonly manifest: FolderManifest;
  /** Judgements given that were the same as others to the last field, and are one row with them. */
  readonly repeated: number;
}

const mebi = 1024 * 1024;

/**
 * Writes judgements as a snapshot folder. The same judgements give the same files, in whatever order they come.
 *
 * @param path The folder, which must not be there yet; one that holds the same snapshot is left as it is
 * @example const { manifest } = await writeSnapshot('pairs.snapshot', judgements)
 * @throws PlauditError snapshot.empty, output.exists, output.disk_full, output.not_writable; there is then no folder
 */
export const writeSnapshot = async (
  path: string,
  judgements: Iterable<Judgement> | AsyncIterable<Judgement>,
  options: WriteSnapshotOptions = {},
): Promise<WrittenSnapshot> => {
  const { shardCharacters = 16 * mebi, heldCharacters = 64 * mebi } = options;
  await removeAbandoned(path);
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await mkdir(temporary);
    const rows = new SortedRows(temporary, heldCharacters);
    const kinds: Record<string, number> = {};
    let given = 0;
    for await (const judgement of judgements) {
      const line = canonicalJson(judgement);
      await rows.add({ id: lineId(line), line });
      given++;
    }
    if (given === 0) throw plauditError('snapshot.empty');
    const digest = new ManifestDigest();
    const shards = await writeShards(temporary, counted(rows.sorted(), digest, kinds), shardCharacters);
    const manifest: FolderManifest = {
      format: 'plaudit-snapshot',
      schema: manifestSchema,
      rows: digest.rows,
      id: digest.digest(),
      kinds: Object.fromEntries(Object.entries(kinds).sort()),
      shards,
    };
    await writeFlushed(join(temporary, manifestFile), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await flushFolder(temporary);
    await putInPlace(temporary, path, manifest);
    return { manifest, repeated: given - manifest.rows };
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw outputError(path, cause);
  }
};

async function* counted(
  rows: AsyncIterable<RowLine>,
  digest: ManifestDigest,
  kinds: Record<string, number>,
): AsyncGenerator<string> {
  for await (const { id, line } of rows) {
    digest.add(id);
    // A quote inside a text is escaped, and no field before `kind` holds fields: the first match is the judgement's own.
    const kind = /"kind":"(\w+)"/.exec(line)![1]!;
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    yield line;
  }
}

const writeShards = async (folder: string, lines: AsyncIterable<string>, most: number): Promise<Shard[]> => {
  const shards: Shard[] = [];
  let held: string[] = [];
  let characters = 0;
  const finish = async (): Promise<void> => {
    const text = Buffer.from(held.map((line) => `${line}\n`).join(''));
    const bytes = zstdCompressSync(text);
    const file = `rows-${String(shards.length).padStart(5, '0')}.jsonl.zst`;
    await writeFlushed(join(folder, file), bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    shards.push({ file, rows: held.length, bytes: bytes.length, sha256, textBytes: text.length });
    held = [];
    characters = 0;
  };
  for await (const line of lines) {
    held.push(line);
    characters += line.length;
    if (characters >= most) await finish();
  }
  if (held.length > 0) await finish();
  return shards;
};

const writeFlushed = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Names in a folder are on the disk only when the folder is flushed too. */
const flushFolder = async (path: string): Promise<void> => {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};

/** Renames the finished folder; a folder cannot take the place of one that holds something. */
const putInPlace = async (temporary: string, path: string, manifest: FolderManifest): Promise<void> => {
  try {
    await rename(temporary, path);
    await flushFolder(dirname(path));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw cause;
    const there = await readManifest(path).catch(() => undefined);
    if (there?.id !== manifest.id) throw plauditError('output.exists', { path }, cause);
    await rm(temporary, { recursive: true });
  }
};

/** Removes what processes that were killed while they wrote this snapshot left beside it. */
const removeAbandoned = async (path: string): Promise<void> => {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(start)
      ? /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(start.length))?.[1]
      : undefined;
    const folder = join(dirname(path), name);
    if (pid === undefined || isAlive(Number(pid))) continue;
    // Another process may be removing it too.
    if (!(await stat(folder).catch(() => undefined))?.isDirectory()) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
};
