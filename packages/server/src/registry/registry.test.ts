/** @file Tests: no bundle serves that did not pass its gates, and what served before comes back in one step. */
import type { Judgement } from '@plaudit/contract';
import { describe, expect, it } from 'vitest';
import { testApp } from '../testing.ts';
import { approve, requireModelUnused, retire } from './bundle-life.ts';
import { checkParity, recordGolden } from './golden.ts';
import { passGates, promote, rollBack, setShadow } from './promotion.ts';
import { registryRoutes } from './routes.ts';
import { bundleStates, mayBecome } from './states.ts';
import { evaluatedBundle, openByCard, registryServices, storedItems } from './testing.ts';

const services = registryServices();
const { store, request } = testApp(() => registryRoutes(services));
const by = { actor: 'user:bob', reason: 'better' };

describe('states', () => {
  it('lead to production only through an evaluation', () => {
    const reach = (without: string): Set<string> => {
      const seen = new Set(['draft']);
      for (let before = 0; before < seen.size; ) {
        before = seen.size;
        for (const from of [...seen])
          for (const to of bundleStates) if (to !== without && mayBecome(from as never, to)) seen.add(to);
      }
      return seen;
    };
    expect(reach('none')).toContain('production');
    // A draft that is thrown away is retired, and no deployment ever had it: nothing could be rolled back to it.
    expect([...reach('evaluated')].sort()).toEqual(['draft', 'production', 'retired', 'rolled_back']);
  });
});

describe('golden scores', () => {
  it('fix what a bundle says, and find another template, another scale and texts that are gone', async () => {
    const bundle = await evaluatedBundle(store(), 'parity');
    const opened = await openByCard(store(), bundle);
    expect(await checkParity(store(), bundle, opened)).toMatchObject({ passed: true, items: 12, largest: 0 });
    const moved = { ...opened, score: async () => await opened.score([]) };
    await expect(checkParity(store(), bundle, moved)).rejects.toThrow();
    const scaled: typeof opened = {
      ...opened,
      score: async (items) => (await opened.score(items)).map((of) => of.map((score) => 1.05 * score)),
    };
    expect(await checkParity(store(), bundle, scaled)).toMatchObject({ passed: false });
    const wild: typeof opened = {
      ...opened,
      score: async (items) => items.map(({ responses }) => responses.map(() => Number.NaN)),
    };
    expect(await checkParity(store(), bundle, wild)).toMatchObject({ passed: false });
    expect(await checkParity(store(), bundle, { ...opened, formattingDigest: 'other' })).toMatchObject({
      passed: false,
      sameFormatting: false,
    });
    await expect(
      recordGolden(store(), bundle, opened, await storedItems(store()), 'e'),
    ).rejects.toMatchObject({
      code: 'registry.golden_fixed',
    });
  });

  it('are too few below eight', async () => {
    const model = await store().models.register({ name: 'few', role: 'reward', card: {} });
    const bundle = await store().bundles.create({ name: 'few', rewardModel: model.id, createdBy: 'e' });
    const opened = await openByCard(store(), bundle);
    await expect(
      recordGolden(store(), bundle, opened, await storedItems(store(), 2), 'e'),
    ).rejects.toMatchObject({ code: 'registry.few_golden' });
  });
});

describe('an evaluation', () => {
  const comparisons = (count: number): Judgement[] =>
    Array.from({ length: count }, (_, i) => ({
      kind: 'comparison',
      prompt: [{ role: 'user', content: `asked ${i}` }],
      // Models of these tests like what is long; people here prefer it four times in five.
      responses: [`a long answer to ${i}`, 'short'],
      outcome: i % 5 === 0 ? 'b' : 'a',
      provenance: { source: 'test' },
    }));
  const snapshotOf = async (name: string, rows: Judgement[]): Promise<string> => {
    await store().judgements.import([{ judgements: rows }], { dataset: name, source: name });
    return (await store().snapshots.create({ datasets: [name] })).id;
  };
  const draft = async (name: string, trainedOn: string) => {
    const run = await store().runs.create({
      ...{ name, kind: 'reward.train', config: {} },
      snapshots: [{ id: trainedOn, purpose: 'train' }],
    });
    const model = await store().models.register({ name, role: 'reward', run: run.id, card: {} });
    return store().bundles.create({ name, rewardModel: model.id, createdBy: 'user:ada' });
  };

  it('says how often people agree, on the same prompts for every bundle, and what it was trained on', async () => {
    const rows = comparisons(40);
    const [some, all] = [await snapshotOf('some', rows.slice(0, 10)), await snapshotOf('all', rows)];
    const bundle = await draft('judged', some);
    const url = `/v1/projects/test/bundles/${bundle.id}/evaluate`;
    const { status, body } = await request('engineer', 'POST', url, { snapshot: all });
    expect(status).toBe(200);
    expect(body).toMatchObject({ comparisons: 40, accuracy: 0.8, alsoTrainedOn: 10 });
    expect(body.interval[0]).toBeGreaterThan(0.6);
    expect((await store().bundles.get(bundle.id)).state).toBe('evaluated');
    expect(
      await passGates(services, store(), await store().bundles.get(bundle.id), { actor: 'user:bob' }),
    ).toMatchObject({
      parity: { passed: true, items: 80 },
    });

    const other = await draft('judged too', all);
    const [one, two] = await Promise.all(
      [bundle, other].map(({ id }) =>
        request('engineer', 'POST', `/v1/projects/test/bundles/${id}/evaluate`, { snapshot: all, limit: 7 }),
      ),
    );
    expect(one!.body).toMatchObject({ comparisons: 7, accuracy: two!.body.accuracy });
  });

  it('is refused on a snapshot with too few comparisons, and leaves the bundle a draft', async () => {
    const few = await snapshotOf('few rows', comparisons(2));
    const bundle = await draft('unjudged', few);
    const url = `/v1/projects/test/bundles/${bundle.id}/evaluate`;
    const { body } = await request('engineer', 'POST', url, { snapshot: few });
    expect(body.error.code).toBe('registry.few_golden');
    expect((await store().bundles.get(bundle.id)).state).toBe('draft');
  });
});

describe('promotion', () => {
  it('moves the pointer, the states and the audit log together, and refuses whoever decided on an older revision', async () => {
    const [first, second] = [await evaluatedBundle(store(), 'p1'), await evaluatedBundle(store(), 'p2')];
    await promote(services, store(), first.id, { deployment: 'live', after: 0, ...by });
    const before = new Date();
    const made = await promote(services, store(), second.id, { deployment: 'live', after: 1, ...by });
    expect(made).toMatchObject({ revision: 2, bundle: second.id, canaryShare: 0 });
    expect((await store().bundles.get(first.id)).state).toBe('retired');
    expect((await store().bundles.get(second.id)).state).toBe('production');
    expect((await store().deployments.asOf('live', before)).bundle).toBe(first.id);
    const third = await evaluatedBundle(store(), 'p3');
    await expect(
      promote(services, store(), third.id, { deployment: 'live', after: 1, ...by }),
    ).rejects.toMatchObject({ code: 'store.overtaken' });
    expect((await store().bundles.get(third.id)).state).toBe('evaluated');
    const entries = await store().audit.entries(0, 1000);
    expect(entries.filter(({ action }) => action === 'deployment.promote')).toHaveLength(2);
    expect(await store().audit.verify()).toMatchObject({ intact: true });
    expect(services.announced).toEqual(['live', 'live']);
  });

  it('lets one of two that promote at the same time win', async () => {
    const bundles = [await evaluatedBundle(store(), 'r1'), await evaluatedBundle(store(), 'r2')];
    const done = await Promise.allSettled(
      bundles.map(({ id }) => promote(services, store(), id, { deployment: 'race', after: 0, ...by })),
    );
    expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await store().deployments.history('race')).toHaveLength(1);
  });

  it('asks for evaluation, parity and, where the project says so, a second pair of eyes', async () => {
    const strict = registryServices({ fourEyes: true });
    const bundle = await evaluatedBundle(store(), 'eyes');
    await expect(passGates(strict, store(), bundle, { actor: 'user:bob' })).rejects.toMatchObject({
      code: 'registry.approval_missing',
    });
    await expect(
      approve(store(), bundle, { actor: 'key:1', person: 'user:ada' }, 'mine'),
    ).rejects.toMatchObject({
      code: 'registry.own_approval',
    });
    await approve(store(), bundle, { actor: 'key:2', person: 'user:bob' }, 'read it');
    for (const by of [{ actor: 'user:bob' }, { actor: 'key:3', person: 'user:bob' }])
      await expect(passGates(strict, store(), bundle, by)).rejects.toMatchObject({
        code: 'registry.approval_missing',
      });
    expect(await passGates(strict, store(), bundle, { actor: 'user:cy' })).toMatchObject({
      approvals: ['user:bob'],
    });
    const model = await store().models.register({ name: 'm', role: 'reward', card: {} });
    const draft = await store().bundles.create({ name: 'd', rewardModel: model.id, createdBy: 'e' });
    await expect(
      promote(services, store(), draft.id, { deployment: 'x', after: 0, ...by }),
    ).rejects.toMatchObject({
      code: 'registry.bad_transition',
    });
    const broken = await evaluatedBundle(store(), 'gone');
    await expect(
      promote(
        {
          ...services,
          openBundle: async (s, b) => ({
            ...(await openByCard(s, b)),
            score: async (items) => items.map(({ responses }) => responses.map(() => 1)),
          }),
        },
        store(),
        broken.id,
        { deployment: 'x', after: 0, ...by },
      ),
    ).rejects.toMatchObject({ code: 'registry.parity_failed' });
    expect((await store().bundleRecords.of(broken.id, 'parity'))[0]!.document).toMatchObject({
      passed: false,
    });
  });
});

describe('roll-back', () => {
  it('loads the last good bundle before it serves again, and passes over one that was itself taken away', async () => {
    const [a, b, c] = [
      await evaluatedBundle(store(), 'back a'),
      await evaluatedBundle(store(), 'back b'),
      await evaluatedBundle(store(), 'back c'),
    ];
    const at = (after: number) => ({ deployment: 'back', after, ...by });
    await promote(services, store(), a.id, at(0));
    await promote(services, store(), b.id, at(1));
    expect((await rollBack(services, store(), at(2))).bundle).toBe(a.id);
    expect((await store().bundles.get(b.id)).state).toBe('rolled_back');
    await promote(services, store(), c.id, at(3));
    const cannotLoad = { ...services, openBundle: async () => Promise.reject(new Error('gone')) };
    await expect(rollBack(cannotLoad, store(), at(4))).rejects.toThrow('gone');
    expect((await store().deployments.current('back')).bundle).toBe(c.id);
    expect((await rollBack(services, store(), at(4))).bundle).toBe(a.id);
    await expect(rollBack(services, store(), at(5))).rejects.toMatchObject({
      code: 'registry.nothing_to_roll_back',
    });
  });

  it('keeps the shadow, and a shadow goes back to evaluated when it ends', async () => {
    const [live, shadow] = [await evaluatedBundle(store(), 'sh live'), await evaluatedBundle(store(), 'sh')];
    const at = (after: number) => ({ deployment: 'shadowed', after, ...by });
    await promote(services, store(), live.id, at(0));
    expect(await setShadow(services, store(), shadow.id, at(1))).toMatchObject({
      shadow: shadow.id,
      bundle: live.id,
    });
    expect((await store().bundles.get(shadow.id)).state).toBe('shadow');
    expect(await setShadow(services, store(), null, at(2))).toMatchObject({ shadow: null });
    expect((await store().bundles.get(shadow.id)).state).toBe('evaluated');
  });
});

describe('what is live', () => {
  it('cannot be retired, and neither can the reward model that a live policy was trained against be taken', async () => {
    const live = await evaluatedBundle(store(), 'kept');
    await promote(services, store(), live.id, { deployment: 'kept', after: 0, ...by });
    await expect(retire(store(), await store().bundles.get(live.id), 'e')).rejects.toMatchObject({
      code: 'registry.in_use',
    });
    await expect(requireModelUnused(store(), live.rewardModel)).rejects.toMatchObject({
      code: 'registry.in_use',
    });
    const judge = await store().models.register({ name: 'trainer rm', role: 'reward', card: {} });
    const run = await store().runs.create({ name: 'ppo', kind: 'policy.train', config: {} });
    await store().runs.addInputs(run.id, { models: [{ id: judge.id, purpose: 'reward' }] });
    const policy = await store().models.register({ name: 'pi', role: 'policy', run: run.id, card: {} });
    await requireModelUnused(store(), judge.id);
    const bundle = await store().bundles.create({
      name: 'with policy',
      rewardModel: live.rewardModel,
      policy: policy.id,
      createdBy: 'user:ada',
    });
    await store().deployments.change('with policy', { after: 0, bundle: bundle.id, actor: 'e', reason: 'r' });
    await expect(requireModelUnused(store(), judge.id)).rejects.toMatchObject({ code: 'registry.in_use' });
  });
});

describe('over HTTP', () => {
  it('goes from draft to production and back, with a card that says what is not known', async () => {
    const model = await store().models.register({
      name: 'http *rm*',
      role: 'reward',
      card: { metrics: { accuracy: 0.75 } },
    });
    const made = await request('engineer', 'POST', '/v1/projects/test/bundles', {
      name: 'http',
      rewardModel: model.id,
    });
    expect(made.status).toBe(201);
    const url = `/v1/projects/test/bundles/${made.body.id}`;
    const card = await request('viewer', 'GET', `${url}/card`);
    expect(card.body.markdown).toContain('It has not been evaluated.');
    expect(card.body.markdown).toContain('http \\*rm\\*');
    expect(
      (await request('engineer', 'POST', `${url}/golden`, { items: await storedItems(store()) })).body,
    ).toMatchObject({ items: 12 });
    expect(
      (await request('engineer', 'POST', `${url}/evaluation`, { document: { accuracy: 0.75 } })).body.state,
    ).toBe('evaluated');
    expect((await request('engineer', 'POST', `${url}/parity`)).body).toMatchObject({ passed: true });
    expect((await request('reviewer', 'POST', `${url}/approvals`, { reason: 'fine' })).status).toBe(204);
    const to = '/v1/projects/test/deployments/http';
    expect(
      (await request('viewer', 'POST', `${to}/promote`, { bundle: made.body.id, after: 0, reason: 'r' }))
        .status,
    ).toBe(403);
    const promoted = await request('engineer', 'POST', `${to}/promote`, {
      bundle: made.body.id,
      after: 0,
      reason: 'r',
    });
    expect(promoted.body).toMatchObject({ revision: 1, bundle: made.body.id });
    expect((await request('viewer', 'GET', `${to}?asOf=2020-01-01T00:00:00Z`)).status).toBe(404);
    expect((await request('viewer', 'GET', to)).body.bundle).toBe(made.body.id);
    expect((await request('viewer', 'GET', `${to}/history`)).body.revisions).toHaveLength(1);
    expect((await request('viewer', 'GET', url)).body).toMatchObject({ deployments: ['http'] });
    expect((await request('engineer', 'POST', `${to}/roll-back`, { after: 1, reason: 'r' })).status).toBe(
      409,
    );
    expect((await request('engineer', 'POST', `${url}/retire`)).status).toBe(409);
    expect((await request('stranger', 'GET', url)).status).toBe(403);
  });
});
