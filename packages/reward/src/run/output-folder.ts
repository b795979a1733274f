/** @file The folder that a run writes: built beside its final place as OUT.partial and renamed when whole. */
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import { z } from 'zod';
import { modelCardFile } from '../model.ts';

/** What makes two runs the same: an unfinished one is resumed only when all of it agrees. */
export interface RunIdentity {
  readonly kind: string;
  readonly seed: number;
  readonly data: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
}

const stateFile = 'run.json';
const checkpointsFolder = 'checkpoints';

const runState = z.object({
  process: z.number().int(),
  kind: z.string(),
  seed: z.number(),
  data: z.array(z.string()),
  settings: z.record(z.string(), z.unknown()),
});

const codeOf = (error: unknown): string | undefined => {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return typeof code === 'string' ? code : undefined;
};

const problems: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file',
  ENAMETOOLONG: 'the name is too long',
};

/** A failure of writing as an error of the table; anything else as it is. */
const outputError = (path: string, error: unknown): unknown => {
  const code = codeOf(error);
  if (error instanceof PlauditError || code === undefined || !/^E[A-Z]+$/.test(code)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return plauditError('output.disk_full', { path }, error);
  return plauditError('output.not_writable', { path, problem: problems[code] ?? code }, error);
};

/**
 * Runs something that writes, and names the path when writing fails.
 *
 * @throws output.disk_full, output.not_writable
 */
export const writing = async <T>(path: string, write: () => Promise<T>): Promise<T> => {
  try {
    return await write();
  } catch (error) {
    throw outputError(path, error);
  }
};

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const entries = async (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/**
 * Refuses an output that must not be replaced.
 *
 * @throws output.exists for anything but a reward model or an empty folder; output.would_replace for a reward model
 */
export const requireFree = async (out: string, overwrite: boolean): Promise<void> => {
  const found = await stat(out).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isDirectory()) throw plauditError('output.exists', { path: out });
  const names = await entries(out);
  if (names.length === 0) return;
  if (!names.includes(modelCardFile)) throw plauditError('output.exists', { path: out });
  if (!overwrite) throw plauditError('output.would_replace', { path: out });
};

const isAlive = (process_: number): boolean => {
  if (process_ === process.pid) return false;
  try {
    process.kill(process_, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
};

const readState = async (staging: string): Promise<z.infer<typeof runState> | undefined> => {
  try {
    return runState.parse(JSON.parse(await readFile(join(staging, stateFile), 'utf8')));
  } catch {
    return undefined;
  }
};

/** The first part in which two runs differ, in words. */
const differenceOf = (before: z.infer<typeof runState>, now: RunIdentity): string | undefined => {
  if (before.kind !== now.kind) return 'kind';
  if (before.seed !== now.seed) return 'seed';
  if (before.data.join() !== now.data.join()) return 'data';
  const names = new Set([...Object.keys(before.settings), ...Object.keys(now.settings)]);
  return [...names].find(
    (name) => JSON.stringify(before.settings[name]) !== JSON.stringify(now.settings[name]),
  );
};

/** A folder in the making. */
export interface Staging {
  readonly path: string;
  readonly checkpoints: string;
  /** Whether there are checkpoints of the same run to go on from. */
  readonly resumed: boolean;
  /** Puts the whole folder in its place; an older model there goes only then. */
  publish(): Promise<void>;
  /** After a failure: keeps checkpoints, or removes everything. @returns whether checkpoints were kept */
  abandon(): Promise<boolean>;
}

/**
 * Makes OUT.partial for a run, or takes up the unfinished one.
 *
 * @throws output.busy while another process writes it; output.unfinished, output.other_run for checkpoints of an earlier
 *   run that are neither to be resumed nor overwritten; output.disk_full, output.not_writable
 */
export const openStaging = async (
  out: string,
  run: RunIdentity,
  options: { readonly overwrite: boolean; readonly resume: boolean },
): Promise<Staging> => {
  const target = resolve(out);
  const path = `${target}.partial`;
  const shown = `${out.replace(/[/\\]+$/, '')}.partial`;
  const checkpoints = join(path, checkpointsFolder);

  const before = await readState(path);
  if (before && isAlive(before.process))
    throw plauditError('output.busy', { path: out, pid: before.process });
  const hasCheckpoints = (await entries(checkpoints)).length > 0;
  if (!before && (await entries(path)).length > 0 && !options.overwrite)
    throw plauditError('output.exists', { path: shown });
  if (before && hasCheckpoints && !options.overwrite) {
    if (!options.resume) throw plauditError('output.unfinished', { path: shown });
    const what = differenceOf(before, run);
    if (what !== undefined) throw plauditError('output.other_run', { path: shown, what });
  }
  const resumed = before !== undefined && hasCheckpoints && !options.overwrite;

  await writing(out, async () => {
    if (!resumed) await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    await writeFile(join(path, stateFile), `${JSON.stringify({ process: process.pid, ...run }, null, 2)}\n`);
  }).catch(async (error: unknown) => {
    if (!resumed) await rm(path, { recursive: true, force: true }).catch(() => {});
    throw error;
  });

  return {
    path,
    checkpoints,
    resumed,

    async publish() {
      await writing(out, async () => {
        await rm(checkpoints, { recursive: true, force: true });
        await rm(join(path, stateFile), { force: true });
        await mkdir(dirname(target), { recursive: true });
        const replaced = `${target}.replaced.${process.pid}`;
        const older = (await entries(target)).length > 0;
        if (older) await rename(target, replaced);
        else if (await exists(target)) await rmdir(target);
        try {
          await rename(path, target);
        } catch (error) {
          if (older) await rename(replaced, target);
          throw error;
        }
        if (older) await rm(replaced, { recursive: true, force: true });
      });
    },

    async abandon() {
      const kept = (await entries(checkpoints)).length > 0;
      if (!kept) await rm(path, { recursive: true, force: true }).catch(() => {});
      return kept;
    },
  };
};
