/** @file Tests: what was served adds up by unit, roll-outs are one at a time, exposures stay, reviews are decided once. */
import { expect, it } from 'vitest';
import { onEmbeddedServer } from '../testing.ts';
import { all, comparisonOf } from '../testing-records.ts';
import { toStored } from './judgement-record.ts';

onEmbeddedServer(({ newStore }) => {
  const times = [0, 1, 2].map((minutes) => new Date(Date.UTC(2026, 0, 1, 12, minutes)));
  const span = { deployment: 'live', from: times[0]!, to: new Date(Date.UTC(2026, 0, 1, 13)) };

  it('counts each unit once, whatever it was served, and failures without a reward', async () => {
    let now = times[0]!;
    const store = await newStore({ now: () => now });
    const row = { deployment: 'live', arm: 'canary' as const };
    await store.observations.log([
      { ...row, unit: 'ada', reward: 1, milliseconds: 10, incident: true },
      { ...row, unit: 'ada', reward: 3, milliseconds: 30, incident: true },
      { ...row, unit: 'bob', reward: 5, milliseconds: 20 },
      { ...row, unit: 'cy', failed: true },
    ]);
    now = times[2]!;
    await store.observations.log([{ ...row, arm: 'production', reward: 0, refused: true }]);
    const [canary, production] = await store.observations.totals(span);
    expect(canary).toMatchObject({
      ...{ arm: 'canary', bundle: null, responses: 4, units: 3, failures: 1, incidents: 2, incidentUnits: 1 },
      ...{ failedUnits: 1, reward: { n: 2, mean: 3.5, variance: 4.5 }, milliseconds: { n: 2, mean: 20 } },
    });
    expect(canary!.slowest).toBeCloseTo(29.8, 10);
    expect(production).toMatchObject({ arm: 'production', units: 1, refusals: 1, slowest: null });
    const buckets = await store.observations.buckets(span, 60);
    expect(buckets.map(({ arm, responses, scored }) => [arm, responses, scored])).toEqual([
      ['canary', 4, 3],
      ['production', 1, 1],
    ]);
    expect(buckets[0]!.at).toEqual(times[0]);
    expect(buckets[0]!.quantiles![2]).toBe(3);
    expect(await store.observations.sample({ ...span, arm: 'canary' }, 2)).toHaveLength(2);
    expect(await store.observations.forget(times[1]!)).toBe(4);
    await expect(store.observations.log([{ ...row, reward: Number.NaN }])).rejects.toThrow(RangeError);
  });

  it('has one roll-out of a deployment at a time, changed by whoever saw it last', async () => {
    const store = await newStore();
    const model = await store.models.register({ name: 'm', role: 'reward', card: {} });
    const { id: canary } = await store.bundles.create({ name: 'b', rewardModel: model.id, createdBy: 'e' });
    const asked = { deployment: 'live', canary, plan: {}, state: {}, actor: 'e' };
    const { id, revision } = await store.rollOuts.start(asked);
    await expect(store.rollOuts.start(asked)).rejects.toMatchObject({ code: 'store.taken' });
    await store.rollOuts.change(id, revision, { status: 'rolled_back', state: { step: 2 } });
    await expect(
      store.rollOuts.change(id, revision, { status: 'promoted', state: {} }),
    ).rejects.toMatchObject({ code: 'store.overtaken' });
    expect(await store.rollOuts.list({ underWay: true })).toEqual([]);
    expect((await store.rollOuts.get(id)).endedAt).not.toBeNull();
    await store.rollOuts.start(asked);
  });

  it('keeps the first arm that a unit saw and marks the unit that saw two', async () => {
    const store = await newStore();
    const { id } = await store.experiments.create('x', {});
    await store.exposures.expose(id, 'ada', 'a', { covariate: 2, segments: { language: 'de' } });
    await store.exposures.expose(id, 'ada', 'a');
    await store.exposures.expose(id, 'bob', 'a');
    await store.exposures.expose(id, 'bob', 'b');
    await store.exposures.record(id, 'ada', 'reward', 1);
    await store.exposures.record(id, 'ada', 'reward', 2);
    await expect(store.exposures.record(id, 'eve', 'reward', 1)).rejects.toMatchObject({
      code: 'store.unknown',
    });
    expect(await all(store.exposures.units(id, 1))).toEqual([
      {
        ...{ unit: 'ada', arm: 'a', conflicting: false, covariate: 2, segments: { language: 'de' } },
        outcomes: { reward: 2 },
      },
      { unit: 'bob', arm: 'a', conflicting: true, covariate: null, segments: {}, outcomes: {} },
    ]);
  });

  it('lets a review be decided once', async () => {
    const store = await newStore();
    const judgement = await store.judgements.add('d', comparisonOf(1));
    const stored = toStored(comparisonOf(1));
    const asked = { prompt: stored.prompt.id, response: stored.responses[0]!.id, reasons: ['legal'] };
    const id = await store.reviews.open(asked);
    expect(await store.reviews.open(asked)).toBe(id);
    const decided = { decision: 'block' as const, actor: 'e', judgement };
    expect(await store.reviews.decide(id, decided)).toMatchObject({ state: 'decided', judgement });
    await expect(store.reviews.decide(id, decided)).rejects.toMatchObject({ code: 'store.overtaken' });
    expect(await store.reviews.open(asked)).not.toBe(id);
  });
});
