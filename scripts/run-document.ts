/** @file Runs the commands that a document shows, and puts what they print into it, so that no example goes stale. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { commandHost } from '../packages/cli/src/command-host.ts';

/** One process for all commands: most of the time of a small one is the loading of its modules. */
const host = commandHost();

/** What this checkout's command prints. @throws Error when it fails */
export const plaudit = async (words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await host.run(words);
  if (code !== 0) throw new Error(`plaudit ${words.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
};

/** Ends the process of the commands. */
export const endCommands = (): void => host.close();

/** Sends its words to the socket and prints what comes back: the command as a block of a document calls it. */
const client = fileURLToPath(new URL('hosted-command.ts', import.meta.url));

/** A marked block of commands, and the marked block of output after it, if there is one. */
const example = /<!-- run -->\n```sh\n([\s\S]*?)```(\n\n<!-- output -->\n```text\n)?([\s\S]*?```)?/g;

/** `npx plaudit` is this checkout; anything else in a block is run as it stands. */
const preamble = 'set -euo pipefail\nnpx() { shift; "$PLAUDIT_NODE" "$PLAUDIT_CLIENT" "$@"; }\n';

/** Answers clients on a socket until it is closed. */
const serveCommands = async (socket: string): Promise<() => Promise<void>> => {
  const server = createServer({ allowHalfOpen: true }, async (connection) => {
    let asked = '';
    for await (const piece of connection.setEncoding('utf8')) asked += piece;
    const { words, cwd } = JSON.parse(asked) as { words: string[]; cwd: string };
    connection.end(JSON.stringify(await host.run(words, { cwd })));
  });
  server.listen(socket);
  await once(server, 'listening');
  return () => promisify(server.close.bind(server))();
};

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
  const socket = `${folder}.socket`;
  const close = await serveCommands(socket);
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
          PLAUDIT_CLIENT: client,
          PLAUDIT_SOCKET: socket,
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
    await close();
    await rm(folder, { recursive: true, force: true });
  }
};
