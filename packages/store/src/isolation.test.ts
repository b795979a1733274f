/** @file Tests: a store of one project can neither read, change nor point at anything of another. */
import { expect, it } from 'vitest';
import { toStored } from './repositories/judgement-record.ts';
import type { Store } from './store.ts';
import { onEveryDatabase } from './testing.ts';
import { all, comparisonOf } from './testing-records.ts';

const judgement = comparisonOf(1);
const scale = { least: 0, most: 1 };
const sealed = { iv: 'aXY=', tag: 'dGFn', ciphertext: 'Y2lwaGVydGV4dA==' };
const vaultKey = { ...sealed, keyId: 'key', subject: 'person', masterKeyId: 'master' };
const vaultEntry = { ...sealed, token: '<PERSON_1>', type: 'PERSON', subject: 'person', keyId: 'key' };
const file = { path: 'a', digest: '1'.repeat(64), bytes: 1, mediaType: 'text/plain' };

const span = { deployment: 'theirs', from: new Date(0), to: new Date('2100-01-01') };

/** Fills a project with one of everything, under names that the other project does not use. */
const fill = async (store: Store) => {
  const row = await store.judgements.add('theirs', judgement, ['person']);
  const snapshot = (await store.snapshots.create({ datasets: ['theirs'] })).id;
  await store.tags.set('theirs', snapshot);
  const stored = toStored(judgement);
  const [prompt, response] = [stored.prompt.id, stored.responses[0]!.id];
  const rubric = (
    await store.rubrics.publish('theirs', 'g', [{ name: 'c', description: '', scale, weight: 1 }])
  ).id;
  const annotator = (await store.annotators.ensure('theirs', 'human')).id;
  const [assignment] = await store.assignments.add([
    { annotator, prompt, responses: [response], selectedBy: 'r' },
  ]);
  const runGroup = (await store.runGroups.create('theirs')).id;
  const run = (await store.runs.create({ name: 'theirs', kind: 'k', config: {}, group: runGroup })).id;
  await store.metrics.log(run, [{ name: 'loss', step: 0, value: 1 }]);
  await store.steps.begin(run, 'step', 0);
  await store.files.attach(run, [file]);
  const model = (await store.models.register({ name: 'theirs', role: 'reward', run, card: {} })).id;
  const bundle = (await store.bundles.create({ name: 'theirs', rewardModel: model, createdBy: 'e' })).id;
  await store.deployments.change('theirs', { after: 0, bundle, actor: 'e', reason: 'r' });
  const experiment = (await store.experiments.create('theirs', {})).id;
  const incident = (await store.incidents.open({ kind: 'k', severity: 1, title: 't' })).id;
  await store.audit.append({ actor: 'e', action: 'a', resource: 'r' });
  await store.vault.add({ keys: [vaultKey], entries: [vaultEntry] });
  const shown = { prompt, response, position: 0, surface: 's', couldAnswer: true };
  const impression = await store.impressions.log({ ...shown, subject: 'person' });
  await store.impressions.signal(impression, 'copy', {});
  await store.keptAnswers.open('theirs', 'b'.repeat(64));
  await store.keptAnswers.keep('theirs', { theirs: true });
  const task = await store.labelling.create(
    {
      ...{ name: 'theirs', kind: 'rating', rubric, dataset: 'theirs', redundancy: 1 },
      ...{ settings: {}, annotators: [annotator], createdBy: 'e' },
    },
    [{ prompt, responses: [response], purpose: 'label', selectedBy: 'r' }],
  );
  const [showing] = await store.labelling.claim(claimOf(task, annotator));
  await store.bundleRecords.add(bundle, { kind: 'golden', actor: 'e', document: {} });
  const rollOut = (
    await store.rollOuts.start({ deployment: 'theirs', canary: bundle, plan: {}, state: {}, actor: 'e' })
  ).id;
  await store.observations.log([{ deployment: 'theirs', arm: 'canary', bundle, reward: 1 }]);
  await store.exposures.expose(experiment, 'u', 'a');
  await store.exposures.record(experiment, 'u', 'reward', 1);
  const alertRule = (await store.alertRules.create('theirs', {}, 'e')).id;
  const review = await store.reviews.open({ prompt, response, reasons: ['legal'] });
  return {
    ...{ rollOut, alertRule, review },
    ...{ task, item: showing!.item, showing: showing!.id },
    ...{ row, snapshot, prompt, response, rubric, annotator, assignment: assignment!, run, model, bundle },
    ...{ runGroup, experiment, incident, impression },
  };
};

const claimOf = (task: string, annotator: string) => ({
  ...{ task, annotator, open: 1, purposeOf: () => 'label' as const, orderOf: () => [0], lease: 60 },
});

const nothing = async (found: Promise<unknown> | AsyncGenerator<unknown>): Promise<void> => {
  const value = found instanceof Promise ? await found : await all(found);
  const empty = value === undefined || value === false || (value instanceof Map && value.size === 0);
  if (!empty) expect(value).toEqual([]);
};
const refused = async (asked: Promise<unknown> | AsyncGenerator<unknown>): Promise<void> => {
  const code = await (asked instanceof Promise ? asked : all(asked)).then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );
  expect(code).toMatch(/^store\.(unknown|overtaken)$/);
};
/** Makes something of its own, which the comparison of all rows before and after then shows to be elsewhere. */
const elsewhere = async (made: Promise<unknown>): Promise<void> => void (await made);

type Ids = Awaited<ReturnType<typeof fill>>;

/** One line for every method of a store, called with the other project's ids and names. */
const attempts = (us: Store, their: Ids): Record<string, () => Promise<void>> => ({
  'alertRules.change': () => refused(us.alertRules.change(their.alertRule, {})),
  'alertRules.create': () => elsewhere(us.alertRules.create('theirs', {}, 'e')),
  'alertRules.get': () => refused(us.alertRules.get(their.alertRule)),
  'alertRules.list': () => nothing(us.alertRules.list()),
  'alertRules.remember': () => refused(us.alertRules.remember(their.alertRule, {})),
  'alertRules.remove': () => refused(us.alertRules.remove(their.alertRule)),
  'alertRules.silence': () => refused(us.alertRules.silence(their.alertRule, null)),
  'annotators.ensure': () => elsewhere(us.annotators.ensure('theirs', 'human')),
  'annotators.get': () => refused(us.annotators.get('annotator 1')),
  'annotators.list': () => nothing(us.annotators.list()),
  'annotators.pause': () => refused(us.annotators.pause('annotator 1', 'x')),
  'annotators.resume': () => refused(us.annotators.resume('annotator 1')),
  'assignments.add': async () => {
    const own = await us.prompts.add([{ role: 'user', content: 'ours' }]);
    const responses = [await us.prompts.addResponse(own, 'ours')];
    const wanted = { annotator: their.annotator, prompt: own, responses, selectedBy: 'r' };
    await refused(us.assignments.add([wanted]));
    await refused(us.assignments.add([{ ...wanted, responses: [their.response] }]));
  },
  'assignments.cancel': () => refused(us.assignments.cancel(their.assignment)),
  'assignments.finish': () => refused(us.assignments.finish(their.assignment, their.row)),
  'assignments.get': () => refused(us.assignments.get(their.assignment)),
  'assignments.open': () => nothing(us.assignments.open(their.annotator)),
  'assignments.skip': () => refused(us.assignments.skip(their.assignment)),
  'audit.append': () => elsewhere(us.audit.append({ actor: 'e', action: 'a', resource: 'r' })),
  'audit.entries': () => nothing(us.audit.entries()),
  'audit.newest': () => nothing(us.audit.newest()),
  'audit.verify': async () => expect(await us.audit.verify()).toMatchObject({ entries: 0 }),
  'bundleRecords.add': () =>
    refused(us.bundleRecords.add(their.bundle, { kind: 'golden', actor: 'e', document: {} })),
  'bundleRecords.of': () => nothing(us.bundleRecords.of(their.bundle)),
  'bundles.create': () => refused(us.bundles.create({ name: 'x', rewardModel: their.model, createdBy: 'e' })),
  'bundles.find': () => refused(us.bundles.find('theirs')),
  'bundles.get': () => refused(us.bundles.get(their.bundle)),
  'bundles.list': () => nothing(us.bundles.list()),
  'bundles.move': () => refused(us.bundles.move(their.bundle, 'draft', 'production')),
  'datasets.create': () => elsewhere(us.datasets.create('theirs')),
  'datasets.ensure': () => elsewhere(us.datasets.ensure('theirs')),
  'datasets.get': () => refused(us.datasets.get('theirs')),
  'datasets.imports': () => refused(us.datasets.imports('theirs')),
  'datasets.list': () => nothing(us.datasets.list()),
  'deployments.asOf': () => refused(us.deployments.asOf('theirs', new Date())),
  'deployments.change': async () => {
    const by = { actor: 'e', reason: 'r', bundle: their.bundle };
    await refused(us.deployments.change('theirs', { ...by, after: 0 }));
    await refused(us.deployments.change('theirs', { ...by, after: 1 }));
  },
  'deployments.current': () => refused(us.deployments.current('theirs')),
  'deployments.history': () => nothing(us.deployments.history('theirs')),
  'deployments.list': () => nothing(us.deployments.list()),
  'erase.of': () => nothing(us.erase.of('person')),
  'erase.subject': async () =>
    expect(await us.erase.subject('person', { actor: 'e', reason: 'r' })).toMatchObject({
      ...{ judgements: 0, prompts: 0, responses: 0, annotators: 0, impressions: 0, vaultKeys: 0 },
      snapshots: [],
    }),
  'experiments.create': () => elsewhere(us.experiments.create('theirs', {})),
  'experiments.get': () => refused(us.experiments.get(their.experiment)),
  'experiments.list': () => nothing(us.experiments.list()),
  'experiments.plan': () => refused(us.experiments.plan(their.experiment, { a: 1 })),
  'experiments.start': () => refused(us.experiments.start(their.experiment)),
  'experiments.stop': () => refused(us.experiments.stop(their.experiment, {})),
  'files.attach': () => refused(us.files.attach(their.run, [file])),
  'files.detach': () => refused(us.files.detach(their.run, file.path)),
  'files.of': () => refused(us.files.of(their.run)),
  'files.removeUnused': async () => {
    const removed: string[] = [];
    await us.files.removeUnused([file.digest], async (digest) => void removed.push(digest));
    expect(removed).toEqual([]);
  },
  'impressions.forget': async () => expect(await us.impressions.forget(new Date(8.64e15))).toBe(0),
  'impressions.get': () => refused(us.impressions.get(their.impression)),
  'impressions.log': () =>
    refused(
      us.impressions.log({
        ...{ prompt: their.prompt, response: their.response, position: 0, surface: 's', couldAnswer: true },
      }),
    ),
  'impressions.signal': () => refused(us.impressions.signal(their.impression, 'copy', {})),
  'impressions.since': () => nothing(us.impressions.since(new Date(0))),
  'incidents.acknowledge': () => refused(us.incidents.acknowledge(their.incident, 'e')),
  'incidents.get': () => refused(us.incidents.get(their.incident)),
  'incidents.list': () => nothing(us.incidents.list()),
  'incidents.open': () => elsewhere(us.incidents.open({ kind: 'k', severity: 1, title: 't' })),
  'incidents.resolve': () => refused(us.incidents.resolve(their.incident, 'x')),
  'judgements.add': () => elsewhere(us.judgements.add('theirs', comparisonOf(9))),
  'judgements.get': () => refused(us.judgements.get(their.row)),
  'judgements.import': () =>
    elsewhere(us.judgements.import([{ judgements: [comparisonOf(8)] }], { dataset: 'theirs', source: 's' })),
  'judgements.ofPrompt': () => nothing(us.judgements.ofPrompt(their.prompt)),
  'judgements.page': () => refused(us.judgements.page('theirs')),
  'judgements.retract': () => refused(us.judgements.retract(their.row, { actor: 'e' })),
  'judgements.rows': () => refused(us.judgements.rows('theirs')),
  'keptAnswers.keep': () => elsewhere(us.keptAnswers.keep('theirs', { ours: true })),
  'keptAnswers.open': async () =>
    expect(await us.keptAnswers.open('theirs', 'a'.repeat(64))).toMatchObject({ answer: null }),
  'labelling.claim': () => refused(us.labelling.claim(claimOf(their.task, their.annotator))),
  'labelling.counts': async () =>
    expect(await us.labelling.counts(their.task)).toEqual({ items: 0, wanted: 0, judged: 0 }),
  'labelling.create': async () => {
    const task = {
      name: 'x',
      kind: 'rating' as const,
      dataset: 'x',
      redundancy: 1,
      settings: {},
      createdBy: 'e',
    };
    await refused(us.labelling.create({ ...task, annotators: [their.annotator] }, []));
    await refused(us.labelling.create({ ...task, annotators: [], rubric: their.rubric }, []));
  },
  'labelling.decide': () =>
    refused(us.labelling.decide(their.item, { judgements: [], actor: 'e', reason: 'r' })),
  'labelling.disputed': () => nothing(us.labelling.disputed(their.task, 10)),
  'labelling.items': () => nothing(us.labelling.items(their.task, 10)),
  'labelling.item': () => refused(us.labelling.item(their.item)),
  'labelling.judgedBy': async () => expect(await us.labelling.judgedBy(their.task, their.annotator)).toBe(0),
  'labelling.judgementsOf': () => nothing(us.labelling.judgementsOf(their.item)),
  'labelling.pass': () => refused(us.labelling.pass(their.showing, their.annotator)),
  'labelling.recent': () => nothing(us.labelling.recent(their.task, their.annotator, 10)),
  'labelling.record': () =>
    refused(
      us.labelling.record(their.showing, their.annotator, {
        ...{ answer: {}, digest: '3'.repeat(64), seconds: 1 },
      }),
    ),
  'labelling.rubricName': () => refused(us.labelling.rubricName(their.rubric)),
  'labelling.setState': () => refused(us.labelling.setState(their.task, 'closed')),
  'labelling.settle': () =>
    refused(us.labelling.settle(their.showing, { judgements: [their.row], vote: null, isRight: null })),
  'labelling.showing': () => refused(us.labelling.showing(their.showing)),
  'labelling.task': () => refused(us.labelling.task(their.task)),
  'labelling.tasks': () => nothing(us.labelling.tasks()),
  'labelling.undo': () => refused(us.labelling.undo(their.showing, their.annotator, 'e', 10)),
  'labelling.unsettled': () => nothing(us.labelling.unsettled(their.annotator)),
  'labelling.votes': async () => {
    await nothing(us.labelling.votes({ items: [their.item] }));
    await nothing(us.labelling.votes({ task: their.task }));
    await nothing(us.labelling.votes({ annotator: their.annotator, checks: true }));
  },
  'exposures.expose': () => refused(us.exposures.expose(their.experiment, 'u', 'b')),
  'exposures.record': () => refused(us.exposures.record(their.experiment, 'u', 'reward', 2)),
  'exposures.units': () => nothing(us.exposures.units(their.experiment)),
  'observations.beyond': () => nothing(us.observations.beyond(span, 60, 'reward', 9)),
  'observations.buckets': () => nothing(us.observations.buckets(span, 60)),
  'observations.forget': async () => expect(await us.observations.forget(span.to)).toBe(0),
  'observations.log': () => elsewhere(us.observations.log([{ deployment: 'ours', arm: 'canary' }])),
  'observations.sample': () => nothing(us.observations.sample(span)),
  'observations.totals': () => nothing(us.observations.totals(span)),
  'promotions.apply': () =>
    refused(
      us.promotions.apply({
        deployment: { name: 'ours', change: { after: 0, bundle: their.bundle, actor: 'e', reason: 'r' } },
        audit: { actor: 'e', action: 'a', resource: 'r' },
      }),
    ),
  'reviews.decide': () =>
    refused(us.reviews.decide(their.review, { decision: 'allow', actor: 'e', judgement: their.row })),
  'reviews.get': () => refused(us.reviews.get(their.review)),
  'reviews.list': () => nothing(us.reviews.list()),
  'reviews.open': () =>
    refused(us.reviews.open({ prompt: their.prompt, response: their.response, reasons: [] })),
  'rollOuts.change': () => refused(us.rollOuts.change(their.rollOut, 1, { status: 'paused', state: {} })),
  'rollOuts.get': () => refused(us.rollOuts.get(their.rollOut)),
  'rollOuts.list': () => nothing(us.rollOuts.list()),
  'rollOuts.start': () =>
    refused(us.rollOuts.start({ deployment: 'x', canary: their.bundle, plan: {}, state: {}, actor: 'e' })),
  'lineage.downstream': async () => {
    const none = { runs: [], models: [], bundles: [], deployments: [] };
    for (const from of [{ row: their.row }, { snapshot: their.snapshot }])
      expect(await us.lineage.downstream(from)).toMatchObject(none);
    for (const from of [{ run: their.run }, { model: their.model }])
      expect(await us.lineage.downstream(from)).toMatchObject({ bundles: [], deployments: [] });
  },
  'lineage.upstream': async () =>
    expect(await us.lineage.upstream({ bundle: their.bundle })).toMatchObject({ runs: [], models: [] }),
  'metrics.history': () => nothing(us.metrics.history(their.run, 'loss')),
  'metrics.latest': () => nothing(us.metrics.latest(their.run)),
  'metrics.latestOf': () => nothing(us.metrics.latestOf([their.run])),
  'metrics.log': () => refused(us.metrics.log(their.run, [{ name: 'loss', step: 1, value: 1 }])),
  'models.delete': () => refused(us.models.delete(their.model)),
  'models.distilledFrom': async () => expect(await us.models.distilledFrom(their.model)).toBeNull(),
  'models.find': () => refused(us.models.find('theirs')),
  'models.get': () => refused(us.models.get(their.model)),
  'models.list': () => nothing(us.models.list()),
  'models.ofRole': () => refused(us.models.ofRole(their.model, 'reward')),
  'models.register': () =>
    refused(us.models.register({ name: 'x', role: 'reward', run: their.run, card: {} })),
  'prompts.add': () => elsewhere(us.prompts.add([{ role: 'user', content: 'ours too' }])),
  'prompts.addResponse': () => refused(us.prompts.addResponse(their.prompt, 'x')),
  'prompts.get': () => refused(us.prompts.get(their.prompt)),
  'prompts.ofSnapshot': () => refused(us.prompts.ofSnapshot(their.snapshot)),
  'rubrics.get': () => refused(us.rubrics.get('theirs')),
  'rubrics.list': () => nothing(us.rubrics.list()),
  'rubrics.publish': () => elsewhere(us.rubrics.publish('theirs', 'g', [])),
  'runGroups.create': () => elsewhere(us.runGroups.create('theirs')),
  'runGroups.find': () => refused(us.runGroups.find('theirs')),
  'runGroups.get': () => refused(us.runGroups.get(their.runGroup)),
  'runGroups.list': () => nothing(us.runGroups.list()),
  'runGroups.setTags': () => refused(us.runGroups.setTags(their.runGroup, { a: 'b' })),
  'runs.addInputs': () =>
    refused(us.runs.addInputs(their.run, { models: [{ id: their.model, purpose: 'p' }] })),
  'runs.create': async () => {
    const run = { name: 'x', kind: 'k', config: {} };
    await refused(us.runs.create({ ...run, parent: their.run }));
    await refused(us.runs.create({ ...run, snapshots: [{ id: their.snapshot, purpose: 'p' }] }));
    await refused(us.runs.create({ ...run, models: [{ id: their.model, purpose: 'p' }] }));
  },
  'runs.delete': () => refused(us.runs.delete(their.run)),
  'runs.end': () => refused(us.runs.end(their.run, { state: 'finished' })),
  'runs.get': () => refused(us.runs.get(their.run)),
  'runs.list': () => nothing(us.runs.list()),
  'runs.addSettings': () => refused(us.runs.addSettings(their.run, { a: 'b' })),
  'runs.removeTag': () => refused(us.runs.removeTag(their.run, 'a')),
  'runs.rename': () => refused(us.runs.rename(their.run, 'x')),
  'runs.restore': () => refused(us.runs.restore(their.run)),
  'runs.setTags': () => refused(us.runs.setTags(their.run, { a: 'b' })),
  'runs.start': () => refused(us.runs.start(their.run)),
  'snapshots.containing': () => nothing(us.snapshots.containing(their.row)),
  'snapshots.create': async () => {
    await refused(us.snapshots.create({ datasets: ['theirs'] }));
    await us.datasets.ensure('ours');
    await refused(us.snapshots.create({ datasets: ['ours'] }, { parent: their.snapshot }));
  },
  'snapshots.diff': () => refused(us.snapshots.diff(their.snapshot, their.snapshot)),
  'snapshots.find': () => refused(us.snapshots.find('theirs')),
  'snapshots.get': () => refused(us.snapshots.get(their.snapshot)),
  'snapshots.list': () => nothing(us.snapshots.list()),
  'snapshots.page': () => refused(us.snapshots.page(their.snapshot)),
  'snapshots.rowIds': () => refused(us.snapshots.rowIds(their.snapshot)),
  'snapshots.rows': () => refused(us.snapshots.rows(their.snapshot)),
  'snapshots.setGates': () => refused(us.snapshots.setGates(their.snapshot, { a: 1 })),
  'steps.begin': () => refused(us.steps.begin(their.run, 'step', 0)),
  'steps.checkpoint': () => refused(us.steps.checkpoint(their.run, 'step', '2'.repeat(64))),
  'steps.fail': () => refused(us.steps.fail(their.run, 'step', 'x')),
  'steps.finish': () => refused(us.steps.finish(their.run, 'step', {})),
  'steps.list': () => nothing(us.steps.list(their.run)),
  'tags.list': () => nothing(us.tags.list()),
  'tags.remove': () => refused(us.tags.remove('theirs')),
  'tags.set': () => refused(us.tags.set('x', their.snapshot)),
  'vault.add': async () => {
    // Without a key of our own the entry has none: theirs does not count.
    await us.vault.add({ keys: [], entries: [vaultEntry] });
    expect(await us.vault.entry(vaultEntry.token)).toBeUndefined();
  },
  'vault.entry': () => nothing(us.vault.entry(vaultEntry.token)),
  'vault.key': () => nothing(us.vault.key('key')),
  'vault.keysOf': () => nothing(us.vault.keysOf(['person'])),
});

const methodsOf = (store: Store): string[] =>
  Object.entries(store).flatMap(([repository, methods]) =>
    repository === 'project' ? [] : Object.keys(methods).map((method) => `${repository}.${method}`),
  );

onEveryDatabase(({ newStore, shared }) => {
  /** Every row of a project, in every table. */
  const everything = async (project: string): Promise<string> => {
    const { pool } = await shared();
    const tables = await pool.query<{ name: string }>(
      "select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'project' order by 1",
    );
    const rows: unknown[] = [];
    for (const { name } of tables.rows) {
      const found = await pool.query(`select * from ${name} as t where project = $1 order by t::text`, [
        project,
      ]);
      rows.push([name, found.rows]);
    }
    return JSON.stringify(rows);
  };

  it('neither reads nor changes another project, by any method of any repository', async () => {
    const others = await newStore();
    const their = await fill(others);
    const before = await everything(others.project.id);
    const us = await newStore();
    const tried = attempts(us, their);
    expect(Object.keys(tried).sort()).toEqual(methodsOf(us).sort());
    // What lists comes first: later attempts make things of our own.
    const order = Object.entries(tried).sort(([a], [b]) => rank(a) - rank(b));
    for (const [method, attempt] of order)
      await attempt().catch((error: Error) => {
        throw new Error(`${method}: ${error.message}`, { cause: error });
      });
    expect(await everything(others.project.id)).toBe(before);
  });

  it('has the project in the key of every table and in every reference between them', async () => {
    const { pool } = await shared();
    const { rows } = await pool.query<{ name: string; definition: string; type: string }>(
      `select conrelid::regclass::text as name, pg_get_constraintdef(oid) as definition, contype as type
       from pg_constraint where connamespace = current_schema()::regnamespace and contype in ('p', 'f')`,
    );
    const exempt = ['projects', 'schema_migrations'];
    for (const { name, definition, type } of rows.filter((row) => !exempt.includes(row.name))) {
      // People sign in to the whole installation; what they are in a project is in a table of the project's.
      if (['users', 'sessions', 'invitations'].includes(name)) continue;
      if (definition.includes('REFERENCES users')) continue;
      // Rows of snapshots and metrics are keyed by numbers that are unique in the database, and filtered by project.
      if (type === 'p' && ['snapshot_rows', 'metrics'].includes(name)) continue;
      expect(definition, `${name}: ${definition}`).toMatch(/^(PRIMARY|FOREIGN) KEY \(project\b/);
    }
  });
});

/** Methods that make something may have made a name of the other project our own; `snapshots.create` must not find one. */
const rank = (method: string): number =>
  method !== 'snapshots.create' &&
  /\.(add|append|create|ensure|log|publish|open|import|subject)$/.test(method)
    ? 1
    : 0;
