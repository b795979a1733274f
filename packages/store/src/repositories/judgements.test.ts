/** @file Tests: what is imported comes back as it was, once, whatever it holds and however often it is brought. */
import { canonicalJson, type Judgement } from '@plaudit/contract';
import { responsesOf } from '@plaudit/feedback';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgementId, promptId, sha256 } from '../ids.ts';
import { onEveryDatabase } from '../testing.ts';
import { all, comparisonOf } from '../testing-records.ts';
import type { ImportBatch, ImportCounts } from './import-judgements.ts';
import { toJudgement, toStored } from './judgement-record.ts';

const provenance = { source: 'made' };
const prompt = [{ role: 'user' as const, content: 'question' }];

/** One of each kind. */
const everyKind: readonly Judgement[] = [
  {
    kind: 'comparison',
    prompt,
    responses: ['a', 'b'],
    outcome: 'tie',
    strength: 'much',
    margin: 0.5,
    provenance,
  },
  {
    kind: 'ranking',
    prompt,
    responses: ['a', 'b', 'c'],
    groups: [[2], [0, 1]],
    restUnordered: true,
    provenance,
  },
  {
    kind: 'rating',
    prompt,
    response: 'a',
    value: 3,
    scale: { least: 1, most: 5 },
    criterion: 'truth',
    provenance,
  },
  { kind: 'label', prompt, response: 'b', desirable: false, provenance },
  { kind: 'edit', prompt, response: 'a', rewrite: 'better', provenance },
  { kind: 'steps', prompt, steps: ['a', ''], separator: '\n', labels: [true, null], provenance },
];

/** Every string that JSON can hold: zero characters, halves of surrogate pairs, what COPY escapes. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '\0',
      '\ud800',
      '\udc00',
      '\\',
      '\t',
      '\n',
      '\r',
      '"',
      '{',
      '\\N',
      '\\.',
      'é',
      '🙂',
    ),
  }),
);

const anyJudgement: fc.Arbitrary<Judgement> = fc.record({
  kind: fc.constant('comparison' as const),
  prompt: fc.array(
    fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: anyText }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  responses: fc.tuple(anyText, anyText),
  outcome: fc.constantFrom('a' as const, 'b' as const, 'both_bad' as const),
  preference: fc.double({ min: 0, max: 1, noNaN: true }),
  criterion: anyText,
  provenance: fc.record({
    source: anyText,
    annotator: fc.oneof(anyText, fc.string({ minLength: 300, maxLength: 5000 })),
    language: anyText,
    segments: fc.dictionary(anyText, anyText, { maxKeys: 3 }),
  }),
});

const batchesOf = (judgements: readonly Judgement[], size: number): ImportBatch[] =>
  Array.from({ length: Math.ceil(judgements.length / size) }, (_, i) => ({
    judgements: judgements.slice(i * size, (i + 1) * size),
  }));

const bySorted = (judgements: readonly Judgement[]): string[] => judgements.map(canonicalJson).sort();

describe('a stored judgement', () => {
  it('has the SHA-256 of the canonical JSON of the record for an id, however it is put together', () => {
    for (const judgement of everyKind) expect(toStored(judgement).id).toBe(judgementId(judgement));
    fc.assert(
      fc.property(anyJudgement, (judgement) => {
        const { id, said, responses, prompt } = toStored(judgement);
        expect(id).toBe(judgementId(judgement));
        expect(said).toBe(canonicalJson(JSON.parse(said)));
        expect(prompt.id).toBe(promptId(judgement.prompt));
        expect(responses[0]!.id).toBe(
          sha256(canonicalJson({ prompt: prompt.id, response: responsesOf(judgement)[0] })),
        );
      }),
    );
  });

  it('is the judgement again when its parts are put together, whatever its kind', () => {
    for (const judgement of everyKind) {
      const { said, prompt, responses } = toStored(judgement);
      const texts = responses.map(({ json }) => JSON.parse(json) as string);
      expect(toJudgement(JSON.parse(said), JSON.parse(prompt.json), texts)).toEqual(judgement);
    }
  });
});

onEveryDatabase(({ newStore, shared }) => {
  it('gives back every kind of judgement under its id', async () => {
    const store = await newStore();
    await store.judgements.import([{ judgements: everyKind }], { dataset: 'kinds', source: 'made' });
    expect(bySorted(await all(store.judgements.rows('kinds')))).toEqual(bySorted(everyKind));
    for (const judgement of everyKind)
      expect(await store.judgements.get(judgementId(judgement))).toMatchObject({
        judgement,
        retracted: false,
      });
  });

  it('gives back any text, zero characters and halves of surrogate pairs too', async () => {
    const store = await newStore();
    await fc.assert(
      fc.asyncProperty(fc.array(anyJudgement, { minLength: 1, maxLength: 20 }), async (judgements) => {
        const dataset = `set ${Math.random()}`;
        await store.judgements.import([{ judgements }], { dataset, source: 'made' });
        const distinct = [...new Map(judgements.map((one) => [judgementId(one), one])).values()];
        expect(bySorted(await all(store.judgements.rows(dataset)))).toEqual(bySorted(distinct));
      }),
      { numRuns: 12 },
    );
  });

  it('counts rows, known ones and those that were set aside, in portions that are committed one by one', async () => {
    const store = await newStore();
    const judgements = Array.from({ length: 2500 }, (_, i) => comparisonOf(i));
    const seen: ImportCounts[] = [];
    const batches = batchesOf(judgements, 100).map((batch) => ({ ...batch, rows: 101, rejects: [{}] }));
    const first = await store.judgements.import(batches, {
      dataset: 'counted',
      source: 'a file',
      portion: 1000,
      onProgress: (counts) => seen.push(counts),
    });
    expect(first).toMatchObject({ rows: 2525, rejected: 25, added: 2500, known: 0, erased: 0 });
    expect(seen.map(({ added }) => added)).toEqual([1000, 2000, 2500]);
    const again = await store.judgements.import(batches, { dataset: 'counted', source: 'a file' });
    expect(again).toMatchObject({ rows: 2525, rejected: 25, added: 0, known: 2500 });
    const other = await store.judgements.import([...batches, ...batches], {
      dataset: 'other',
      source: 'a file',
    });
    expect(other).toMatchObject({ added: 2500, known: 2500 });
    expect((await store.datasets.get('counted')).rows).toBe(2500);
    expect(await store.datasets.imports('counted')).toMatchObject([
      { state: 'finished', rows: 2525, added: 0, known: 2500 },
      { state: 'finished', rows: 2525, added: 2500, known: 0 },
    ]);
  });

  it('goes on with an import whose stream broke: what was acknowledged stays, the rest is added', async () => {
    const store = await newStore();
    const judgements = Array.from({ length: 900 }, (_, i) => comparisonOf(i));
    let acknowledged = 0;
    const breaking = async function* (): AsyncGenerator<ImportBatch> {
      yield* batchesOf(judgements.slice(0, 650), 50);
      throw new Error('the file is cut off');
    };
    const options = { dataset: 'broken', source: 'file', portion: 100 };
    const failing = store.judgements.import(breaking(), {
      ...options,
      onProgress: ({ added }) => {
        acknowledged = added;
      },
    });
    await expect(failing).rejects.toThrow('the file is cut off');
    expect((await store.datasets.get('broken')).rows).toBeGreaterThanOrEqual(acknowledged);
    expect(await store.datasets.imports('broken')).toMatchObject([{ state: 'running' }]);
    const result = await store.judgements.import(batchesOf(judgements, 50), options);
    expect(result.added + result.known).toBe(900);
    expect(result.known).toBeGreaterThanOrEqual(acknowledged);
    expect(await store.datasets.imports('broken')).toMatchObject([
      { state: 'finished', rows: 900, added: 900 },
    ]);
  });

  it('lets two imports of the same rows run at the same time', async () => {
    const store = await newStore();
    const judgements = Array.from({ length: 600 }, (_, i) => comparisonOf(i));
    const results = await Promise.all(
      ['one', 'two', 'three'].map((source, i) =>
        store.judgements.import(batchesOf(i === 1 ? judgements.toReversed() : judgements, 60), {
          dataset: 'shared',
          source,
          portion: 120,
        }),
      ),
    );
    expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(600);
    expect(results.reduce((sum, { known }) => sum + known, 0)).toBe(1200);
    expect(await all(store.judgements.rows('shared'))).toHaveLength(600);
  });

  it('keeps judgements as given: the database refuses to change or delete them, or the texts they are about', async () => {
    const database = await shared();
    const store = await newStore();
    await store.judgements.add('kept', comparisonOf(1));
    for (const statement of [
      "update judgements set kind = 'label'",
      'update judgements set said = said',
      'delete from judgements',
      'truncate judgements cascade',
      "update prompts set messages = '[]'",
      'delete from prompts',
      'update responses set content = content',
      'truncate responses cascade',
    ])
      await expect(database.pool.query(statement), statement).rejects.toMatchObject({ code: '23001' });
  });

  it('adds one judgement at a time as well, and takes it back without forgetting it', async () => {
    const store = await newStore();
    const id = await store.judgements.add('single', comparisonOf(1), ['a person']);
    expect(await store.judgements.add('single', comparisonOf(1))).toBe(id);
    await store.judgements.add('single', comparisonOf(2));
    await store.judgements.retract(id, { actor: 'annotator 1', reason: 'slipped' });
    await store.judgements.retract(id, { actor: 'annotator 1' });
    expect(await store.judgements.get(id)).toMatchObject({ judgement: comparisonOf(1), retracted: true });
    expect(await all(store.judgements.rows('single'))).toEqual([comparisonOf(2)]);
  });

  it('knows the annotators that judgements name, and what each prompt is judged to be', async () => {
    const store = await newStore();
    const model = { source: 'x', annotator: 'judge', annotatorKind: 'model' as const };
    const ids = [
      await store.judgements.add('who', comparisonOf(1)),
      await store.judgements.add('who', comparisonOf(1, { provenance: model })),
    ];
    expect(await store.annotators.get('judge')).toMatchObject({ kind: 'model', subject: null });
    expect(await store.annotators.get('annotator 1')).toMatchObject({ kind: null, subject: 'annotator 1' });
    await store.annotators.pause('judge', 'below the bar');
    expect(await store.annotators.list()).toMatchObject([
      { name: 'annotator 1', pausedAt: null },
      { name: 'judge', pauseReason: 'below the bar' },
    ]);
    const stored = toStored(comparisonOf(1));
    expect((await store.judgements.ofPrompt(stored.prompt.id)).toSorted()).toEqual(ids.toSorted());
    expect(await store.prompts.get(stored.prompt.id)).toMatchObject({
      prompt: comparisonOf(1).prompt,
      responses: expect.arrayContaining([{ id: stored.responses[0]!.id, text: 'first answer 1' }]),
    });
  });
});
