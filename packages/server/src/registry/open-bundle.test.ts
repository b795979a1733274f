/** @file Tests: a real bundle scores as it was recorded, another model in its place does not, and one that is gone is not promoted. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder, trainLinear } from '../serving/testing.ts';
import { testApp } from '../testing.ts';
import { recordEvaluation } from './bundle-life.ts';
import { recordGolden } from './golden.ts';
import { openFromFolders } from './open-bundle.ts';
import { loadAndCompare, promote } from './promotion.ts';
import { registryServices, storedItems } from './testing.ts';

const folder = temporaryFolder();
const { store } = testApp(() => []);

it('loads the models of a bundle before anything depends on them', async () => {
  await trainLinear(folder, 'one', 1);
  await trainLinear(folder, 'two', 2);
  let serves = 'one';
  const openBundle = openFromFolders(async () => join(folder, serves));
  const model = await store().models.register({ name: 'linear', role: 'reward', card: {} });
  const draft = await store().bundles.create({ name: 'real', rewardModel: model.id, createdBy: 'user:ada' });
  const opened = await openBundle(store(), draft);
  await recordGolden(store(), draft, opened, await storedItems(store()), 'user:ada');
  await opened.close();
  await recordEvaluation(store(), draft, 'user:ada', {});
  const bundle = await store().bundles.get(draft.id);
  expect(await loadAndCompare(openBundle, store(), bundle)).toMatchObject({
    passed: true,
    largest: 0,
    items: 12,
  });
  serves = 'two';
  expect(await loadAndCompare(openBundle, store(), bundle)).toMatchObject({ passed: false });
  serves = 'one';
  const services = { ...registryServices(), openBundle };
  const change = { deployment: 'real', after: 0, actor: 'user:bob', reason: 'r' };
  await rename(join(folder, 'one'), join(folder, 'moved'));
  await expect(promote(services, store(), bundle.id, change)).rejects.toThrow();
  expect(await store().deployments.history('real')).toEqual([]);
  await rename(join(folder, 'moved'), join(folder, 'one'));
  expect(await promote(services, store(), bundle.id, change)).toMatchObject({
    revision: 1,
    bundle: bundle.id,
  });
});
