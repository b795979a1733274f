/** @file Tests: runs, models, roll-outs, labelling, the vault and the audit log keep what they are told. */
import { expect, it } from 'vitest';
import { idsInOrder } from '../ids.ts';
import { onEveryDatabase } from '../testing.ts';
import { comparisonOf } from '../testing-records.ts';
import { toStored } from './judgement-record.ts';

const newId = idsInOrder();

onEveryDatabase(({ newStore, shared }) => {
  it('takes a run from waiting to its end, resumes it, and does no finished step again', async () => {
    const store = await newStore();
    const { id } = await store.runs.create({ name: 'first', kind: 'reward.train', config: { seed: 7 } });
    await store.runs.start(id);
    expect(await store.steps.begin(id, 'features', 0)).toMatchObject({ state: 'running', attempts: 1 });
    await store.steps.finish(id, 'features', { rows: 10 });
    await store.steps.begin(id, 'train', 1);
    const checkpoint = 'ab'.repeat(32);
    await store.steps.checkpoint(id, 'train', checkpoint);
    await store.runs.end(id, { state: 'stopped' });
    await store.runs.start(id);
    expect(await store.steps.begin(id, 'features', 0)).toMatchObject({
      state: 'finished',
      result: { rows: 10 },
    });
    expect(await store.steps.begin(id, 'train', 1)).toMatchObject({
      state: 'running',
      attempts: 2,
      checkpoint,
    });
    await expect(store.steps.finish(id, 'features', {})).rejects.toMatchObject({ code: 'store.unknown' });
    await store.runs.end(id, { state: 'failed', error: 'lost a worker' });
    await expect(store.runs.end(id, { state: 'finished' })).rejects.toMatchObject({
      code: 'store.overtaken',
    });
    await store.runs.setTags(id, { owner: 'a', note: 'x' });
    await store.runs.setTags(id, { note: 'y' });
    expect(await store.runs.get(id)).toMatchObject({
      state: 'failed',
      error: 'lost a worker',
      tags: { owner: 'a', note: 'y' },
    });
    await store.runs.delete(id);
    expect(await store.runs.list()).toEqual([]);
    await store.runs.restore(id);
    expect(await store.runs.list({ kind: 'reward.train', state: 'failed' })).toHaveLength(1);
  });

  it('keeps every metric that is logged, those that are no finite number too', async () => {
    const store = await newStore();
    const { id } = await store.runs.create({ name: 'first', kind: 'reward.train', config: {} });
    const values = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 1 / 3];
    await store.metrics.log(
      id,
      values.map((value, step) => ({ name: 'loss', step, value })),
    );
    await store.metrics.log(id, [{ name: 'loss', step: 3, value: 0.25 }]);
    const history = await store.metrics.history(id, 'loss');
    expect(history.map(({ value }) => value)).toEqual([...values, 0.25]);
    const page = await store.metrics.history(id, 'loss', { after: history[2]!, limit: 1 });
    expect(page).toEqual([history[3]]);
    expect((await store.metrics.latest(id)).get('loss')).toEqual(history[4]);
  });

  it('lists what is new first, in pages', async () => {
    const store = await newStore();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push((await store.runs.create({ name: `run ${i}`, kind: 'x', config: {} })).id);
    const first = await store.runs.list({ limit: 2 });
    const second = await store.runs.list({ limit: 2, before: first[1]!.id });
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 4));
    await expect(store.runs.list({ limit: 0 })).rejects.toThrow(RangeError);
  });

  it('numbers the versions of a name, also when two are registered at once', async () => {
    const store = await newStore();
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        store.models.register({ name: 'reward', role: 'reward', card: { kind: 'linear' } }),
      ),
    );
    expect(made.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await store.models.find('reward')).version).toBe(6);
    expect((await store.models.find('reward', 2)).version).toBe(2);
    expect(await store.models.list({ role: 'policy' })).toEqual([]);
  });

  it('keeps the files of a run by path, and removes only contents that nobody has any more, in no project', async () => {
    const store = await newStore();
    const { id } = await store.runs.create({ name: 'first', kind: 'x', config: {} });
    const file = (path: string, digit: string) => ({
      path,
      digest: digit.repeat(64),
      bytes: 3,
      mediaType: 'text/plain',
    });
    await store.files.attach(id, [file('b/report.html', '1'), file('a.json', '2')]);
    await store.files.attach(id, [file('a.json', '3')]);
    expect(await store.files.of(id)).toEqual([file('a.json', '3'), file('b/report.html', '1')]);
    const other = await newStore();
    const theirs = await other.runs.create({ name: 'other', kind: 'x', config: {} });
    await other.files.attach(theirs.id, [file('a', '4')]);
    await store.files.attach(id, [file('c', '4')]);
    await store.files.attach(id, [file('c', '5')]);
    const removed: string[] = [];
    const digests = ['2', '3', '4'].map((digit) => digit.repeat(64));
    expect(await store.files.removeUnused(digests, async (one) => void removed.push(one))).toBe(1);
    expect(removed).toEqual(['2'.repeat(64)]);
    for (const path of ['../x', '/etc/passwd', 'a/../../b', '', 'a\\b', 'a/.'])
      await expect(store.files.attach(id, [file(path, '1')]), path).rejects.toThrow(RangeError);
  });

  it('deletes a model that nobody needs, whose record stays; not one that serves, is read, or carries a policy', async () => {
    const store = await newStore();
    const named = (name: string, run?: string) =>
      store.models.register({ name, role: 'reward', card: {}, ...(run !== undefined && { run }) });
    const [plain, served, read, base] = [
      await named('plain'),
      await named('served'),
      await named('read'),
      await named('base'),
    ];
    const file = { path: 'a', digest: '1'.repeat(64), bytes: 3, mediaType: 'text/plain' };
    await store.files.attach(plain.id, [file]);
    const needed = { code: 'store.model_needed' };

    const bundle = await store.bundles.create({ name: 'b', rewardModel: served.id, createdBy: 'e' });
    await expect(store.models.delete(served.id)).rejects.toMatchObject(needed);
    await store.deployments.change('live', { after: 0, bundle: bundle.id, actor: 'e', reason: 'r' });
    await store.bundles.move(bundle.id, 'draft', 'retired');
    // It has served: it may come back in one step.
    await expect(store.models.delete(served.id)).rejects.toMatchObject(needed);

    const reader = await store.runs.create({
      ...{ name: 'r', kind: 'x', config: {} },
      models: [{ id: read.id, purpose: 'teacher' }],
    });
    await expect(store.models.delete(read.id)).rejects.toMatchObject(needed);
    await store.runs.end(reader.id, { state: 'stopped' });
    await store.models.delete(read.id);

    const tuning = await store.runs.create({
      ...{ name: 't', kind: 'policy.train', config: {} },
      models: [{ id: base.id, purpose: 'policy' }],
    });
    const policy = await named('policy', tuning.id);
    await store.runs.end(tuning.id, { state: 'stopped' });
    await expect(store.models.delete(base.id)).rejects.toMatchObject(needed);
    await store.models.delete(policy.id);
    await store.models.delete(base.id);

    expect(await store.models.delete(plain.id)).toEqual([file.digest]);
    expect((await store.models.get(plain.id)).deletedAt).toBeInstanceOf(Date);
    expect(await store.files.of(plain.id)).toEqual([]);
    expect((await store.models.list()).map(({ name }) => name)).toEqual(['served']);
    for (const wrong of [
      () => store.models.delete(plain.id),
      () => store.models.find('plain'),
      () => store.models.ofRole(plain.id, 'reward'),
      () => store.bundles.create({ name: 'b', rewardModel: plain.id, createdBy: 'e' }),
      () => store.runs.create({ name: 'r', kind: 'x', config: {}, models: [{ id: plain.id, purpose: 'x' }] }),
    ])
      await expect(wrong()).rejects.toMatchObject({ code: 'store.unknown' });
  });

  it('lets one of two people deploy who decided on the same revision, and remembers what served when', async () => {
    let seconds = 0;
    const store = await newStore({ now: () => new Date(1_767_225_600_000 + 1000 * seconds++) });
    const model = await store.models.register({ name: 'reward', role: 'reward', card: {} });
    const [a, b] = [
      await store.bundles.create({ name: 'x', rewardModel: model.id, createdBy: 'e' }),
      await store.bundles.create({ name: 'x', rewardModel: model.id, createdBy: 'e' }),
    ];
    const by = { actor: 'e', reason: 'r' };
    const first = await store.deployments.change('live', { ...by, after: 0, bundle: a.id });
    const both = await Promise.allSettled([
      store.deployments.change('live', { ...by, after: 1, bundle: a.id, canary: b.id, canaryShare: 0.05 }),
      store.deployments.change('live', { ...by, after: 1, bundle: b.id }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((one): one is PromiseRejectedResult => one.status === 'rejected');
    expect(lost?.reason).toMatchObject({ code: 'store.overtaken' });
    expect((await store.deployments.current('live')).revision).toBe(2);
    expect(await store.deployments.asOf('live', first.createdAt)).toMatchObject({
      revision: 1,
      bundle: a.id,
    });
    await expect(store.deployments.asOf('live', new Date(0))).rejects.toMatchObject({
      code: 'store.unknown',
    });
    expect(await store.deployments.history('live')).toHaveLength(2);
    expect(await store.deployments.list()).toMatchObject([{ name: 'live', revision: 2 }]);
    await store.bundles.move(a.id, 'draft', 'evaluated');
    await expect(store.bundles.move(a.id, 'draft', 'evaluated')).rejects.toMatchObject({
      code: 'store.overtaken',
    });
  });

  it('fixes the plan of an experiment once it runs, and follows an incident to its end', async () => {
    const store = await newStore();
    const { id } = await store.experiments.create('canary', { arms: 2 });
    await store.experiments.plan(id, { arms: 3 });
    await store.experiments.start(id);
    await expect(store.experiments.plan(id, { arms: 4 })).rejects.toMatchObject({ code: 'store.overtaken' });
    await store.experiments.stop(id, { better: true });
    expect(await store.experiments.get(id)).toMatchObject({
      plan: { arms: 3 },
      conclusion: { better: true },
    });
    await expect(store.experiments.create('canary', {})).rejects.toMatchObject({ code: 'store.taken' });

    const incident = await store.incidents.open({ kind: 'drift', severity: 2, title: 'rewards rise' });
    await store.incidents.acknowledge(incident.id, 'reviewer');
    await store.incidents.resolve(incident.id, 'rolled back');
    await expect(store.incidents.acknowledge(incident.id, 'b')).rejects.toMatchObject({
      code: 'store.overtaken',
    });
    expect(await store.incidents.list({ state: 'resolved' })).toMatchObject([{ resolution: 'rolled back' }]);
  });

  it('assigns what is to be judged by a rubric, and takes an answer twice only when it is the same', async () => {
    const store = await newStore();
    const scale = { least: 1, most: 5 };
    const criteria = [
      { name: 'truth', description: 'is it so', scale, weight: 2 },
      { name: 'tone', description: 'is it kind', scale, weight: 1, examples: [{ text: 'x' }] },
    ];
    await store.rubrics.publish('answers', 'read both', criteria.slice(0, 1));
    const rubric = await store.rubrics.publish('answers', 'read both twice', criteria);
    expect(await store.rubrics.get('answers')).toMatchObject({
      version: 2,
      criteria: [{ name: 'truth' }, { name: 'tone', examples: [{ text: 'x' }] }],
    });
    expect((await store.rubrics.get('answers', 1)).criteria).toHaveLength(1);

    const annotator = await store.annotators.ensure('ada', 'human');
    const judgement = comparisonOf(1);
    const prompt = await store.prompts.add(judgement.prompt);
    const responses = [
      await store.prompts.addResponse(prompt, judgement.responses[1]),
      await store.prompts.addResponse(prompt, judgement.responses[0]),
    ];
    const wanted = { annotator: annotator.id, prompt, responses, rubric: rubric.id, selectedBy: 'random' };
    const [first, second] = await store.assignments.add([{ ...wanted, probability: 0.25 }, wanted]);
    expect(await store.assignments.open(annotator.id)).toMatchObject([
      { id: first, responses, probability: 0.25, purpose: 'label' },
      { id: second },
    ]);
    const id = await store.judgements.add('labels', judgement);
    await store.assignments.finish(first!, id, 12.5);
    await store.assignments.finish(first!, id, 13);
    await expect(store.assignments.skip(first!)).rejects.toMatchObject({ code: 'store.overtaken' });
    expect(await store.assignments.get(first!)).toMatchObject({
      state: 'done',
      judgement: id,
      seconds: 12.5,
    });
    await store.assignments.cancel(second!);
    expect(await store.assignments.open(annotator.id)).toEqual([]);
    const other = toStored(comparisonOf(2)).responses[0]!.id;
    await expect(store.assignments.add([{ ...wanted, responses: [other] }])).rejects.toMatchObject({
      code: 'store.unknown',
    });
  });

  it('keeps what was shown and what came of it', async () => {
    const store = await newStore();
    const prompt = await store.prompts.add([{ role: 'user', content: 'q' }]);
    const response = await store.prompts.addResponse(prompt, 'r');
    const shown = { prompt, response, position: 0, surface: 'chat', couldAnswer: true, probability: 0.5 };
    const id = newId();
    await store.impressions.log({ ...shown, id, subject: 'user 1' });
    await store.impressions.log({ ...shown, id, position: 1 });
    await store.impressions.signal(id, 'copy', { characters: 12 });
    await store.impressions.log(shown);
    expect(await store.impressions.get(id)).toMatchObject({
      position: 0,
      signals: [{ kind: 'copy', value: { characters: 12 } }],
    });
    const read = [];
    for await (const impression of store.impressions.since(new Date(0), 1))
      read.push(impression.signals.length);
    expect(read).toEqual([1, 0]);
    expect(await store.impressions.forget(new Date(0))).toBe(0);
    expect(await store.impressions.forget(new Date(Date.now() + 60_000))).toBe(2);
    await expect(store.impressions.get(id)).rejects.toMatchObject({ code: 'store.unknown' });
    await expect(store.impressions.signal(newId(), 'copy', {})).rejects.toMatchObject({
      code: 'store.unknown',
    });
  });

  it('keeps keys of people and originals under them as they were first written', async () => {
    const store = await newStore();
    const sealed = { iv: 'aXY=', tag: 'dGFn', ciphertext: 'Y2lwaGVydGV4dA==' };
    const key = { ...sealed, keyId: 'key', subject: 'EMAIL_1', masterKeyId: 'master' };
    const entry = { ...sealed, token: '<EMAIL_1>', type: 'EMAIL', subject: 'EMAIL_1', keyId: 'key' };
    const unkeyed = { ...entry, token: '<EMAIL_2>', keyId: 'shredded' };
    await store.vault.add({ keys: [key], entries: [entry, unkeyed] });
    await store.vault.add({ keys: [{ ...key, iv: 'bmV3' }], entries: [{ ...entry, iv: 'bmV3' }] });
    expect(await store.vault.entry('<EMAIL_1>')).toEqual(entry);
    expect(await store.vault.entry('<EMAIL_2>')).toBeUndefined();
    expect(await store.vault.key('key')).toEqual(key);
    expect(await store.vault.keysOf(['EMAIL_1', 'EMAIL_2'])).toEqual([key]);
    expect(await store.vault.keysOf([])).toEqual([]);
  });

  it('chains the audit log, from many writers at once, and finds the first entry that was touched', async () => {
    const database = await shared();
    const store = await newStore();
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        store.audit.append({
          actor: 'someone \ud800',
          action: 'model.promote',
          resource: `model ${i}`,
          details: { at: new Date(0), left: undefined, share: 1e21 },
        }),
      ),
    );
    expect(await store.audit.verify()).toMatchObject({ intact: true, entries: 12 });
    expect((await store.audit.entries(10)).map(({ seq }) => seq)).toEqual([11, 12]);
    expect(await store.audit.newest(100, undefined, 'model 11')).toMatchObject([{ resource: 'model 11' }]);
    expect(await store.audit.newest(100, undefined, 'promote')).toHaveLength(12);
    expect(await store.audit.newest(100, undefined, "%' or true --")).toEqual([]);
    await expect(database.pool.query('delete from audit')).rejects.toMatchObject({
      code: '23001',
    });
    const touch = async (statement: string): Promise<void> => {
      await database.pool.query('alter table audit disable trigger audit_kept');
      await database.pool.query(statement);
      await database.pool.query('alter table audit enable trigger audit_kept');
    };
    await touch(`update audit set actor = 'nobody' where seq = 5 and project = '${store.project.id}'`);
    expect(await store.audit.verify()).toEqual({ intact: false, seq: 5 });
    await touch(`delete from audit where seq = 3 and project = '${store.project.id}'`);
    expect(await store.audit.verify()).toEqual({ intact: false, seq: 3 });
  });

  it('says what is wrong without saying what was in the row', async () => {
    const store = await newStore();
    const failed = await store.runs
      .create({ name: 'secret', kind: 'x', config: { text: 'the secret \0' } })
      .catch((error: Error) => error);
    expect(failed).toMatchObject({ code: 'store.unstorable_text' });
    expect(JSON.stringify(failed) + String((failed as Error).cause)).not.toContain('secret');
  });
});
