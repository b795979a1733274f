/** @file For tests: runs the real command and says what it printed and how it ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { commandHost, type Ended } from './command-host.ts';

const command = fileURLToPath(new URL('../bin/plaudit.js', import.meta.url));

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In a process of its own: for what several commands do at the same time, or to the process itself. */
  readonly alone?: boolean;
  /** Called with every piece of stderr, to act on the process while it runs. */
  readonly onStderr?: (child: ChildProcess, soFar: string) => void;
}

/**
 * Runs `plaudit` with the given words. Commands of a test file share one process, one after the other, unless something is
 * done to it while it runs: loading what they import takes most of the time of a small command.
 */
export const plaudit = (words: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  options.onStderr || options.alone ? inProcess(words, options) : host.run(words, options);

const host = commandHost();
afterAll(() => host.close());

/** Runs the real command as a process of its own. */
const inProcess = (words: readonly string[], options: RunOptions): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...words], {
      cwd: options.cwd,
      env: { ...process.env, PLAUDIT_DEBUG: '', NODE_ENV: '', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onStderr?.(child, stderr);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });

/** The one JSON document on stdout of a command that has to succeed. */
export const plauditJson = async <T>(words: readonly string[], options: RunOptions = {}): Promise<T> => {
  const { code, stdout, stderr } = await plaudit([...words, '--json', '--quiet'], options);
  if (code !== 0) throw new Error(`plaudit ${words.join(' ')} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
};

export interface ErrorDocument {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly cure: string;
    readonly parameters: Readonly<Record<string, string | number>>;
  };
}

/** The error document, the last line of stderr, of a command that has to fail; stdout has to be empty. */
export const plauditError = async (
  words: readonly string[],
  options: RunOptions = {},
): Promise<ErrorDocument['error'] & { readonly exit: number | null }> => {
  const { code, stdout, stderr } = await plaudit([...words, '--json'], options);
  if (code === 0) throw new Error(`plaudit ${words.join(' ')} should have failed`);
  if (stdout !== '') throw new Error(`stdout of a failed command holds: ${stdout.slice(0, 200)}`);
  const last = stderr.trimEnd().split('\n').at(-1)!;
  return { ...(JSON.parse(last) as ErrorDocument).error, exit: code };
};

const folders: string[] = [];

/** A fresh folder that is removed when the test file has ended. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'plaudit-cli-'));
  folders.push(folder);
  return folder;
};

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
