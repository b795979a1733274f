/** @file Reading a snapshot's folder, with everything checked: the files' digests, each row's id, and the id of all of them. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { type Judgement, PlauditError, plauditError } from '@plaudit/contract';
import { isRow } from '../readers/fields.ts';
import { plaudit } from '../readers/formats/plaudit.ts';
import { RowFault } from '../readers/reject.ts';
import { damaged, readManifest, type Shard } from './folder-manifest.ts';
import { lineId, ManifestDigest } from './manifest.ts';

export interface SnapshotRow {
  readonly id: string;
  readonly judgement: Judgement;
}

/**
 * A snapshot's rows in ascending order of their ids, one file in memory at a time. A file's digest is checked before any of
 * its rows is given, the snapshot's id after the last one.
 *
 * @param options.id The id that it must have; by default the one in its manifest
 * @throws PlauditError snapshot.not_one, snapshot.newer, snapshot.damaged
 */
export async function* readSnapshot(
  path: string,
  options: { readonly id?: string; readonly signal?: AbortSignal } = {},
): AsyncGenerator<SnapshotRow> {
  const { id, rows, shards } = await readManifest(path);
  const digest = new ManifestDigest();
  for (const shard of shards) {
    options.signal?.throwIfAborted();
    const lines = await linesOf(path, shard);
    for (const line of lines) {
      const rowId = lineId(line);
      try {
        digest.add(rowId);
      } catch (cause) {
        throw damaged(path, shard, 'has rows out of order', cause);
      }
      yield { id: rowId, judgement: judgementOf(path, shard, line) };
    }
  }
  const found = digest.rows === rows ? digest.digest() : undefined;
  if (found !== id || (options.id !== undefined && found !== options.id))
    throw plauditError('snapshot.damaged', { path, problem: 'its rows give another id' });
}

const linesOf = async (path: string, shard: Shard): Promise<string[]> => {
  const file = join(path, shard.file);
  let bytes: Buffer;
  try {
    const { size } = await stat(file);
    if (size !== shard.bytes) throw damaged(path, shard, 'has another size');
    bytes = await readFile(file);
  } catch (cause) {
    if (cause instanceof PlauditError) throw cause;
    throw damaged(path, shard, 'cannot be read', cause);
  }
  if (createHash('sha256').update(bytes).digest('hex') !== shard.sha256)
    throw damaged(path, shard, 'has another digest');
  let text: Buffer;
  try {
    text = zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, shard.textBytes) });
  } catch (cause) {
    throw damaged(path, shard, 'cannot be decompressed', cause);
  }
  const lines = text.toString('utf8').split('\n');
  if (lines.pop() !== '' || text.length !== shard.textBytes || lines.length !== shard.rows)
    throw damaged(path, shard, 'holds other rows');
  return lines;
};

/** A line is checked like a row of any file: a digest says who wrote it last, not that it is a judgement. */
const judgementOf = (path: string, shard: Shard, line: string): Judgement => {
  try {
    const row: unknown = JSON.parse(line);
    if (!isRow(row)) throw new RowFault('not_an_object');
    return plaudit.parse(row, { source: shard.file, row: 1, setAside: () => {} }) as Judgement;
  } catch (cause) {
    throw damaged(path, shard, 'holds a row that is no judgement', cause);
  }
};
