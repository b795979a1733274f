/** @file What browser tests work with: a server that can be killed and started again, a browser, people and tasks. */
/// <reference lib="dom" />
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const built = fileURLToPath(new URL('../../apps/studio/dist', import.meta.url));
const missing = !existsSync(chromiumPath)
  ? `there is no ${chromiumPath}`
  : !existsSync(join(built, 'index.html'))
    ? 'the studio is not built (npm run build -w apps/studio)'
    : undefined;
/** Why browser tests cannot run; undefined where they can. */
export const cannotRun: string | undefined = missing;
if (missing) console.warn(`${missing}: tests of the studio are skipped`);

const processFile = fileURLToPath(new URL('./server-process.ts', import.meta.url));

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export interface Studio {
  readonly address: string;
  /** The first owner's link; null when the server was started on a store with people in it. */
  readonly link: string | null;
  /** Ends the server as a power cut would. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Calls the API as the owner. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  browser(): Promise<Browser>;
  close(): Promise<void>;
}

const owner = {
  name: 'Ada Owner',
  email: 'ada@example.org',
  password: 'correct horse battery staple',
};

/** @param filled Whether the server has a project with something on every page. */
export const openStudio = async (filled = false): Promise<Studio> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-studio-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  let link: string | null = null;
  let cookie = '';
  let browser: Browser | undefined;
  let running: { readonly kill: () => Promise<void> } | undefined;

  const start = async (): Promise<void> => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', processFile, folder, String(port), built, ...(filled ? ['fill'] : [])],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, DATABASE_URL: '' },
      },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error('the server did not start');
    link = (JSON.parse(first.value) as { link: string | null }).link ?? link;
    running = {
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };

  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: { cookie, origin: address, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = answer.headers.getSetCookie()[0]?.split(';')[0];
    if (set) cookie = set;
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };

  await start();
  return {
    address,
    get link() {
      return link;
    },
    async kill() {
      await running?.kill();
      running = undefined;
    },
    start,
    call,
    async browser() {
      browser ??= await chromium.launch({
        executablePath: chromiumPath,
        args: ['--headless=new', '--no-sandbox', '--disable-gpu'],
      });
      return browser;
    },
    async close() {
      await browser?.close();
      await running?.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** The owner's account by the first link, and a project. */
export const becomeOwner = async (studio: Studio, project: string): Promise<void> => {
  const token = studio.link!.split('#')[1]!;
  await studio.call('POST', '/v1/link/accept', { token, account: owner });
  await studio.call('POST', '/v1/projects', { name: project });
};

export const signIn = async (page: Page, address: string): Promise<void> => {
  await page.goto(`${address}/sign-in`);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Projects' }).waitFor();
};

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Breaches of WCAG 2.2 A and AA on the page, each with where it is. */
export const accessibilityFaults = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(
          context: unknown,
          options: unknown,
        ): Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => {
      const [first] = nodes;
      return `${id} (${nodes.length}): ${first?.target.join(' ')} ${first?.failureSummary ?? ''}`;
    });
  });
};

/** Every page of a project, by its address; of lists the first entry too. */
export const pagesOf = async (
  studio: Studio,
  project: string,
): Promise<readonly { readonly name: string; readonly path: string }[]> => {
  const api = `/v1/projects/${project}`;
  const first = async <Name extends string>(path: string, name: Name): Promise<string> => {
    const answer = (await studio.call('GET', api + path)) as Record<Name, { id: string }[]>;
    return answer[name][0]!.id;
  };
  const tasks = (await studio.call('GET', `${api}/labelling/tasks`)) as {
    tasks: { id: string; kind: string }[];
  };
  const base = `/p/${project}`;
  return [
    { name: 'label', path: `${base}/label` },
    ...tasks.tasks.map(({ id, kind }) => ({ name: `label-${kind}`, path: `${base}/label/${id}` })),
    { name: 'label-new', path: `${base}/label/new` },
    { name: 'label-disputes', path: `${base}/label/${tasks.tasks[0]!.id}/disputes` },
    { name: 'data', path: `${base}/data` },
    { name: 'snapshot', path: `${base}/data/${await first('/snapshots', 'snapshots')}` },
    { name: 'runs', path: `${base}/runs` },
    { name: 'run', path: `${base}/runs/${await first('/runs?kind=reward.train', 'runs')}` },
    { name: 'models', path: `${base}/models` },
    { name: 'model', path: `${base}/models/${await first('/models?role=reward', 'models')}` },
    ...['policies', 'roll-outs', 'monitoring', 'experiments', 'audit', 'settings'].map((name) => ({
      name,
      path: `${base}/${name}`,
    })),
  ];
};

/** Waits until nothing is loading any more. */
export const settled = async (page: Page): Promise<void> => {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-label^="Loading"]') === null, undefined, {
    timeout: 30_000,
  });
  // Charts are drawn when their size is known, and colours fade in.
  await page.waitForTimeout(400);
};
