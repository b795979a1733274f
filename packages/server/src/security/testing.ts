/** @file Tests: a whole server with two projects to attack, over real sockets, in a process whose health can be asked for. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import type { Role } from '../http/roles.ts';
import type { Named } from './everything.ts';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of a JSON answer; undefined for any other. */
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
  readonly body: any;
}

interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; bytes as they are. */
  readonly body?: unknown;
}

interface Health {
  /** Milliseconds of the processor that the loop has worked at a stretch since it was last asked. */
  readonly longest: number;
  readonly megabytes: number;
}

export interface AttackedServer {
  readonly address: () => string;
  /** Of the store. */
  readonly folder: () => string;
  /** Headers of the administrator's session. */
  readonly session: () => Readonly<Record<string, string>>;
  readonly ask: (method: string, path: string, asked?: Asked) => Promise<Answered>;
  /** Headers with a new key. @param project `ours` or `theirs` */
  readonly key: (project: string, role: Role) => Promise<{ readonly authorization: string }>;
  /** Ids and names of what is in a project; its texts hold `ourword` or `theirword`. */
  readonly named: (project: 'ours' | 'theirs') => Named;
  readonly health: () => Promise<Health>;
}

interface Started {
  readonly address: string;
  readonly link: string;
  readonly ours: Named;
  readonly theirs: Named;
}

export const administrator = {
  email: 'ada@example.org',
  name: 'Ada',
  password: 'correct horse battery',
};

/** A server with the projects `ours` and `theirs`, with everything in them, there while the tests of the file run. */
export const attackedServer = (): AttackedServer => {
  let folder = '';
  let child: ChildProcess | undefined;
  let address = '';
  let started: Started | undefined;
  let session: Record<string, string> = {};
  const ask: AttackedServer['ask'] = async (method, path, { headers = {}, body } = {}) => {
    const isBytes = body instanceof Uint8Array;
    const answer = await fetch(`${address}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(body !== undefined && !isBytes && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: isBytes ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '');
    const parsed = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: answer.status, headers: answer.headers, text, body: parsed };
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plaudit-attacked-'));
    const file = fileURLToPath(new URL('./attacked-server.test-process.ts', import.meta.url));
    child = fork(file, [join(folder, 'store')], {
      execArgv: ['--conditions=source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, DATABASE_URL: '' },
    });
    const ended = once(child, 'exit').then(() => {
      throw new Error('the server did not start');
    });
    [started] = (await Promise.race([once(child, 'message'), ended])) as [Started];
    ended.catch(() => undefined);
    address = started.address;
    const token = started.link.split('#')[1];
    const accepted = await ask('POST', '/v1/link/accept', { body: { token, account: administrator } });
    session = { cookie: accepted.headers.getSetCookie()[0]!.split(';')[0]! };
  }, 180_000);
  afterAll(async () => {
    if (child && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  return {
    address: () => address,
    folder: () => join(folder, 'store'),
    session: () => session,
    ask,
    async key(project, role) {
      const body = { name: role, role };
      const made = await ask('POST', `/v1/projects/${project}/keys`, { headers: session, body });
      return { authorization: `Bearer ${made.body.key}` };
    },
    named: (project) => started![project],
    async health() {
      child!.send('health');
      const [told] = (await once(child!, 'message')) as [Health];
      return told;
    },
  };
};
