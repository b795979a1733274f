/** @file Tests: the server's programs can be run whatever npm did not do and wherever it put them. */
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packagedServer, runnableBinaries } from './binaries.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'plaudit-binaries-'));
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A package of the form of the real ones, without its links. */
const fakePackage = async (name: string): Promise<string> => {
  const native = join(root, name, 'native');
  for (const folder of ['bin', 'lib', 'share']) await mkdir(join(native, folder), { recursive: true });
  for (const program of ['initdb', 'postgres'])
    await writeFile(join(native, 'bin', program), name, { mode: 0o755 });
  await writeFile(join(native, 'lib', 'libpq.so.5.18'), 'library');
  await writeFile(
    join(native, 'pg-symlinks.json'),
    JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
  );
  await writeFile(join(root, name, 'package.json'), `{"version":"${name}"}`);
  return native;
};

it('finds the package of this platform and says what to do where there is none', async () => {
  expect(await readdir(join(await packagedServer(), 'bin'))).toContain('postgres');
  await expect(packagedServer('plan9', 'mips')).rejects.toMatchObject({
    code: 'store.no_embedded_server',
    cure: expect.stringContaining('DATABASE_URL'),
  });
});

it('makes the links that an install script did not make, in our folder and not in node_modules', async () => {
  const native = await fakePackage('unlinked');
  const own = join(root, 'own');
  for (let time = 0; time < 2; time++) {
    const { libraries } = await runnableBinaries(native, { own });
    expect(libraries).toEqual([join(own, 'libraries'), join(native, 'lib')]);
    expect(await readFile(join(own, 'libraries', 'libpq.so.5'), 'utf8')).toBe('library');
  }
  expect(await readdir(join(native, 'lib'))).toEqual(['libpq.so.5.18']);
});

it('uses the package as it is where nothing lacks and everyone can read it', async () => {
  const native = await fakePackage('linked');
  await symlink('libpq.so.5.18', join(native, 'lib', 'libpq.so.5'));
  for (const options of [
    { own: join(root, 'own') },
    { own: join(root, 'own'), shared: join(root, 'shared') },
  ])
    expect(await runnableBinaries(native, options)).toEqual({
      initdb: join(native, 'bin', 'initdb'),
      postgres: join(native, 'bin', 'postgres'),
      libraries: [join(native, 'lib')],
    });
});

it('copies the package once for a user that cannot read it where it is, and anew when it changes', async () => {
  const native = await fakePackage('hidden');
  await chmod(join(root, 'hidden'), 0o700);
  const options = { own: join(root, 'own'), shared: join(root, 'copies') };
  const { postgres, libraries } = await runnableBinaries(native, options);
  expect(postgres.startsWith(options.shared)).toBe(true);
  expect(await readlink(join(libraries[0]!, 'libpq.so.5'))).toBe('libpq.so.5.18');
  const made = (await lstat(postgres)).ino;
  await runnableBinaries(native, options);
  expect((await lstat(postgres)).ino).toBe(made);
  await writeFile(join(root, 'hidden', 'package.json'), '{"version":"next"}');
  expect((await runnableBinaries(native, options)).postgres).not.toBe(postgres);
  expect(await readdir(options.shared)).toHaveLength(2);
});

it('does not run from a copy that others may write to', async () => {
  const native = await fakePackage('planted');
  await chmod(join(root, 'planted'), 0o700);
  const options = { own: join(root, 'own'), shared: join(root, 'open') };
  const { postgres } = await runnableBinaries(native, options);
  await writeFile(postgres, 'something else');
  await chmod(join(postgres, '..', '..'), 0o777);
  expect(await readFile((await runnableBinaries(native, options)).postgres, 'utf8')).toBe('planted');
});
