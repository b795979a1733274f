/** @file Tests: the whole quickstart as a process that is killed and stopped on its way, and what is in the store in the end. */
import { join } from 'node:path';
import { type Client, createClient } from '@plaudit/sdk';
import { issueKey, startServer } from '@plaudit/server';
import { openStore } from '@plaudit/store';
import { describe, expect, it } from 'vitest';
import { type ErrorDocument, plaudit, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const out = join(folder, 'quick');
const words = ['quickstart', '--small', '--no-studio', '--out', out];

interface Document {
  readonly seconds: number;
  readonly steps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe('quickstart', () => {
  let document: Document;

  it('goes on after kill -9 and after Ctrl-C, and a finished one is known at once', async () => {
    const killed = await plaudit(words, {
      onStderr: (child, soFar) => {
        if (soFar.includes('"phase":"labelling"')) child.kill('SIGKILL');
      },
    });
    expect(killed.code).toBeNull();
    const stopped = await plaudit([...words, '--json'], {
      onStderr: (child, soFar) => {
        if (soFar.includes('"phase":"canary at') && !child.killed) child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    const { error } = JSON.parse(stopped.stderr.trim().split('\n').at(-1)!) as ErrorDocument;
    expect(error).toMatchObject({ code: 'cli.interrupted', cure: expect.stringContaining('goes on') });

    document = await plauditJson<Document>(words, { alone: true });
    const again = await plauditJson<Document>(words, { alone: true });
    expect(again).toEqual(document);
  }, 1_200_000);

  it('leaves a project in which every page has something to show', async () => {
    const server = await startServer({ folder: join(out, 'store'), databaseUrl: '', port: 0 });
    try {
      const { database, accounts } = server.services;
      const store = await openStore(database, { project: 'quickstart', create: false });
      const wanted = { name: 'test', role: 'owner' } as const;
      const { key } = await issueKey(accounts.accounts, store.project.id, wanted, 'test');
      await hasEverything(createClient({ baseUrl: server.address, apiKey: key }));
    } finally {
      await server.close();
    }
  }, 120_000);
});

const hasEverything = async (client: Client): Promise<void> => {
  const params = { project: 'quickstart' };
  const { runs } = await client.call('listRuns', { params });
  expect(runs.map(({ name, state }) => `${name} ${state}`).sort()).toEqual(
    ['bad-labels', 'quick-reader', 'reader', 'words', 'writer-ppo', 'writer-sft'].map(
      (name) => `${name} finished`,
    ),
  );
  const { models } = await client.call('listModels', { params });
  expect(models.map(({ role }) => role).sort()).toEqual([
    'policy',
    'policy',
    'reward',
    'reward',
    'reward',
    'reward',
  ]);
  const { bundles } = await client.call('listBundles', { params });
  expect(bundles.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
    [1, 2, 3, 4].map((version) => `support@${version}`),
  );
  const { rollOuts } = await client.call('listRollOuts', { params });
  expect(rollOuts.map(({ status }) => status).sort()).toEqual(['promoted', 'rolled_back']);
  const { tasks } = await client.call('listLabellingTasks', { params });
  expect(tasks.map(({ kind }) => kind).sort()).toEqual(['edit', 'pairwise', 'ranking', 'rating', 'steps']);
  expect(tasks.every(({ progress }) => progress.judged > 0)).toBe(true);
  expect((await client.call('listSnapshots', { params })).snapshots.length).toBeGreaterThanOrEqual(3);
  const { rules } = await client.call('listAlertRules', { params });
  expect(rules).toMatchObject([{ state: { incident: expect.any(String) } }]);
  expect((await client.call('listIncidents', { params })).incidents.length).toBeGreaterThan(0);
  const { experiments } = await client.call('listExperiments', { params });
  expect(experiments).toMatchObject([{ state: 'stopped', conclusion: { hold: null } }]);
  // Nobody who was simulated can call any more, and nobody has an account: the link for the first one still works.
  const { keys } = await client.call('listKeys', { params });
  expect(keys.filter(({ revokedAt }) => revokedAt === null).map(({ name }) => name)).toEqual(['test']);
  expect(await client.call('verifyAudit', { params })).toMatchObject({ intact: true });
};
