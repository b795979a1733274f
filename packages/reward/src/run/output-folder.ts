/** @file The folder that a run writes: built beside its final place as OUT.partial and renamed when whole. */
import { lstat, mkdir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';
import { writeFileAtomic } from '@plaudit/models';
import { z } from 'zod';
import { modelCardFile } from '../model.ts';
import { isRunning, thisProcess, writingProcess } from './writing-process.ts';

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
  ...writingProcess.shape,
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
  EBUSY: 'it is in use, or a file system is mounted there',
  EXDEV: 'it lies on another file system',
  ENOTEMPTY: 'something else was put there meanwhile',
  EEXIST: 'something else was put there meanwhile',
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
  /**
   * Puts the whole folder in its place; an older model there goes only then.
   *
   * @throws output.not_moved where that fails; the folder then stays where it was made
   */
  publish(): Promise<void>;
  /**
   * After a failure: keeps checkpoints and a whole model that could not be published, or removes everything.
   *
   * @returns whether anything was kept
   */
  abandon(): Promise<boolean>;
}

export interface StagingOptions {
  /** Start anew over an unfinished run, unless it is resumed. */
  readonly overwrite: boolean;
  /** `where-possible` resumes an unfinished run that is the same, and takes another for none at all. */
  readonly resume: boolean | 'where-possible';
}

/** The folders that runs of this process are making: a process cannot tell its own runs apart by its number. */
const inTheMaking = new Set<string>();

/** What a run leaves that was killed before its state was on the disk. */
const unfinishedState = new RegExp(`^\\.${stateFile.replace('.', '\\.')}\\.`);

/**
 * Makes OUT.partial for a run, or takes up the unfinished one.
 *
 * @throws output.busy while another run writes it; output.unfinished, output.other_run for checkpoints of an earlier run
 *   that are neither to be resumed nor overwritten; output.would_replace for a whole model that was not published;
 *   output.exists for what no run left; output.disk_full, output.not_writable
 */
export const openStaging = async (
  out: string,
  run: RunIdentity,
  options: StagingOptions,
): Promise<Staging> => {
  const path = `${resolve(out)}.partial`;
  if (inTheMaking.has(path)) throw plauditError('output.busy', { path: out, pid: process.pid });
  inTheMaking.add(path);
  try {
    return await openUnshared(out, path, run, options);
  } catch (error) {
    inTheMaking.delete(path);
    throw error;
  }
};

const openUnshared = async (
  out: string,
  path: string,
  run: RunIdentity,
  options: StagingOptions,
): Promise<Staging> => {
  const shown = `${out.replace(/[/\\]+$/, '')}.partial`;
  const checkpoints = join(path, checkpointsFolder);
  const resumed = await isResumed(path, shown, out, run, options);

  await writing(out, async () => {
    if (!resumed) await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true });
    const state: z.infer<typeof runState> = {
      ...(await thisProcess()),
      ...run,
      data: [...run.data],
      settings: { ...run.settings },
    };
    await writeFileAtomic(join(path, stateFile), `${JSON.stringify(state, null, 2)}\n`);
  }).catch(async (error: unknown) => {
    if (!resumed) await rm(path, { recursive: true, force: true }).catch(() => {});
    throw error;
  });

  let whole = false;
  return {
    path,
    checkpoints,
    resumed,

    async publish() {
      whole = true;
      try {
        await requireFree(out, options.overwrite);
        await putInPlace(path, resolve(out));
      } catch (error) {
        const problem = reasonOf(error);
        throw plauditError('output.not_moved', { path: out, problem, finished: shown }, error);
      }
      whole = false;
      inTheMaking.delete(path);
      // The model stands where it should. What is left of its making is clutter, and no reason to fail the run.
      for (const leftover of [checkpointsFolder, stateFile])
        await rm(join(resolve(out), leftover), { recursive: true, force: true }).catch(() => {});
    },

    async abandon() {
      inTheMaking.delete(path);
      const kept = whole || (await entries(checkpoints)).length > 0;
      if (!kept) await rm(path, { recursive: true, force: true }).catch(() => {});
      return kept;
    },
  };
};

/** Whether the run goes on with what lies in OUT.partial. Throws where that may be neither used nor removed. */
const isResumed = async (
  path: string,
  shown: string,
  out: string,
  run: RunIdentity,
  { overwrite, resume }: StagingOptions,
): Promise<boolean> => {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return false;
  const names = (await entries(path)).filter((name) => !unfinishedState.test(name));
  const before = await readState(path);
  if (!before) {
    if (!found.isDirectory() || names.length > 0) throw plauditError('output.exists', { path: shown });
    return false;
  }
  const { mtimeMs } = await stat(join(path, stateFile));
  if (await isRunning(before, mtimeMs)) throw plauditError('output.busy', { path: out, pid: before.process });

  const different = differenceOf(before, run);
  const hasCheckpoints = (await entries(join(path, checkpointsFolder))).length > 0;
  const goesOn = hasCheckpoints && (resume === 'where-possible' ? different === undefined : resume);
  if (goesOn && different !== undefined)
    throw plauditError('output.other_run', { path: shown, what: different });
  if (goesOn || overwrite) return goesOn;
  if (hasCheckpoints) throw plauditError('output.unfinished', { path: shown });
  if (names.includes(modelCardFile)) throw plauditError('output.would_replace', { path: shown });
  return false;
};

const putInPlace = async (path: string, target: string): Promise<void> => {
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
  if (older) await rm(replaced, { recursive: true, force: true }).catch(() => {});
};

const reasonOf = (error: unknown): string => {
  if (error instanceof PlauditError) return 'something else was put there meanwhile';
  const code = codeOf(error);
  return code === undefined ? 'the reason is unknown' : (problems[code] ?? code);
};
