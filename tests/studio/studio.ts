/** @file What browser tests work with: a server that can be killed and started again, a browser, people and tasks. */
/// <reference lib="dom" />
import { execFileSync, spawn } from 'node:child_process';
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

/**
 * @param filled Whether the server has a project with something on every page, or with attacks on every page.
 * @param store A store to work on a copy of, such as a quickstart's.
 */
export const openStudio = async (filled: boolean | 'hostile' = false, store?: string): Promise<Studio> => {
  const folder = await mkdtemp(join(tmpdir(), 'plaudit-studio-'));
  // With its owners: the database belongs to another user where root made it.
  if (store !== undefined) execFileSync('cp', ['-a', `${store}/.`, folder]);
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  let link: string | null = null;
  let cookie = '';
  let browser: Browser | undefined;
  let running: { readonly kill: () => Promise<void> } | undefined;

  const start = async (): Promise<void> => {
    const child = spawn(
      process.execPath,
      [
        '--conditions=source',
        processFile,
        folder,
        String(port),
        built,
        ...(filled ? [filled === true ? 'fill' : filled] : []),
      ],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, DATABASE_URL: '' },
      },
    );
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // Lines of the server's log come there too, and nothing waits for what nobody reads.
    const said = await new Promise<{ readonly link: string | null }>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = JSON.parse(line) as { readonly address?: string; readonly link: string | null };
        if (found.address !== undefined) resolve(found);
      });
      void ended.then(() => reject(new Error('the server did not start')));
    });
    link = said.link ?? link;
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

interface NamedPage {
  readonly name: string;
  readonly path: string;
}

/** Every page of a project, by its address; of lists the first entry too, where there is one. */
export const pagesOf = async (studio: Studio, project: string): Promise<readonly NamedPage[]> => {
  const api = `/v1/projects/${project}`;
  const base = `/p/${project}`;
  const list = async <Row>(path: string, name: string): Promise<readonly Row[]> =>
    ((await studio.call('GET', api + path)) as Record<string, readonly Row[]>)[name]!;
  const ids = async (path: string, name: string): Promise<readonly string[]> =>
    (await list<{ id: string }>(path, name)).map(({ id }) => id);
  const own = (name: string, folder: string, [id]: readonly string[]): readonly NamedPage[] =>
    id === undefined ? [] : [{ name, path: `${base}/${folder}/${id}` }];

  const tasks = await list<{ id: string; kind: string }>('/labelling/tasks', 'tasks');
  const pairwise = tasks.find(({ kind }) => kind === 'pairwise')!.id;
  const [rewards, runs] = [await ids('/models?role=reward', 'models'), await ids('/runs', 'runs')];
  const experiments = await list<{ id: string; state: string }>('/experiments', 'experiments');
  const running = experiments.filter(({ state }) => state !== 'draft').map(({ id }) => id);
  return [
    { name: 'label', path: `${base}/label` },
    ...tasks.map(({ id, kind }) => ({ name: `label-${kind}`, path: `${base}/label/${id}` })),
    { name: 'label-live', path: `${base}/label/${pairwise}/live` },
    { name: 'label-new', path: `${base}/label/new` },
    { name: 'label-disputes', path: `${base}/label/${pairwise}/disputes` },
    ...[
      'data',
      'runs',
      'models',
      'policies',
      'roll-outs',
      'monitoring',
      'experiments',
      'audit',
      'settings',
    ].map((name) => ({ name, path: `${base}/${name}` })),
    ...['drift', 'hacking', 'people', 'alerts'].map((view) => ({
      name: `monitoring-${view}`,
      path: `${base}/monitoring?view=${view}`,
    })),
    { name: 'bundle-new', path: `${base}/roll-outs/bundles/new` },
    ...own('snapshot', 'data', await ids('/snapshots', 'snapshots')),
    ...own('run', 'runs', await ids('/runs?kind=reward.train', 'runs')),
    ...own('policy-run', 'runs', await ids('/runs?kind=policy.train', 'runs')),
    ...own('model', 'models', rewards),
    ...own('policy', 'models', await ids('/models?role=policy', 'models')),
    ...own('bundle', 'roll-outs/bundles', await ids('/bundles', 'bundles')),
    ...own('roll-out', 'roll-outs', await ids('/roll-outs', 'rollOuts')),
    ...own('experiment', 'experiments', [...running, ...experiments.map(({ id }) => id)]),
    ...(rewards.length > 1
      ? [{ name: 'models-compared', path: `${base}/models/${rewards[0]}?with=${rewards[1]}` }]
      : []),
    ...(runs.length > 1
      ? [{ name: 'runs-compared', path: `${base}/runs?compare=${runs.slice(0, 2).join(',')}` }]
      : []),
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
