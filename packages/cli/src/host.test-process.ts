/** @file For tests: a process that runs one command after the other, so that what they import is loaded once and not for each. */
import { format } from 'node:util';
import { run } from './run.ts';

export interface HostedCommand {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Takes what is written to a stream until it is given back. */
const capture = (stream: NodeJS.WriteStream): (() => string) => {
  const { write } = stream;
  let text = '';
  stream.write = ((piece: string | Uint8Array, ...rest: unknown[]): boolean => {
    text += typeof piece === 'string' ? piece : Buffer.from(piece).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }) as typeof write;
  return () => {
    stream.write = write;
    return text;
  };
};

const env = { ...process.env };
let last: Promise<void> = Promise.resolve();
process.on('message', ({ id, words, cwd, ...more }: HostedCommand & { readonly id: number }) => {
  last = last.then(async () => {
    process.chdir(cwd);
    Object.assign(process.env, more.env);
    const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
    const code = await run(words).catch((error: unknown) => {
      process.stderr.write(format(error));
      return 1;
    });
    const ended = { id, code, stdout: stdout(), stderr: stderr() };
    for (const name of Object.keys(more.env))
      if (env[name] === undefined) delete process.env[name];
      else process.env[name] = env[name];
    process.send!(ended);
  });
});
