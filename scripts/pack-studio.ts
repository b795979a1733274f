/** @file Puts the built studio beside the command, for `npm pack`: an installed package has nothing to build it with. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

// What npm says goes to stderr: stdout of `npm pack --json` is one document.
execFileSync('npm', ['run', 'build', '-w', 'apps/studio'], { cwd: at('.'), stdio: ['ignore', 2, 2] });
rmSync(at('packages/cli/studio'), { recursive: true, force: true });
cpSync(at('apps/studio/dist'), at('packages/cli/studio'), { recursive: true });
