/** @file A server that an earlier process left behind: found, told apart from strangers, and stopped before ours starts. */
import { spawnSync } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { plauditError } from '@plaudit/contract';

/** Milliseconds for a server to end its sessions and write its last checkpoint, and then to end without one. */
const orderly = 30_000;
const immediate = 10_000;

/**
 * Stops the server of a data folder whose process is gone. The caller holds the folder's lock, so nobody of ours uses
 * it. Restarting is preferred to taking it over: then there is one way to start, and unfinished work of the dead process
 * is rolled back before anything else is done.
 *
 * @throws PlauditError store.server_lingers
 */
export const stopOrphan = async (folder: string, data: string): Promise<void> => {
  const note = join(data, 'postmaster.pid');
  const process = Number((await readFile(note, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isSafeInteger(process) || process <= 1 || !isThere(process)) return;
  if (!(await worksOn(process, data))) {
    // The number went to another program, which PostgreSQL would take for a server.
    await rm(note, { force: true });
    return;
  }
  for (const [signal, patience] of [
    ['SIGINT', orderly],
    ['SIGQUIT', immediate],
  ] as const) {
    send(process, signal);
    if (await isGone(process, patience)) return;
  }
  throw plauditError('store.server_lingers', { folder, process });
};

const isThere = (process: number): boolean => send(process, 0);

const send = (process: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    globalThis.process.kill(process, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const isGone = async (process: number, patience: number): Promise<boolean> => {
  for (let waited = 0; waited < patience; waited += 20) {
    if (!isThere(process)) return true;
    await wait(20);
  }
  return false;
};

/** Whether a process is a server on this folder: its working folder is the data folder, by whatever path. */
const worksOn = async (process: number, data: string): Promise<boolean> => {
  if (globalThis.process.platform === 'linux') {
    const [its, ours] = await Promise.all([stat(`/proc/${process}/cwd`).catch(() => undefined), stat(data)]);
    return its !== undefined && its.dev === ours.dev && its.ino === ours.ino;
  }
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(process)], { encoding: 'utf8' });
  return typeof stdout === 'string' && stdout.includes(data);
};
