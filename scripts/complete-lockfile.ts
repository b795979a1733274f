/**
 * @file Adds to package-lock.json the optional packages of other platforms that npm left out, because the registry in use
 * did not have them. Without their entries `npm ci` refuses the lockfile; with them it skips what is not for this machine.
 * Run after every `npm install` that changes the lockfile.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const processors: Record<string, string> = { armv7: 'arm', arm: 'arm' };

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
let added = 0;
for (const [at, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (at === '' || lock.packages[place] || lock.packages[`${at}/${place}`]) continue;
    const words = name.split('/').at(-1)!.split('-');
    const os = systems.find((system) => words.includes(system));
    if (!os) continue;
    const cpu = words[words.indexOf(os) + 1]!;
    lock.packages[place] = {
      version,
      cpu: [processors[cpu] ?? cpu],
      ...(parent.dev ? { dev: true } : {}),
      ...(words.includes('musl') ? { libc: ['musl'] } : {}),
      optional: true,
      os: [os],
    };
    added++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added} packages of other platforms added to package-lock.json\n`);
