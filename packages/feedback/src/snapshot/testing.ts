/** @file Arbitrary judgements for property tests: every kind, hostile texts, and every optional field there or not. */
import type { Judgement, Message, Provenance } from '@plaudit/contract';
import fc from 'fast-check';

/** Texts that formats and containers could take for something else. */
const awkward = fc.constantFrom(
  'x',
  ' y ',
  'é🙂\u202eabc',
  '\n\nHuman: hello',
  '[{"role": "user", "content": "hi"}]',
  '"quoted", with\r\nlines\t',
  '__proto__',
  '{"a": 1}',
  'null',
  '\u0000\u0001',
  '=1+1',
  'a\n\nb',
);

const someText = fc
  .oneof(awkward, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }))
  .filter((text) => text.trim() !== '' && text.isWellFormed());

const role: fc.Arbitrary<Message['role']> = fc.constantFrom('system', 'user', 'assistant', 'tool');
const turn = fc.record({ role, content: someText });
const prompt = fc.oneof(
  someText.map((content): Message[] => [{ role: 'user', content }]),
  fc.array(turn, { minLength: 1, maxLength: 4 }),
);

const provenance: fc.Arbitrary<Provenance> = fc.record(
  {
    source: someText,
    row: fc.integer({ min: 1, max: 1e9 }),
    annotator: someText,
    annotatorKind: fc.constantFrom('human', 'model', 'program', 'implicit', 'simulated'),
    time: fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
    seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
    rubric: someText,
    selectionProbability: fc.double({ min: 1e-9, max: 1, noNaN: true }),
    language: someText,
    shownFirst: fc.constantFrom(0 as const, 1 as const),
    shown: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 3 }),
    segments: fc.dictionary(
      someText.filter((name) => name !== '__proto__'),
      someText,
      { maxKeys: 3, noNullPrototype: true },
    ),
  },
  { requiredKeys: ['source'] },
);

const shared = { prompt, provenance };
const criterion = { criterion: someText };
const unit = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0);
const texts = (minLength: number) => fc.uniqueArray(someText, { minLength, maxLength: 4 });

const comparison = fc.record(
  {
    kind: fc.constant('comparison' as const),
    ...shared,
    responses: texts(2).map(([a, b]) => [a!, b!] as [string, string]),
    outcome: fc.constantFrom('a', 'b', 'tie', 'both_bad'),
    strength: fc.constantFrom('slightly', 'clearly', 'much'),
    margin: unit,
    preference: unit,
    ...criterion,
  },
  { requiredKeys: ['kind', 'prompt', 'provenance', 'responses', 'outcome'] },
);

const ranking = fc
  .record(
    {
      kind: fc.constant('ranking' as const),
      ...shared,
      responses: texts(2),
      restUnordered: fc.boolean(),
      ...criterion,
    },
    { requiredKeys: ['kind', 'prompt', 'provenance', 'responses'] },
  )
  .map((one) => ({ ...one, groups: one.responses.map((_, i) => [i]).toReversed() }));

const rating = fc.record(
  {
    kind: fc.constant('rating' as const),
    ...shared,
    response: someText,
    value: unit,
    scale: fc.constant({ least: 0, most: 1 }),
    ...criterion,
  },
  { requiredKeys: ['kind', 'prompt', 'provenance', 'response', 'value', 'scale'] },
);

const label = fc.record(
  {
    kind: fc.constant('label' as const),
    ...shared,
    response: someText,
    desirable: fc.boolean(),
    ...criterion,
  },
  { requiredKeys: ['kind', 'prompt', 'provenance', 'response', 'desirable'] },
);

const edit = fc
  .record(
    { kind: fc.constant('edit' as const), ...shared, both: texts(2), ...criterion },
    { requiredKeys: ['kind', 'prompt', 'provenance', 'both'] },
  )
  .map(({ both, ...one }) => ({ ...one, response: both[0]!, rewrite: both[1]! }));

const steps = fc
  .record(
    {
      kind: fc.constant('steps' as const),
      ...shared,
      separator: fc.constantFrom('\n', '', ' ', '[{"a":1}]'),
      labelled: fc.array(fc.record({ step: someText, label: fc.option(fc.boolean(), { freq: 5 }) }), {
        minLength: 1,
        maxLength: 4,
      }),
      ...criterion,
    },
    { requiredKeys: ['kind', 'prompt', 'provenance', 'separator', 'labelled'] },
  )
  .filter(({ labelled }) => labelled.some(({ label: one }) => one !== null))
  .map(({ labelled, ...one }) => ({
    ...one,
    steps: labelled.map(({ step }) => step),
    labels: labelled.map(({ label: said }) => said),
  }));

/** A judgement of any kind that readers accept. */
export const someJudgement: fc.Arbitrary<Judgement> = fc.oneof(
  comparison,
  ranking,
  rating,
  label,
  edit,
  steps,
);
