/** @file A folder's files as those of a run or a model: kept by the hash of their content, recorded by their paths. */
import { createReadStream } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { StoredFile } from '../repositories/files.ts';
import type { Store } from '../store.ts';
import type { Artifacts } from './artifacts.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  jsonl: 'application/jsonl',
  html: 'text/html',
  md: 'text/markdown',
  txt: 'text/plain',
};

/**
 * Keeps every file below a folder. Again changes nothing: files are in place of those at the same paths.
 *
 * @param owner Id of a run or of a model
 * @throws PlauditError store.unknown, store.artifacts_unreachable
 */
export const attachFolder = async (
  store: Pick<Store, 'files'>,
  artifacts: Artifacts,
  owner: string,
  folder: string,
): Promise<readonly StoredFile[]> => {
  const files: StoredFile[] = [];
  for await (const entry of glob('**/*', { cwd: folder, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    const path = relative(folder, from).split(sep).join('/');
    const mediaType = mediaTypes[path.split('.').at(-1)!] ?? 'application/octet-stream';
    files.push({ path, ...(await artifacts.put(createReadStream(from))), mediaType });
  }
  await store.files.attach(owner, files);
  // Where another owner of the same content was deleted before this one was on record, the content went with it.
  for (const { path, digest } of files)
    if (!(await artifacts.has(digest))) await artifacts.put(createReadStream(join(folder, path)));
  return files;
};
