/** @file The files behind the paths that a person gives: files, folders of one format, and glob patterns. */
import { glob, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { isSnapshotFolder, verifiedShards } from '../snapshot/folder-manifest.ts';

const dataFile = /\.(jsonl|ndjson|json|csv|tsv|parquet)(\.tar)?(\.(gz|zst))?$/i;

const inNameOrder = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/**
 * Every data file that the paths name, in the given order and by name inside a folder or pattern. A file that is named
 * twice, also through a link, comes once: its judgements count once. The folder of a snapshot is the files that its manifest
 * lists, once their digests are checked.
 *
 * @throws PlauditError data.file_missing, data.folder_without_data, snapshot.*
 */
export const sourceFiles = async (paths: string | readonly string[]): Promise<string[]> => {
  const files = new Map<string, string>();
  for (const path of typeof paths === 'string' ? [paths] : paths)
    for (const file of await filesOf(path)) {
      // A link that leads nowhere is reported where it is read.
      const real = await realpath(file).catch(() => file);
      if (!files.has(real)) files.set(real, file);
    }
  return [...files.values()];
};

const filesOf = async (path: string): Promise<string[]> => {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => cause);
  if (!(found instanceof Error)) {
    if (!found.isDirectory()) return [path];
    const all = await readdir(path);
    if (isSnapshotFolder(all)) return verifiedShards(path);
    const names = all.filter((name) => dataFile.test(name) && !name.startsWith('.'));
    if (names.length === 0) throw plauditError('data.folder_without_data', { path });
    return inNameOrder(names).map((name) => join(path, name));
  }
  if (found.code !== 'ENOENT' && found.code !== 'ENOTDIR')
    throw plauditError('data.file_unreadable', { path, problem: found.code ?? 'unknown' }, found);
  if (/[*?[{]/.test(path)) {
    const matches: string[] = [];
    for await (const match of glob(path)) matches.push(match);
    if (matches.length > 0) return inNameOrder(matches);
  }
  throw plauditError('data.file_missing', { path }, found);
};
