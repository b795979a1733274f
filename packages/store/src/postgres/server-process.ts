/** @file How programs of PostgreSQL are run: as an unprivileged user where we are root, in a folder that user may not even see. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { plauditError } from '@plaudit/contract';
import type { Binaries } from './binaries.ts';

/** The user that a server runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom root runs the server as, since PostgreSQL refuses root: nobody. Undefined where we are not root, and the server
 * runs as we do.
 *
 * @throws PlauditError store.no_unprivileged_user
 */
export const serverUser = async (): Promise<ServerUser | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] =
    users
      .split('\n')
      .find((line) => line.startsWith('nobody:'))
      ?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw plauditError('store.no_unprivileged_user');
  return { uid: Number(uid), gid: Number(gid) };
};

/** What a program is run with. */
export interface RunOnData {
  readonly binaries: Binaries;
  readonly data: string;
  /** Its output is appended here. */
  readonly log: string;
  readonly user: ServerUser | undefined;
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** The exit status, or the signal. Rejects with what spawning threw. */
  readonly ended: Promise<number | string>;
}

/**
 * Starts a program on a data folder.
 *
 * As root on Linux the folder, and the file of the password, are handed over open: the program reaches them through
 * /proc/self/fd and needs no right on the folders above. So the database can lie under /root, and other processes of the
 * same unprivileged user cannot get to it.
 *
 * The program has a session of its own: Ctrl-C in a terminal is for us, and stopping the server comes last.
 */
export const runOnData = async (
  { binaries, data, log, user }: RunOnData,
  program: 'initdb' | 'postgres',
  args: readonly string[],
  passwordFile?: string,
): Promise<ServerProcess> => {
  const opened: FileHandle[] = [];
  const handOver = async (path: string): Promise<string> => {
    if (!handsOver(user)) return path;
    opened.push(await open(path, 'r'));
    return `/proc/self/fd/${2 + opened.length}`;
  };
  const output = await open(log, 'a', 0o600);
  try {
    const paths = ['-D', await handOver(data)];
    if (passwordFile !== undefined) paths.push(`--pwfile=${await handOver(passwordFile)}`);
    const child = spawn(binaries[program], [...paths, ...args], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', output.fd, output.fd, ...opened.map(({ fd }) => fd)],
      env: environmentOf(binaries),
      ...user,
    });
    const ended = new Promise<number | string>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status, signal) => resolve(status ?? signal ?? 'unknown'));
    });
    // Whoever waits for the end sees the failure; while a server runs nobody does.
    ended.catch(() => undefined);
    return { child, ended };
  } finally {
    await output.close();
    for (const handle of opened) await handle.close();
  }
};

/** Nothing of ours but what programs need to start: no variable of the user's changes what the server does. */
const environmentOf = ({ libraries }: Binaries): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
  // Windows programs do not start without it.
  ...(process.env.SYSTEMROOT !== undefined && { SYSTEMROOT: process.env.SYSTEMROOT }),
  ...(libraries.length > 0 && {
    [process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH']: libraries.join(':'),
  }),
});

/** The version of the programs, such as 18.4. */
export const versionOf = async (binaries: Binaries): Promise<string> => {
  const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], {
    env: environmentOf(binaries),
  });
  return /(\d+(?:\.\d+)?)/.exec(stdout)?.[1] ?? 'another version';
};

/** Whether the server gets its folder as an open file rather than by its path. */
export const handsOver = (user: ServerUser | undefined): boolean =>
  user !== undefined && process.platform === 'linux';

/** What a program has written to its log from a place on. */
export const logSince = async (log: string, from: number): Promise<string> =>
  (await readFile(log)).subarray(from).toString('utf8');

/** The line of a log that says why a program gave up. */
export const reasonIn = (text: string): string => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const fatal = lines.findLast((line) => /\b(FATAL|PANIC|error):/i.test(line)) ?? lines.at(-1);
  return fatal?.replace(/^.*?\b(?:FATAL|PANIC|initdb: error):\s*/, '') ?? 'it said nothing';
};
