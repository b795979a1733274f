/** @file An upload as a file that is there while it is read, under a name that readers know it by. */
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a file is called here: its own name as far as that cannot lead anywhere. Endings say the format. */
export const safeFileName = (name: string): string =>
  (name.split(/[\\/]/).at(-1) ?? '')
    .replace(/[^\w.-]+/g, '_')
    .replace(/^\.+/, '')
    .slice(-100) || 'upload.jsonl';

/** A folder of its own below the store's, which nobody else can read and which goes with the work. */
export const withTemporaryFolder = async <T>(
  store: string,
  work: (folder: string) => Promise<T>,
): Promise<T> => {
  const parent = join(store, 'uploads');
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(parent, 'file-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** @throws request.too_large; whatever breaks the upload off */
export const receive = async (upload: Readable, path: string, signal: AbortSignal): Promise<void> =>
  pipeline(upload, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
