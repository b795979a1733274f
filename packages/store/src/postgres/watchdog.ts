/** @file A server's end when its owner is killed: a shell that waits for the owner's end of a pipe to close. */
import { spawn } from 'node:child_process';

/**
 * Read returns with success for the line that dismisses it, and without for the end of the pipe, which the kernel closes
 * however the owner dies. The server's own note is compared first: its number may have gone to another process.
 */
const script = 'read -r line && exit; [ "$(head -n 1 "$2")" = "$1" ] && kill -INT "$1"';

export interface Watchdog {
  readonly dismiss: () => void;
}

/**
 * Stops a server, in its orderly way, once this process has ended for whatever reason, kill -9 included. Where there is
 * no shell there is no watchdog; the server then runs until the folder is opened again, which stops it too.
 */
export const watch = (server: number, note: string): Watchdog => {
  const shell = spawn('sh', ['-c', script, 'plaudit-watchdog', String(server), note], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  (shell.stdin as typeof shell.stdin & { unref?: () => void }).unref?.();
  return { dismiss: () => void shell.stdin.end('\n') };
};
