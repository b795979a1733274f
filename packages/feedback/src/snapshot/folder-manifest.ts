/** @file The manifest of a snapshot's folder: its id, and each of its files with size and digest. */
import { createHash } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { manifestSchema } from './manifest.ts';

export const manifestFile = 'manifest.json';
const shardForm = /^rows-\d{5}\.jsonl\.zst$/;
/** Bytes of a shard before compression, at most; readers hold one at a time. */
const shardLimit = 512 * 1024 * 1024;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();
const shard = z.object({
  file: z.string().regex(shardForm),
  rows: count,
  /** Of the file as it lies on the disk. */
  bytes: count,
  sha256: digest,
  /** Of the rows before compression. */
  textBytes: count.max(shardLimit),
});
export type Shard = z.infer<typeof shard>;

const folderManifest = z.object({
  format: z.literal('plaudit-snapshot'),
  schema: z.literal(manifestSchema),
  /** The snapshot's id: see `manifestDigest`. */
  id: digest,
  rows: count,
  /** Judgements of each kind. */
  kinds: z.record(z.string(), count),
  shards: z.array(shard),
});
export type FolderManifest = z.infer<typeof folderManifest>;

/** Bytes of a manifest that is read: enough for a hundred thousand shards. */
const manifestLimit = 32 * 1024 * 1024;

/**
 * The manifest of a folder, as it stands; see `verifiedShards` for what it lists.
 *
 * @throws PlauditError snapshot.not_one, snapshot.newer
 */
export const readManifest = async (path: string): Promise<FolderManifest> => {
  const notOne = (problem: string, cause?: unknown) =>
    plauditError('snapshot.not_one', { path, problem }, cause);
  const file = join(path, manifestFile);
  const found = await stat(file).catch((cause) => {
    throw notOne(`${manifestFile} is not there`, cause);
  });
  if (!found.isFile() || found.size > manifestLimit) throw notOne(`${manifestFile} is no manifest`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw notOne(`${manifestFile} cannot be read`, cause);
  }
  const read = folderManifest.safeParse(value);
  if (read.success) return read.data;
  const schema = z.object({ format: z.literal('plaudit-snapshot'), schema: count }).safeParse(value);
  if (schema.success && schema.data.schema > manifestSchema)
    throw plauditError('snapshot.newer', { path, schema: schema.data.schema, known: manifestSchema });
  throw notOne(`${manifestFile} has another form`, read.error);
};

/** Whether a folder with these names in it is a snapshot's. */
export const isSnapshotFolder = (names: readonly string[]): boolean =>
  names.includes(manifestFile) && names.some((name) => shardForm.test(name));

/**
 * The files of a snapshot's rows, after their digests were checked against the manifest.
 *
 * @throws PlauditError snapshot.not_one, snapshot.newer, snapshot.damaged
 */
export const verifiedShards = async (path: string): Promise<string[]> => {
  const { shards } = await readManifest(path);
  const files: string[] = [];
  for (const one of shards) {
    const file = join(path, one.file);
    if ((await digestOf(path, file, one)) !== one.sha256) throw damaged(path, one, 'has another digest');
    files.push(file);
  }
  return files;
};

const digestOf = async (path: string, file: string, one: Shard): Promise<string> => {
  const handle = await open(file).catch((cause) => {
    throw damaged(path, one, 'is not there', cause);
  });
  try {
    const hash = createHash('sha256');
    for await (const piece of handle.createReadStream({ autoClose: false })) hash.update(piece);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
};

/** The error of a file that is not what the manifest says. */
export const damaged = (path: string, { file }: Shard, problem: string, cause?: unknown): Error =>
  plauditError('snapshot.damaged', { path, problem: `${file} ${problem}` }, cause);
