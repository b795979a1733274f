import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openArtifacts } from '@plaudit/store';
import { afterAll, describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { modelFolders } from './model-folders.ts';
import { PolicyService } from './policy-service.ts';
import { ScoringService } from './scoring-service.ts';
import { keepDeployments, syncDeployments } from './serve-deployments.ts';
import { item, temporaryFolder, trainLinear } from './testing.ts';

const folder = temporaryFolder();
const { store, database } = testApp(() => []);
const scoring = new ScoringService();
const policies = new PolicyService();
afterAll(() => scoring.close());

describe('deployments of the store', () => {
  it('serve as the store says, from the files of their models, and follow each change', async () => {
    const directory = await trainLinear(folder, 'linear');
    const artifacts = await openArtifacts(join(folder, 'artifacts'));
    const services = { scoring, policies, folderOf: modelFolders(artifacts, join(folder, 'served')) };
    const names = ['plaudit.json', 'config.json', 'model.safetensors'];
    const files = await Promise.all(
      names.map(async (path) => ({
        path,
        mediaType: 'application/octet-stream',
        ...(await artifacts.put(await readFile(join(directory, path)))),
      })),
    );
    const bundleOf = async (withFiles: boolean): Promise<string> => {
      const model = await store().models.register({ name: 'rm', role: 'reward', card: {} });
      if (withFiles) await store().files.attach(model.id, files);
      return (await store().bundles.create({ name: 'support', rewardModel: model.id, createdBy: 'user:x' }))
        .id;
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
    await change(4, {});
    await kept.sync();
    expect(scoring.deployed(project)).toEqual([]);
    await kept.close();
  });
});
