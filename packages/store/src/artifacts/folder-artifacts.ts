/** @file Artifacts in a folder: a temporary file, forced to the disk, then renamed to its digest. */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { type Artifacts, checkDigest, piecesOf, verified } from './artifacts.ts';

/** Milliseconds after which a temporary file belongs to a process that was killed. */
const abandoned = 24 * 3600 * 1000;

/** @param now Milliseconds since 1970. */
export const folderArtifacts = async (folder: string, now: () => number = Date.now): Promise<Artifacts> => {
  const temporary = join(folder, 'unfinished');
  await onDisk(() => mkdir(temporary, { recursive: true }));
  await sweep(temporary, now());
  const pathOf = (digest: string): string => {
    checkDigest(digest);
    return join(folder, digest.slice(0, 2), digest.slice(2));
  };
  return {
    async put(content) {
      const path = join(temporary, randomUUID());
      const hash = createHash('sha256');
      let bytes = 0;
      const handle = await onDisk(() => open(path, 'wx'));
      try {
        for await (const piece of piecesOf(content)) {
          hash.update(piece);
          bytes += piece.byteLength;
          await onDisk(() => handle.writeFile(piece));
        }
        await onDisk(() => handle.sync());
        await handle.close();
        const digest = hash.digest('hex');
        const target = pathOf(digest);
        await onDisk(async () => {
          await mkdir(dirname(target), { recursive: true });
          await rename(path, target);
          await syncFolder(dirname(target));
          await syncFolder(folder);
        });
        return { digest, bytes };
      } catch (cause) {
        await handle.close().catch(() => undefined);
        await rm(path, { force: true });
        throw cause;
      }
    },
    get: (digest) =>
      verified(
        digest,
        read(digest, () => pathOf(digest)),
      ),
    has: (digest) =>
      access(pathOf(digest)).then(
        () => true,
        () => false,
      ),
    delete: (digest) => onDisk(() => rm(pathOf(digest), { force: true })),
  };
};

async function* read(digest: string, path: () => string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path()) as AsyncIterable<Buffer>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw plauditError('store.artifact_missing', { digest }, cause);
    throw diskError(cause);
  }
}

const sweep = async (temporary: string, now: number): Promise<void> => {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > abandoned) await rm(path, { force: true });
  }
};

/** A rename is durable only when the folder that holds the name is on the disk as well. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  // Windows and some network file systems cannot sync a folder; the file itself is synced already.
  await handle.sync().catch(() => undefined);
  await handle.close();
};

const onDisk = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (cause) {
    throw diskError(cause);
  }
};

const diskError = (cause: unknown): unknown => {
  const { code } = cause as NodeJS.ErrnoException;
  if (typeof code !== 'string' || !code.startsWith('E') || code.startsWith('ERR_')) return cause;
  const problem = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : code;
  return plauditError('store.artifacts_unreachable', { problem }, cause);
};
