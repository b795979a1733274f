/** @file Tests: after an erasure nothing of the person is left, nothing of anyone else is missing, and the record says what was done. */
import { canonicalJson, type Judgement } from '@plaudit/contract';
import { expect, it } from 'vitest';
import { judgementId, promptId, responseId, sha256 } from '../ids.ts';
import type { Store } from '../store.ts';
import { onEveryDatabase } from '../testing.ts';
import { all, comparisonOf } from '../testing-records.ts';

const by = { actor: 'privacy officer', reason: 'asked on 3 March' };

/** A judgement whose texts name a person by her pseudonym. */
const about = (number: number, more: Partial<Judgement> = {}): Judgement =>
  ({
    ...comparisonOf(number),
    prompt: [{ role: 'user', content: `PERSON_7f3a wants to know ${number}` }],
    ...more,
  }) as Judgement;

const madeBy = (annotator: string, number: number): Judgement =>
  comparisonOf(number, { provenance: { source: 'x', annotator, annotatorKind: 'human' } });

onEveryDatabase(({ newStore, shared }) => {
  /** Every value of every row of the project, as text. */
  const everythingOf = async (store: Store): Promise<string> => {
    const { pool } = await shared();
    const { rows } = await pool.query<{ name: string }>(
      "select table_name as name from information_schema.columns where table_schema = current_schema() and column_name = 'project'",
    );
    let text = '';
    for (const { name } of rows)
      text += JSON.stringify(
        (await pool.query(`select * from ${name} where project = $1`, [store.project.id])).rows,
      );
    return text;
  };

  it('takes every row that names a person, and every text that does, and no other', async () => {
    const store = await newStore();
    const named = [about(1), about(2), about(2, { outcome: 'both_bad' })];
    const others = Array.from({ length: 20 }, (_, i) => comparisonOf(100 + i));
    await store.judgements.import(
      [
        {
          judgements: [...named, ...others],
          subjects: [...named.map(() => ['subject 7f3a']), ...others.map(() => [])],
        },
      ],
      { dataset: 'chats', source: 'log' },
    );
    const sealed = { iv: 'aXY=', tag: 'dGFn', ciphertext: 'Y2lwaGVydGV4dA==' };
    const key = { ...sealed, keyId: 'key 1', subject: 'subject 7f3a', masterKeyId: 'master' };
    const entry = {
      ...sealed,
      token: '<PERSON_7f3a>',
      type: 'PERSON',
      subject: 'subject 7f3a',
      keyId: 'key 1',
    };
    await store.vault.add({ keys: [key, { ...key, keyId: 'key 2' }], entries: [entry] });

    const report = await store.erase.subject('subject 7f3a', by);
    expect(report).toMatchObject({
      ...{ judgements: 3, prompts: 2, responses: 4, vaultKeys: 2, vaultEntries: 1, annotators: 0 },
      datasets: [{ name: 'chats', rows: 3 }],
    });
    const left = await everythingOf(store);
    expect(left).not.toContain('7f3a');
    expect(await store.vault.entry('<PERSON_7f3a>')).toBeUndefined();
    expect(await store.vault.keysOf(['subject 7f3a'])).toEqual([]);
    // An import that goes on with the shredded key brings nothing back.
    await store.vault.add({ keys: [], entries: [entry] });
    await store.vault.add({
      keys: [{ ...key, keyId: 'key 3' }],
      entries: [{ ...entry, keyId: 'key 3' }],
    });
    expect(await store.vault.entry('<PERSON_7f3a>')).toBeUndefined();
    expect(await store.vault.keysOf(['subject 7f3a'])).toEqual([]);
    for (const judgement of named)
      expect((await store.judgements.get(judgementId(judgement))).judgement).toBeUndefined();
    const kept = (await all(store.judgements.rows('chats'))).map(canonicalJson).sort();
    expect(kept).toEqual(others.map(canonicalJson).sort());
  });

  it('takes what an annotator said and wrote, and keeps the texts that they judged', async () => {
    const store = await newStore();
    const edit: Judgement = {
      kind: 'edit',
      prompt: comparisonOf(1).prompt,
      response: comparisonOf(1).responses[0],
      rewrite: 'my own words',
      provenance: { source: 'x', annotator: 'ada' },
    };
    await store.judgements.import(
      [{ judgements: [madeBy('ada', 1), madeBy('ada', 2), madeBy('bob', 1), edit] }],
      {
        dataset: 'votes',
        source: 'x',
      },
    );
    const ada = await store.annotators.get('ada');
    const prompt = promptId(comparisonOf(1).prompt);
    const responses = comparisonOf(1).responses.map((text) => responseId(prompt, text));
    await store.assignments.add([{ annotator: ada.id, prompt, responses, selectedBy: 'random' }]);
    await store.judgements.retract(judgementId(madeBy('bob', 1)), { actor: 'ada' });
    expect(await store.erase.subject('ada', by)).toMatchObject({
      ...{ judgements: 3, prompts: 0, responses: 1, annotators: 1, assignments: 1 },
    });
    const left = await everythingOf(store);
    expect(left).not.toMatch(/"ada"|my own words/);
    expect((await store.prompts.get(prompt)).prompt).toEqual(comparisonOf(1).prompt);
    expect((await store.judgements.get(judgementId(madeBy('bob', 1)))).judgement).toEqual(madeBy('bob', 1));
    expect((await store.annotators.list()).map(({ name }) => name)).toEqual(['bob']);
  });

  it('knows an annotator by the id that the scrubber gives, and takes all ids of a person at once', async () => {
    const store = await newStore();
    await store.judgements.add('votes', madeBy('ada', 1));
    expect((await store.annotators.get('ada')).subject).toBe('ada');
    const people = [['ANNOTATOR_00c1', 'EMAIL_00c2'], ['EMAIL_00c2'], []];
    const vault = {
      keys: [{ keyId: 'k', subject: 'EMAIL_00c2', masterKeyId: 'm', iv: '', tag: '', ciphertext: '' }],
      entries: [],
    };
    await store.judgements.import(
      [{ judgements: [madeBy('ada', 2), about(3), madeBy('bob', 2)], subjects: people, vault }],
      { dataset: 'votes', source: 'x' },
    );
    expect((await store.annotators.get('ada')).subject).toBe('ANNOTATOR_00c1');
    const report = await store.erase.subject(['EMAIL_00c2', 'ANNOTATOR_00c1', 'PERSON_00c3'], by);
    expect(report).toMatchObject({ judgements: 3, annotators: 1, vaultKeys: 1 });
    expect(await store.erase.of('EMAIL_00c2')).toEqual([report]);
    expect(await all(store.judgements.rows('votes'))).toEqual([madeBy('bob', 2)]);
  });

  it('gives snapshots successors, moves tags, and marks what was trained, also through a model', async () => {
    const store = await newStore();
    const rows = [...Array.from({ length: 10 }, (_, i) => madeBy('bob', i)), madeBy('ada', 50)];
    await store.judgements.import([{ judgements: rows.slice(0, 5) }], { dataset: 'early', source: 'x' });
    await store.judgements.import([{ judgements: rows }], { dataset: 'votes', source: 'x' });
    await store.judgements.import([{ judgements: [madeBy('ada', 60)] }], { dataset: 'hers', source: 'x' });
    const [early, votes, hers] = [
      await store.snapshots.create({ datasets: ['early'] }),
      await store.snapshots.create({ datasets: ['votes'] }),
      await store.snapshots.create({ datasets: ['hers'] }),
    ];
    await store.tags.set('release', votes.id);
    await store.tags.set('only hers', hers.id);
    await store.snapshots.setGates(votes.id, { passed: true });
    const train = async (name: string, input: object) => {
      const run = await store.runs.create({ name, kind: 'reward.train', config: {}, ...input });
      const model = await store.models.register({ name, role: 'reward', run: run.id, card: {} });
      return { run: run.id, model: model.id };
    };
    const clean = await train('clean', { snapshots: [{ id: early.id, purpose: 'train' }] });
    const direct = await train('direct', { snapshots: [{ id: votes.id, purpose: 'train' }] });
    const through = await train('through', { models: [{ id: direct.model, purpose: 'reward' }] });
    const bundle = await store.bundles.create({ name: 'b', rewardModel: through.model, createdBy: 'e' });
    await store.deployments.change('live', { after: 0, bundle: bundle.id, actor: 'e', reason: 'r' });

    const report = await store.erase.subject('ada', by);
    const successor = report.snapshots.find(({ id }) => id === votes.id)?.successor ?? '';
    expect(report).toMatchObject({
      snapshots: [
        { id: votes.id, rows: 11, erased: 1, successor: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { id: hers.id, rows: 1, erased: 1, successor: null },
      ],
      tags: [
        { name: 'only hers', from: hers.id, to: null },
        { name: 'release', from: votes.id, to: successor },
      ],
      runs: [direct.run, through.run].toSorted(),
      models: [direct.model, through.model].toSorted(),
      bundles: [bundle.id],
      deployments: ['live'],
    });
    expect((await store.models.get(through.model)).taintedBy).toBe(report.id);
    expect((await store.runs.get(clean.run)).taintedBy).toBeNull();
    expect(await store.snapshots.find('release')).toMatchObject({
      id: successor,
      rows: 10,
      parent: votes.id,
      gates: null,
    });
    expect((await all(store.snapshots.rows(successor))).map(judgementId)).toEqual(
      rows.slice(0, 10).map(judgementId).sort(),
    );
    await expect(all(store.snapshots.rows(votes.id))).rejects.toMatchObject({
      code: 'store.snapshot_erased',
      parameters: { successor },
    });
    expect(await all(store.snapshots.rowIds(votes.id))).toHaveLength(11);
    expect(await all(store.snapshots.rows(early.id))).toHaveLength(5);

    const second = await store.erase.subject('bob', by);
    expect(second.snapshots.map(({ successor }) => successor)).toEqual([null, null, null]);
    expect((await store.models.get(through.model)).taintedBy).toBe(report.id);
  });

  it('keeps a record that names nobody, in the audit chain too, and tells who was erased by asking for them', async () => {
    const store = await newStore();
    await store.judgements.add('votes', madeBy('ada', 1));
    const report = await store.erase.subject('ada', by);
    expect(await store.erase.of('ada')).toEqual([report]);
    expect(await store.erase.of('bob')).toEqual([]);
    expect(report.subjectDigests).toEqual([sha256('ada')]);
    expect(await store.audit.verify()).toMatchObject({ intact: true, entries: 1 });
    expect(await store.audit.entries()).toMatchObject([
      { action: 'subject.erase', details: { judgements: 1, report: sha256(canonicalJson(report)) } },
    ]);
    expect(await everythingOf(store)).not.toContain('"ada"');
  });

  it('does not let the same file bring an erased person back', async () => {
    const store = await newStore();
    const file = { judgements: [about(1), madeBy('ada', 2), madeBy('bob', 3)], subjects: [['p'], [], []] };
    const options = { dataset: 'votes', source: 'file' };
    await store.judgements.import([file], options);
    await store.erase.subject('p', by);
    await store.erase.subject('ada', by);
    expect(await store.judgements.import([file], options)).toMatchObject({ added: 0, known: 1, erased: 2 });
    // The same words about the person in another row.
    expect(
      await store.judgements.import([{ judgements: [about(1, { outcome: 'tie' })] }], options),
    ).toMatchObject({
      added: 0,
      erased: 1,
    });
    expect(await all(store.judgements.rows('votes'))).toEqual([madeBy('bob', 3)]);
  });

  it('erases what has not been judged yet, and what was shown', async () => {
    const store = await newStore();
    const prompt = await store.prompts.add([{ role: 'user', content: 'I am PERSON_1' }], ['p']);
    const response = await store.prompts.addResponse(prompt, 'Hello PERSON_1');
    const other = await store.prompts.add([{ role: 'user', content: 'nothing' }]);
    const answer = await store.prompts.addResponse(other, 'PERSON_1 said so', ['p']);
    const shown = { position: 0, surface: 'chat', couldAnswer: true };
    const theirs = await store.impressions.log({ ...shown, prompt, response, subject: 'p' });
    await store.impressions.signal(theirs, 'copy', {});
    const kept = await store.impressions.log({ ...shown, prompt: other, response: answer, subject: 'q' });
    expect(await store.erase.subject('p', by)).toMatchObject({ prompts: 1, responses: 2, impressions: 1 });
    expect(await everythingOf(store)).not.toContain('PERSON_1');
    expect((await store.prompts.get(other)).prompt).toEqual([{ role: 'user', content: 'nothing' }]);
    await expect(store.impressions.get(theirs)).rejects.toMatchObject({ code: 'store.unknown' });
    expect((await store.impressions.get(kept)).response).toBe(answer);
  });

  it('leaves no snapshot with an erased row, whichever comes first of an import, a snapshot and an erasure', async () => {
    const store = await newStore();
    const rows = (from: number): Judgement[] =>
      Array.from({ length: 60 }, (_, i) => madeBy(i % 2 ? 'ada' : 'bob', from + i));
    await store.judgements.import([{ judgements: rows(0) }], { dataset: 'votes', source: 'x' });
    for (let round = 1; round <= 5; round++)
      await Promise.all([
        store.judgements.import([{ judgements: rows(60 * round) }], {
          dataset: 'votes',
          source: `x ${round}`,
          portion: 20,
        }),
        store.snapshots.create({ datasets: ['votes'] }),
        store.erase.subject('ada', by),
        store.snapshots.create({ datasets: ['votes'] }),
      ]);
    await store.erase.subject('ada', by);
    for (const { id, erasedRows } of await store.snapshots.list())
      if (erasedRows === 0)
        for (const { provenance } of await all(store.snapshots.rows(id)))
          expect(provenance.annotator).toBe('bob');
    expect(await everythingOf(store)).not.toContain('"ada"');
  });
});
