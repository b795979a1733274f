/** @file The data folder of the embedded server and its password: made whole or not at all. */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import type { Binaries } from './binaries.ts';
import { logSince, reasonIn, runOnData, type ServerUser } from './server-process.ts';

/** The superuser of the embedded server, and its database. */
export const clusterUser = 'plaudit';
export const clusterDatabase = 'postgres';

export interface Cluster {
  readonly data: string;
  /** 256 random bits, made with the cluster and kept beside it for this user only. */
  readonly password: string;
}

/**
 * The cluster in a folder, made where there is none. A killed process leaves at most `data.new`, which is thrown away.
 *
 * @param sync Whether the new files are forced to the disk.
 * @throws PlauditError store.server_failed
 */
export const openCluster = async (
  folder: string,
  binaries: Binaries,
  user: ServerUser | undefined,
  log: string,
  sync = true,
): Promise<Cluster> => {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  const there = await stat(join(data, 'PG_VERSION')).catch(() => undefined);
  if (!there) {
    const made = join(folder, 'data.new');
    await rm(made, { recursive: true, force: true });
    await mkdir(made, { mode: 0o700 });
    await rm(passwordFile, { force: true });
    await writeFile(passwordFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
    if (user) for (const path of [made, passwordFile]) await chown(path, user.uid, user.gid);
    const from = (await stat(log).catch(() => undefined))?.size ?? 0;
    const { ended } = await runOnData(
      { binaries, data: made, log, user },
      'initdb',
      [
        ...['--username', clusterUser, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--locale', 'C', '--no-instructions'],
        ...(sync ? [] : ['--no-sync']),
      ],
      passwordFile,
    );
    const status = await ended.catch((cause: unknown) => {
      throw plauditError('store.server_failed', { folder, problem: spawnProblem(cause), log }, cause);
    });
    if (status !== 0)
      throw plauditError('store.server_failed', {
        folder,
        problem: reasonIn(await logSince(log, from)),
        log,
      });
    await rename(made, data);
    if (sync) await syncFolder(folder);
  }
  return { data, password: (await readFile(passwordFile, 'utf8')).trim() };
};

/** Why a program did not even start; a missing loader reads as a missing file. */
export const spawnProblem = (cause: unknown): string => {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return code === 'ENOENT'
    ? 'its program cannot be run on this system'
    : `its program cannot be run: ${code}`;
};

/** A rename is durable only when the folder that holds the name is on the disk as well. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  // Windows cannot sync a folder.
  await handle.sync().catch(() => undefined);
  await handle.close();
};
