/** @file Runs the commands that a document shows, and puts what they print into it, so that no example goes stale. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const command = fileURLToPath(new URL('../packages/cli/bin/plaudit.js', import.meta.url));

/** What this checkout's command prints. */
export const plaudit = async (words: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [command, ...words])).stdout;

/** A marked block of commands, and the marked block of output after it, if there is one. */
const example = /<!-- run -->\n```sh\n([\s\S]*?)```(\n\n<!-- output -->\n```text\n)?([\s\S]*?```)?/g;

/** `npx plaudit` is this checkout; anything else in a block is run as it stands. */
const preamble = 'set -euo pipefail\nnpx() { shift; "$PLAUDIT_NODE" "$PLAUDIT_COMMAND" "$@"; }\n';

/** Times differ from run to run and machine to machine; nothing else may. */
const withoutTimes = (text: string): string => text.replace(/\b\d+(?:\.\d+)? (?:s|seconds)\b/g, 'N s');

/**
 * The document with the output of its own commands, which run in order in one empty folder. Output that differs only in
 * its times stays as it was.
 *
 * @throws Error when a command fails
 */
export const runDocument = async (text: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-document-'));
  try {
    let made = '';
    let end = 0;
    for (const match of text.matchAll(example)) {
      const [whole, commands, opening, shown] = match;
      const { stdout } = await promisify(execFile)('bash', ['-c', preamble + commands], {
        cwd: folder,
        env: {
          ...process.env,
          PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
          PLAUDIT_NODE: process.execPath,
          PLAUDIT_COMMAND: command,
        },
      });
      made += text.slice(end, match.index);
      end = match.index + whole.length;
      const before = opening === undefined ? '' : (shown ?? '').slice(0, -'```'.length);
      const unchanged = opening === undefined || withoutTimes(before) === withoutTimes(stdout);
      made += unchanged ? whole : `<!-- run -->\n\`\`\`sh\n${commands}\`\`\`${opening}${stdout}\`\`\``;
    }
    return made + text.slice(end);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
