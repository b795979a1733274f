/** @file For tests and generators: runs commands one after the other in one process, which loads their modules once. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandHost {
  /** @throws Error where the process ends while the command runs */
  run(
    words: readonly string[],
    options?: {
      readonly cwd?: string | undefined;
      readonly env?: Readonly<Record<string, string>> | undefined;
    },
  ): Promise<Ended>;
  close(): void;
}

/** The process starts at the first command, and again after one that ended it. */
export const commandHost = (): CommandHost => {
  let host: ReturnType<typeof fork> | undefined;
  const waiting = new Map<number, { resolve: (ended: Ended) => void; reject: (error: Error) => void }>();
  let commands = 0;
  const start = (): ReturnType<typeof fork> => {
    const started = fork(fileURLToPath(new URL('host.test-process.ts', import.meta.url)), {
      execArgv: ['--conditions=source', '--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    started.on('message', ({ id, ...ended }: Ended & { readonly id: number }) => {
      waiting.get(id)!.resolve(ended);
      waiting.delete(id);
    });
    started.on('exit', (code) => {
      host = undefined;
      for (const { reject } of waiting.values())
        reject(new Error(`the process of the commands ended with ${code}`));
      waiting.clear();
    });
    return started;
  };
  return {
    run: (words, { cwd = process.cwd(), env = {} } = {}) =>
      new Promise((resolve, reject) => {
        host ??= start();
        const id = ++commands;
        waiting.set(id, { resolve, reject });
        host.send({ id, words, cwd, env: { PLAUDIT_DEBUG: '', NODE_ENV: '', ...env } });
      }),
    close: () => {
      host?.kill();
    },
  };
};
