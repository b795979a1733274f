/** @file Which process writes a folder, told apart from a later one that got the same number. */
import { readFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { z } from 'zod';

/** A process as it is written into the folder that it makes. */
export const writingProcess = z.object({
  /** Absent, like `started`, where an earlier build wrote it. */
  host: z.string().optional(),
  process: z.number().int(),
  /** Boot of the machine and start of the process; null where the system does not tell (all but Linux). */
  started: z.string().nullable().optional(),
});
export type WritingProcess = z.infer<typeof writingProcess>;

const startOf = async (id: number): Promise<string | null> => {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const status = await readFile(`/proc/${id}/stat`, 'utf8');
    // Field 22 of proc_pid_stat(5). The name, field 2, is in brackets and may hold spaces and brackets itself.
    const ticks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    return ticks === undefined ? null : `${boot.trim()} ${ticks}`;
  } catch {
    return null;
  }
};

export const thisProcess = async (): Promise<WritingProcess> => ({
  host: hostname(),
  process: process.pid,
  started: await startOf(process.pid),
});

const isThere = (id: number): boolean => {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Whether another process still runs. One of another host counts as gone: nothing here can tell, and a container gets
 * a new host name each time that it starts.
 *
 * @param writtenAt When `other` was written down, milliseconds since 1970.
 */
export const isRunning = async (other: WritingProcess, writtenAt: number): Promise<boolean> => {
  if ((other.host ?? hostname()) !== hostname() || other.process === process.pid || !isThere(other.process))
    return false;
  const started = await startOf(other.process);
  if (started !== null && typeof other.started === 'string') return started === other.started;
  const booted = Date.now() - uptime() * 1000;
  return writtenAt > booted;
};
