/** @file The built studio: that of an installed package, or of a checkout, which builds it when it is first asked for. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Beside the sources and the build of this package, where `npm pack` puts it. */
const installed = at('../studio');
const checkout = at('../../../apps/studio');
/** On the disk of the checkout, and nobody's concern while it is made. */
const staged = at('../../../node_modules/.cache');

const isStudio = (folder: string): boolean => existsSync(join(folder, 'index.html'));

/** Whether the folder is ours: where this package is installed, it is somebody else's, or none. */
const inCheckout = (): boolean => {
  const manifest = join(checkout, 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === '@plaudit/studio';
};

/** The bundler; undefined where it is not installed. */
const bundler = (): string | undefined => {
  try {
    const { resolve } = createRequire(join(checkout, 'package.json'));
    return join(dirname(resolve('vite/package.json')), 'bin/vite.js');
  } catch {
    return undefined;
  }
};

/**
 * The built studio. In a checkout it is built where it is not there yet, which takes some tens of seconds; whoever builds it at
 * the same time builds the same.
 *
 * @param onBuild Called when it has to be built
 * @returns undefined where there is none and it cannot be built; the server then serves programs only
 */
export const builtStudio = async (onBuild: () => void = () => {}): Promise<string | undefined> => {
  if (!inCheckout()) return isStudio(installed) ? installed : undefined;
  const built = join(checkout, 'dist');
  const vite = bundler();
  if (!isStudio(built) && vite !== undefined) {
    onBuild();
    await mkdir(staged, { recursive: true });
    const staging = await mkdtemp(join(staged, 'studio-'));
    try {
      const words = ['build', '--outDir', staging, '--emptyOutDir', '--logLevel', 'error'];
      // What is there by then was built by another process.
      if ((await endsWell(vite, words)) && !isStudio(built)) await rename(staging, built);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
  return isStudio(built) ? built : undefined;
};

const endsWell = (program: string, words: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...words], {
      cwd: checkout,
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: 'ignore',
    });
    // Nothing waits for a build whose command has ended.
    const end = (): void => void child.kill();
    process.once('exit', end);
    const settle = (well: boolean): void => {
      process.off('exit', end);
      resolve(well);
    };
    child.once('error', () => settle(false));
    child.once('exit', (code) => settle(code === 0));
  });
