/** @file Tests: from a file of judgements to a score that is served, over HTTP alone, through one server and a restart of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '@plaudit/feedback';
import { promptId, responseId } from '@plaudit/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from './server.ts';

let folder: string;
let server: Server;
const start = async () => {
  server = await startServer({ folder: join(folder, 'store'), databaseUrl: '', port: 0 });
};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plaudit-whole-'));
  await start();
}, 120_000);
afterAll(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** As whoever is signed in, or with a key. */
let credentials: Record<string, string> = {};
// biome-ignore lint/suspicious/noExplicitAny: a test says what it expects
const send = async (method: string, path: string, body?: unknown): Promise<any> => {
  const answer = await fetch(`${server.address}${path}`, {
    method,
    headers: {
      ...credentials,
      ...(body !== undefined && {
        'content-type': body instanceof Buffer ? 'application/octet-stream' : 'application/json',
      }),
    },
    ...(body !== undefined && { body: body instanceof Buffer ? new Uint8Array(body) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  const cookie = answer.headers.get('set-cookie');
  if (cookie) credentials = { cookie: cookie.split(';')[0]! };
  return text === '' ? undefined : JSON.parse(text);
};

const { comparisons } = simulate({
  ...{ seed: 2, prompts: 150, responsesPerPrompt: 3, comparisons: 600 },
  annotators: { count: 4, noise: 0.3 },
});

it('takes judgements in, trains and distils on them, promotes the model and serves it with its proxy, also after a restart', async () => {
  const account = { email: 'ada@example.org', name: 'Ada', password: 'correct horse battery' };
  const token = server.firstStartLink!.split('#')[1];
  await send('POST', '/v1/link/accept', { token, account });
  await send('POST', '/v1/projects', { name: 'support' });
  const at = (path: string): string => `/v1/projects/support/${path}`;
  const file = Buffer.from(comparisons.map((row) => JSON.stringify(row)).join('\n'));
  const imported = await send('POST', at('datasets/votes/imports?name=votes.jsonl&personalData=keep'), file);
  expect(imported).toMatchObject({ rejected: 0, rows: 600 });
  await send('POST', at('snapshots'), { datasets: ['votes'], tag: 'v1' });
  const plan = { kind: 'reward.train', name: 'thorough', snapshot: 'v1', despiteGates: true };
  const finished = async (asked: object): Promise<string[]> => {
    const run = await send('POST', at('runs'), asked);
    await expect
      .poll(async () => (await send('GET', at(`runs/${run.id}`))).state, { timeout: 90_000, interval: 500 })
      .toBe('finished');
    return (await send('GET', at(`runs/${run.id}`))).models;
  };
  const models = await finished(plan);
  const quick = await finished({ ...plan, kind: 'reward.distil', name: 'quick', teacher: models[0] });
  expect(quick).toHaveLength(1);

  const bundle = await send('POST', at('bundles'), { name: 'support-desk', rewardModel: models[0] });
  const items = comparisons.slice(0, 60).map(({ prompt, responses }) => {
    const id = promptId(prompt);
    return { prompt: id, responses: responses.map((text) => responseId(id, text)) };
  });
  const golden = await send('POST', at(`bundles/${bundle.id}/golden`), { items });
  expect(golden.items).toBeGreaterThanOrEqual(golden.needed);
  await send('POST', at(`bundles/${bundle.id}/evaluation`), { document: { accuracy: 0.9 } });
  const promoted = await send('POST', at('deployments/live/promote'), {
    ...{ bundle: bundle.id, after: 0, reason: 'the first one' },
  });
  expect(promoted).toMatchObject({ bundle: bundle.id, revision: 1 });

  const made = await send('POST', at('keys'), { name: 'the application', role: 'engineer' });
  const session = credentials;
  credentials = { authorization: `Bearer ${made.key}` };
  const asked = { prompt: comparisons[0]!.prompt, responses: comparisons[0]!.responses };
  const scores = async (mode = 'thorough', version = 'thorough@1'): Promise<number[]> => {
    const answer = await send('POST', '/v1/score', { ...asked, mode });
    expect(answer.data[0]).toMatchObject({ status: 'ok', model_version: version });
    return answer.data[0].scores.map(({ score }: { score: number }) => score);
  };
  const before = await scores();
  expect(before[0]).not.toBe(before[1]);
  const quickly = await scores('fast', 'quick@1');
  expect(quickly).not.toEqual(before);

  await server.close();
  await start();
  await expect.poll(() => scores().catch(() => null), { timeout: 60_000, interval: 500 }).toEqual(before);
  expect(await scores('fast', 'quick@1')).toEqual(quickly);
  credentials = session;
  expect(await send('GET', at('audit/verification'))).toMatchObject({ intact: true });
  const { entries } = await send('GET', at('audit'));
  expect(entries.map(({ action }: { action: string }) => action)).toEqual(
    expect.arrayContaining(['data.import', 'snapshot.create', 'run.create', 'bundle.create', 'key.add']),
  );
}, 240_000);
