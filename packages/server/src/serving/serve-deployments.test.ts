import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { openArtifacts } from '@plaudit/store';
import { afterAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import type { Deployment } from './deployment.ts';
import { modelFolders } from './model-folders.ts';
import { PolicyService } from './policy-service.ts';
import { ScoringService } from './scoring-service.ts';
import { keepDeployments, syncDeployments } from './serve-deployments.ts';
import { item, temporaryFolder, tinyPolicy, trainLinear } from './testing.ts';

const folder = temporaryFolder();
const { store, database } = testApp(() => []);
const scoring = new ScoringService();
const policies = new PolicyService();
afterAll(async () => {
  await scoring.close();
  await policies.close();
});

describe('deployments of the store', () => {
  it('serve as the store says, from the files of their models, and follow each change', async () => {
    const directory = await trainLinear(folder, 'linear');
    const artifacts = await openArtifacts(join(folder, 'artifacts'));
    let proxy: string | null = null;
    const services = {
      ...{ scoring, policies, folderOf: modelFolders(artifacts, join(folder, 'served')) },
      proxyOf: async () => proxy,
    };
    const filesOf = async (root: string) => {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return Promise.all(
        entries
          .filter((entry) => entry.isFile())
          .map(async ({ parentPath, name }) => ({
            path: relative(root, join(parentPath, name)),
            mediaType: 'application/octet-stream',
            ...(await artifacts.put(await readFile(join(parentPath, name)))),
          })),
      );
    };
    const files = await filesOf(directory);
    const policyFiles = await filesOf(await tinyPolicy(folder));
    const policyOf = async (): Promise<string> => {
      const { id } = await store().models.register({ name: 'writer', role: 'policy', card: {} });
      await store().files.attach(id, policyFiles);
      return id;
    };
    const bundleOf = async (withFiles: boolean, more: object = {}): Promise<string> => {
      const model = await store().models.register({ name: 'rm', role: 'reward', card: {} });
      if (withFiles) await store().files.attach(model.id, files);
      const bundle = { name: 'support', rewardModel: model.id, createdBy: 'user:x', ...more };
      return (await store().bundles.create(bundle)).id;
    };
    const change = (after: number, more: object): Promise<unknown> =>
      store().deployments.change('support', { after, actor: 'user:x', reason: 'test', ...more });
    const project = store().project.id;
    const served = async () => {
      const { revision, items, arm } = await scoring.score(project, {
        model: 'support',
        items: [item('a', 'b')],
      });
      return [revision, items[0]!.version.served.version, arm];
    };

    const [first, second, empty] = [await bundleOf(true), await bundleOf(true), await bundleOf(false)];
    await change(0, { bundle: first });
    expect(await syncDeployments(services, store())).toEqual([]);
    expect(await served()).toEqual([1, 'rm@1', 'production']);

    await change(1, { bundle: first, canary: second, canaryShare: 1 });
    const kept = keepDeployments({ ...services, database: database(), every: 20 });
    await expect.poll(served, { timeout: 20_000 }).toEqual([2, 'rm@2', 'canary']);

    // A bundle whose model has no files cannot serve: what served before goes on, and the fault is told.
    await change(2, { bundle: empty });
    expect(await kept.sync()).toMatchObject([
      { deployment: 'support', revision: 3, error: { code: 'store.unknown' } },
    ]);
    expect((await served())[0]).toBe(2);

    await change(3, { bundle: second });
    await kept.sync();
    expect(await served()).toEqual([4, 'rm@2', 'production']);

    // Policies change with the bundles that they belong to, each in its own arm.
    const writes = (): (string | null)[] =>
      (['production', 'canary'] as const).map((arm) =>
        policies.has(project, 'support', arm) ? policies.find(project, 'support', arm).served.version : null,
      );
    const guardrails = { rules: [{ name: 'card', pattern: '4\\d{15}' }] };
    const [third, fourth] = [
      await bundleOf(true, { policy: await policyOf() }),
      await bundleOf(true, { policy: await policyOf(), guardrails }),
    ];
    await change(4, { bundle: third, canary: fourth, canaryShare: 0.5 });
    expect(await kept.sync()).toEqual([]);
    expect(writes()).toEqual(['writer@1', 'writer@2']);
    const [{ production, canary }] = scoring.deployed(project) as [Deployment];
    expect([production.guard, canary!.guard !== null]).toEqual([null, true]);
    await change(5, { bundle: fourth });
    await kept.sync();
    expect(writes()).toEqual(['writer@2', null]);
    await change(6, { bundle: second });
    await kept.sync();
    expect(writes()).toEqual([null, null]);

    // A proxy answers as soon as there is one, and no more once it is gone; the revision is the same.
    const proxies = (): (string | undefined)[] =>
      scoring.deployed(project).map(({ production }) => production.proxy?.served.version);
    expect(proxies()).toEqual([undefined]);
    const quick = await store().models.register({ name: 'quick', role: 'reward', card: {} });
    await store().files.attach(quick.id, files);
    proxy = quick.id;
    expect(await kept.sync()).toEqual([]);
    expect(proxies()).toEqual(['quick@1']);
    proxy = null;
    await kept.sync();
    expect(proxies()).toEqual([undefined]);
    expect(await served()).toEqual([7, 'rm@2', 'production']);
    await change(7, {});
    await kept.sync();
    expect(scoring.deployed(project)).toEqual([]);
    await kept.close();
  });
});
