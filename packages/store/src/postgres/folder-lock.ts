/** @file One owner for a database folder: a kernel lock that goes with its process, and a note that says who holds it. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';

const owner = z.object({ process: z.number().int(), host: z.string(), since: z.string() });

export interface FolderLock {
  readonly release: () => Promise<void>;
}

/**
 * Takes a folder for this process. SQLite's exclusive transaction on a file of its own is the one lock of the operating
 * system that Node offers everywhere: it is never left behind by a killed process and has no race between seeing that a
 * lock is stale and taking it. The note beside it is only for the message.
 *
 * @throws PlauditError store.folder_busy, with the process that has it; store.folder_unusable
 */
export const lockFolder = async (folder: string, now: () => Date = () => new Date()): Promise<FolderLock> => {
  const note = join(folder, 'owner.json');
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder, 'lock'));
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    const busy = 5;
    if ((cause as { errcode?: number }).errcode === busy) throw await folderBusy(folder, note, cause);
    throw plauditError('store.folder_unusable', { folder, problem: 'it cannot be locked' }, cause);
  }
  const held = lock;
  await writeFile(
    note,
    `${JSON.stringify({ process: process.pid, host: hostname(), since: now().toISOString() })}\n`,
  );
  return {
    async release() {
      await rm(note, { force: true });
      held.close();
    },
  };
};

const folderBusy = async (folder: string, note: string, cause: unknown): Promise<Error> => {
  const text = await readFile(note, 'utf8').catch(() => '');
  let holder: z.infer<typeof owner> | undefined;
  try {
    holder = owner.parse(JSON.parse(text));
  } catch {
    // Whoever has just taken the lock has not written the note yet.
  }
  return plauditError(
    'store.folder_busy',
    { folder, process: holder?.process ?? 'unknown', host: holder?.host ?? 'this machine' },
    cause,
  );
};
