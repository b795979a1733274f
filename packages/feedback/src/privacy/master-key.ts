/** @file The master key: 32 random bytes in a file that only its owner can read. Everything secret follows from it. */
import { createHash, randomBytes as systemRandomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlauditError, plauditError } from '@plaudit/contract';

export interface MasterKey {
  /** Names the key without telling it: the first 16 hexadecimal digits of a hash. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** The bytes of a source of randomness; the system's unless a test gives its own. */
export type RandomBytes = (size: number) => Uint8Array;

const begin = 'plaudit-master-key-1:';

/** @throws RangeError for other than 32 bytes */
export const masterKeyOf = (key: Uint8Array): MasterKey => {
  if (key.length !== 32) throw new RangeError('a master key has 32 bytes');
  const id = createHash('sha256').update('plaudit master key id').update(key).digest('hex').slice(0, 16);
  return { id, key: new Uint8Array(key) };
};

export const createMasterKey = (randomBytes: RandomBytes = systemRandomBytes): MasterKey =>
  masterKeyOf(randomBytes(32));

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

/**
 * Writes the key to a new file with the permissions 0600. The file is whole or not there, also after a crash, and one
 * that is there is never replaced.
 *
 * @throws PlauditError privacy.master_key_exists, output.not_writable
 */
export const writeMasterKey = (path: string, { key }: MasterKey): void => {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(unfinished, 'wx', 0o600);
    try {
      writeSync(file, `${begin}${Buffer.from(key).toString('base64url')}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    try {
      // A link, unlike a rename, fails where the name is taken.
      linkSync(unfinished, path);
    } finally {
      unlinkSync(unfinished);
    }
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw plauditError('privacy.master_key_exists', { path }, error);
    throw plauditError('output.not_writable', { path, problem: codeOf(error) }, error);
  }
};

/**
 * Reads a key that `writeMasterKey` wrote.
 *
 * @throws PlauditError privacy.master_key_missing, privacy.master_key_exposed, privacy.master_key_unusable
 */
export const readMasterKey = (path: string): MasterKey => {
  let file: number;
  try {
    // Without waiting: a pipe of that name would block for ever.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw plauditError('privacy.master_key_missing', { path }, error);
    throw plauditError('privacy.master_key_unusable', { path, problem: codeOf(error) }, error);
  }
  try {
    const { mode, size } = fstatSync(file);
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    // Windows has no such permissions: there the folder's access list has to protect it.
    if (isFile && process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw plauditError('privacy.master_key_exposed', {
        path,
        mode: (mode & 0o777).toString(8).padStart(4, '0'),
      });
    const text = isFile && size < 1000 ? readFileSync(file, 'utf8').trim() : '';
    const key = text.startsWith(begin) ? Buffer.from(text.slice(begin.length), 'base64url') : Buffer.alloc(0);
    if (key.length !== 32)
      throw plauditError('privacy.master_key_unusable', { path, problem: 'it is no master key of Plaudit' });
    return masterKeyOf(key);
  } finally {
    closeSync(file);
  }
};

/**
 * The master key of a store's folder, made at the first need. Whoever loses it cannot find a person's rows by their address
 * again.
 *
 * @throws PlauditError privacy.*, output.not_writable
 */
export const openMasterKey = (folder: string): MasterKey => {
  const path = join(folder, 'master.key');
  mkdirSync(folder, { recursive: true });
  try {
    return readMasterKey(path);
  } catch (error) {
    if (!(error instanceof PlauditError && error.code === 'privacy.master_key_missing')) throw error;
  }
  try {
    writeMasterKey(path, createMasterKey());
  } catch (error) {
    // Another process was first.
    if (!(error instanceof PlauditError && error.code === 'privacy.master_key_exists')) throw error;
  }
  return readMasterKey(path);
};
