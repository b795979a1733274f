import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outputError, writeFileAtomic } from './atomic.ts';
import { codeOf, inTemporaryFolder } from './testing.ts';

describe('writeFileAtomic', () => {
  it('writes text, bytes and pieces, makes folders, and replaces what was there', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a', 'b', 'file');
      await writeFileAtomic(path, 'first');
      await writeFileAtomic(path, new TextEncoder().encode('zweites Ä'));
      expect(await readFile(path, 'utf8')).toBe('zweites Ä');
      await writeFileAtomic(
        path,
        (async function* () {
          yield 'one ';
          yield new TextEncoder().encode('two');
        })(),
      );
      expect(await readFile(path, 'utf8')).toBe('one two');
      expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file']);
    });
  });

  it('keeps the old content and no temporary when the pieces fail half way', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'file');
      await writeFileAtomic(path, 'old');
      const pieces = async function* () {
        yield 'new';
        throw new Error('the source failed');
      };
      await expect(writeFileAtomic(path, pieces())).rejects.toThrow('the source failed');
      expect(await readFile(path, 'utf8')).toBe('old');
      expect(await readdir(folder)).toEqual(['file']);
    });
  });

  it('says that a path through a file, or one that is a folder, cannot be written', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      await mkdir(join(folder, 'taken', 'by'), { recursive: true });
      expect(await codeOf(() => writeFileAtomic(join(folder, 'file', 'x'), ''))).toBe('output.not_writable');
      expect(await codeOf(() => writeFileAtomic(join(folder, 'taken'), ''))).toBe('output.not_writable');
      expect((await readdir(folder)).sort()).toEqual(['file', 'taken']);
    });
  });

  it('passes on what the pieces themselves throw, a missing source file for one', async () => {
    await inTemporaryFolder(async (folder) => {
      const pieces = async function* () {
        yield await readFile(join(folder, 'none'));
      };
      await expect(writeFileAtomic(join(folder, 'x'), pieces())).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    // A full disk cannot be had without a mount; the device that is always full fails with the same error.
    const handle = await open('/dev/full', 'w');
    const cause: unknown = await handle.write('x').catch((thrown: unknown) => thrown);
    await handle.close();
    expect(outputError('x', cause)).toMatchObject({ code: 'output.disk_full' });
  });
});
