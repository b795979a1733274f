#!/usr/bin/env node
/** @file Starts the command: the TypeScript sources where they are present (a checkout), the build where it is installed. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const inCheckout = existsSync(at('../src/main.ts')) && existsSync(at('../../../tsconfig.base.json'));
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `plaudit needs Node 24 or later; this is ${process.versions.node}.\n` +
      'In a checkout, run `npm ci` and then `npx plaudit`: on Linux the project brings its own Node.\n',
  );
  process.exit(69);
}
if (inCheckout) {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning', at('../src/main.ts')];
  const args = [...flags, ...process.argv.slice(2)];
  // Compiled code is kept beside the packages, which more than halves the start of the next command.
  const env = { NODE_COMPILE_CACHE: at('../../../node_modules/.cache/plaudit'), ...process.env };
  if (process.execve && process.platform !== 'win32') {
    // The same process goes on, so signals and exit codes need no forwarding.
    process.removeAllListeners('warning');
    process.execve(process.execPath, [process.execPath, ...args], env);
  } else {
    const child = spawn(process.execPath, args, { stdio: 'inherit', env });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.on('exit', (code) => process.exit(code ?? 1));
  }
} else {
  await import('../dist/main.js');
}
