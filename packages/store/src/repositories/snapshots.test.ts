/** @file Tests: snapshots are whole, fixed and found again, and what was made from them is known both ways. */
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { judgementId } from '../ids.ts';
import { openStore } from '../store.ts';
import { onEveryDatabase } from '../testing.ts';
import { all, comparisonOf } from '../testing-records.ts';

const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => comparisonOf(from + i));

onEveryDatabase(({ newStore, shared }) => {
  it('names a snapshot after its rows: the same rows in another data set, another order, another project', async () => {
    const database = await shared();
    const ids: string[] = [];
    for (const [project, judgements] of [
      ['in order', many(0, 300)],
      ['the other way', many(0, 300).toReversed()],
    ] as const) {
      const store = await openStore(database, { project });
      await store.judgements.import([{ judgements }], { dataset: 'votes', source: 'file', portion: 70 });
      const { id, rows } = await store.snapshots.create({ datasets: ['votes'] });
      expect(rows).toBe(300);
      ids.push(id, (await store.snapshots.create({ datasets: ['votes'] })).id);
      expect(await store.snapshots.list()).toHaveLength(1);
    }
    const sorted = many(0, 300).map(judgementId).sort();
    const expected = createHash('sha256')
      .update(['plaudit-manifest 1', ...sorted].map((line) => `${line}\n`).join(''))
      .digest('hex');
    expect(new Set(ids)).toEqual(new Set([expected]));
  });

  it('stays as it is when its data set grows, and streams its rows in the order of their ids', async () => {
    const store = await newStore();
    await store.judgements.import([{ judgements: many(0, 40) }], { dataset: 'votes', source: 'a' });
    const first = await store.snapshots.create({ datasets: ['votes'] });
    await store.judgements.import([{ judgements: many(40, 60) }], { dataset: 'votes', source: 'b' });
    const second = await store.snapshots.create({ datasets: ['votes'] }, { parent: first.id });
    expect(second).toMatchObject({ rows: 60, parent: first.id });
    const rows = await all(store.snapshots.rows(first.id));
    expect(rows.map(judgementId)).toEqual(many(0, 40).map(judgementId).sort());
    expect(await all(store.snapshots.rowIds(first.id))).toEqual(rows.map(judgementId));
    expect(new Set(rows.map(judgementId))).toEqual(new Set(many(0, 40).map(judgementId)));
  });

  it('takes what is asked for, and leaves out what was taken back', async () => {
    const store = await newStore();
    const german = comparisonOf(100, { provenance: { source: 'x', language: 'de' }, criterion: 'tone' });
    const label = {
      kind: 'label' as const,
      prompt: german.prompt,
      response: 'yes',
      desirable: true,
      provenance: { source: 'y' },
    };
    await store.judgements.import([{ judgements: [...many(0, 10), german, label] }], {
      dataset: 'mixed',
      source: 'a',
    });
    const { id: second } = await store.judgements.import([{ judgements: many(10, 15) }], {
      dataset: 'mixed',
      source: 'b',
    });
    await store.judgements.import([{ judgements: many(20, 22) }], { dataset: 'other', source: 'c' });
    await store.judgements.retract(judgementId(comparisonOf(0)), { actor: 'annotator 0' });
    const rowsOf = async (query: Parameters<typeof store.snapshots.create>[0]): Promise<number> =>
      (await store.snapshots.create(query)).rows;
    expect(await rowsOf({ datasets: ['mixed'] })).toBe(16);
    expect(await rowsOf({ datasets: ['mixed', 'other'] })).toBe(18);
    expect(await rowsOf({ datasets: ['mixed'], kinds: ['label'] })).toBe(1);
    expect(await rowsOf({ datasets: ['mixed'], languages: ['de'], criteria: ['tone'] })).toBe(1);
    expect(await rowsOf({ datasets: ['mixed'], sources: ['x', 'y'] })).toBe(2);
    expect(await rowsOf({ datasets: ['mixed'], imports: [second] })).toBe(5);
    await expect(rowsOf({ datasets: ['mixed'], languages: ['xx'] })).rejects.toMatchObject({
      code: 'store.empty_snapshot',
    });
    await expect(rowsOf({ datasets: ['nowhere'] })).rejects.toMatchObject({ code: 'store.unknown' });
  });

  it('tells two snapshots apart row by row', async () => {
    const store = await newStore();
    await store.judgements.import([{ judgements: many(0, 50) }], { dataset: 'a', source: 'a' });
    await store.judgements.import([{ judgements: many(20, 90) }], { dataset: 'b', source: 'b' });
    const [a, b] = [
      await store.snapshots.create({ datasets: ['a'] }),
      await store.snapshots.create({ datasets: ['b'] }),
    ];
    const diff = await store.snapshots.diff(a.id, b.id);
    expect(diff).toMatchObject({ added: 40, removed: 20, kept: 30 });
    expect(await all(diff.addedRows())).toEqual(many(50, 90).map(judgementId).sort());
    expect(await all(diff.removedRows())).toEqual(many(0, 20).map(judgementId).sort());
  });

  it('points tags at snapshots, finds snapshots by them, and moves them', async () => {
    const store = await newStore();
    await store.judgements.import([{ judgements: many(0, 5) }], { dataset: 'a', source: 'a' });
    const first = await store.snapshots.create({ datasets: ['a'] });
    await store.judgements.add('a', comparisonOf(5));
    const second = await store.snapshots.create({ datasets: ['a'] });
    await store.tags.set('release', first.id);
    expect((await store.snapshots.find('release')).id).toBe(first.id);
    await store.tags.set('release', second.id);
    expect((await store.snapshots.find('release')).id).toBe(second.id);
    expect(await store.tags.list()).toMatchObject([{ name: 'release', snapshot: second.id }]);
    await store.tags.remove('release');
    await expect(store.snapshots.find('release')).rejects.toMatchObject({ code: 'store.unknown' });
    await expect(store.tags.set('x', 'f'.repeat(64))).rejects.toMatchObject({ code: 'store.unknown' });
    for (const name of ['', ' x', 'a\nb', 'x'.repeat(201)])
      await expect(store.tags.set(name, first.id)).rejects.toMatchObject({ code: 'store.bad_name' });
  });

  it('knows from a row to the deployment and from a bundle back to the snapshots, through models that trained models', async () => {
    const store = await newStore();
    await store.judgements.import([{ judgements: many(0, 8) }], { dataset: 'a', source: 'a' });
    const snapshot = await store.snapshots.create({ datasets: ['a'] });
    await store.judgements.add('a', comparisonOf(9));
    const later = await store.snapshots.create({ datasets: ['a'] });
    const training = await store.runs.create({
      name: 'train',
      kind: 'reward.train',
      config: { seed: 1 },
      snapshots: [{ id: snapshot.id, purpose: 'train' }],
    });
    const reward = await store.models.register({
      name: 'reward',
      role: 'reward',
      run: training.id,
      card: {},
    });
    const base = await store.models.register({ name: 'base', role: 'reference', card: {} });
    const optimising = await store.runs.create({
      name: 'optimise',
      kind: 'policy.train',
      config: {},
      models: [
        { id: reward.id, purpose: 'reward' },
        { id: base.id, purpose: 'base' },
      ],
    });
    const policy = await store.models.register({
      name: 'policy',
      role: 'policy',
      run: optimising.id,
      card: {},
    });
    const bundle = await store.bundles.create({
      name: 'assistant',
      rewardModel: reward.id,
      policy: policy.id,
      createdBy: 'engineer',
    });
    await store.deployments.change('live', {
      after: 0,
      bundle: bundle.id,
      actor: 'engineer',
      reason: 'first',
    });

    const down = {
      runs: [training.id, optimising.id].toSorted(),
      models: [reward.id, policy.id].toSorted(),
      bundles: [bundle.id],
      deployments: ['live'],
    };
    const row = judgementId(comparisonOf(3));
    const ofRow = await store.lineage.downstream({ row });
    expect(ofRow).toEqual({ ...down, snapshots: [later.id, snapshot.id] });
    expect(await store.lineage.downstream({ snapshot: snapshot.id })).toEqual({
      ...down,
      snapshots: [snapshot.id],
    });
    expect(await store.lineage.downstream({ snapshot: later.id })).toMatchObject({ runs: [], bundles: [] });
    expect(await store.lineage.upstream({ bundle: bundle.id })).toEqual({
      snapshots: [snapshot.id],
      runs: down.runs,
      models: [reward.id, policy.id, base.id].toSorted(),
    });
    expect(await store.snapshots.containing(judgementId(comparisonOf(9)))).toEqual([later.id]);
  });
});
