import { type Judgement, judgement as judgementSchema } from '@plaudit/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { privacyFixture } from './fixture/privacy-fixture.ts';
import { createMasterKey } from './master-key.ts';
import type { Operator } from './operators.ts';
import { type PrivacySettings, privacyPolicy } from './policy.ts';
import { scrubJudgement, scrubJudgementsWith } from './scrub-judgement.ts';
import { findSubject, subjectsNamed } from './subjects.ts';
import { Keyring, reveal } from './vault.ts';

const master = createMasterKey();
const projectKey = master.key;
const policyWith = (settings: Partial<PrivacySettings> = {}) =>
  privacyPolicy({
    projectKey,
    hashSalt: new Uint8Array(16).fill(7),
    keyring: new Keyring(master),
    ...settings,
  });

const comparison = (a: string, b: string, prompt = 'Help me'): Judgement => ({
  kind: 'comparison',
  prompt: [{ role: 'user', content: prompt }],
  responses: [a, b],
  outcome: 'a',
  provenance: { source: 'test', annotator: 'worker-17' },
});

describe('scrubbing', () => {
  it('reaches every text of every kind, and nothing else', () => {
    const email = 'alice@example.org';
    const common = {
      prompt: [
        { role: 'system' as const, content: `system ${email}` },
        { role: 'user' as const, content: `user ${email}` },
      ],
      criterion: `criterion ${email}`,
      provenance: { source: email, language: 'en', annotator: email, segments: { group: email } },
    };
    const kinds: Judgement[] = [
      { ...common, kind: 'comparison', responses: [email, 'b'], outcome: 'a' },
      { ...common, kind: 'ranking', responses: [email, 'b', 'c'], groups: [[0], [1, 2]] },
      { ...common, kind: 'rating', response: email, value: 1, scale: { least: 0, most: 1 } },
      { ...common, kind: 'label', response: email, desirable: true },
      { ...common, kind: 'edit', response: email, rewrite: `better ${email}` },
      { ...common, kind: 'steps', steps: ['first', email], separator: '\n', labels: [true, null] },
    ];
    const fields = ['prompt.0.content', 'prompt.1.content', 'criterion', 'provenance.segments.group'];
    const own = {
      comparison: ['responses.0'],
      ranking: ['responses.0'],
      rating: ['response'],
      label: ['response'],
    };
    for (const judgement of kinds) {
      const { judgement: scrubbed, findings } = scrubJudgement(
        judgement,
        policyWith({ annotators: 'pseudonym' }),
      );
      const expected = { ...own, edit: ['response', 'rewrite'], steps: ['steps.1'] }[judgement.kind];
      expect(findings.map(({ field }) => field).sort()).toEqual([...fields, ...expected].sort());
      expect(scrubbed.provenance.source).toBe(email);
      expect(
        JSON.stringify({ ...scrubbed, provenance: { ...scrubbed.provenance, source: '' } }),
      ).not.toContain('alice');
      expect(judgementSchema.parse(scrubbed)).toEqual(scrubbed);
    }
  });

  it('gives one person one token, however the identifier is written, and says where it was without its value', () => {
    const { judgement, findings, subjects } = scrubJudgement(
      comparison('Mail Alice@Example.org or call +44 20 7946 0958', 'alice@example.org, phone 020 7946 0958'),
      policyWith(),
    );
    const [a, b] = (judgement as { responses: [string, string] }).responses;
    const tokens = a.match(/<[A-Z]+_[0-9a-f]{16}>/g)!;
    expect(b).toBe(`${tokens[0]}, phone ${tokens[1]}`);
    expect(findings[0]).toEqual({
      field: 'responses.0',
      start: 5,
      end: 22,
      type: 'EMAIL',
      recogniser: 'email',
      version: '1',
      score: expect.any(Number),
    });
    expect(JSON.stringify(findings)).not.toMatch(/alice|7946/i);
    expect(subjects).toHaveLength(3);
  });

  it('applies each operator', () => {
    const texts: Record<string, string> = {};
    const operators: [string, Operator][] = [
      ['keep', 'keep'],
      ['redact', 'redact'],
      ['replace', 'replace'],
      ['mask', { mask: 3 }],
      ['hash', 'hash'],
      ['pseudonym', 'pseudonym'],
      ['encrypt', 'encrypt'],
    ];
    for (const [name, operator] of operators) {
      const policy = policyWith({ operators: { EMAIL: operator } });
      const { judgement } = scrubJudgement(comparison('To: bob@example.org!', 'x'), policy);
      texts[name] = (judgement as { responses: [string, string] }).responses[0];
    }
    expect(texts).toEqual({
      keep: 'To: bob@example.org!',
      redact: 'To: !',
      replace: 'To: <EMAIL>!',
      mask: 'To: ***@*******.org!',
      hash: expect.stringMatching(/^To: <EMAIL_[0-9a-f]{64}>!$/),
      pseudonym: expect.stringMatching(/^To: <EMAIL_[0-9a-f]{16}>!$/),
      encrypt: texts.pseudonym,
    });
  });

  it('says where responses that differed only in what was taken out are equal now, and leaves no response empty', () => {
    const policy = policyWith({ operators: { EMAIL: 'redact' } });
    const { judgement, equalResponses } = scrubJudgement(
      comparison('alice@example.org', 'bob@example.org'),
      policy,
    );
    expect(equalResponses).toBe(true);
    expect(judgement).toMatchObject({ responses: ['<EMAIL>', '<EMAIL>'] });
    expect(scrubJudgement(comparison('a', 'b'), policy).equalResponses).toBe(false);
    expect(scrubJudgement(comparison('a', 'a'), policy).equalResponses).toBe(false);
  });

  it('finds what comes together when something between is taken out, at its place in the text as it came', async () => {
    const text = 'pay 4111 1111 |Alice|1111 1111 now';
    const model = {
      name: 'names',
      version: '1',
      find: async (texts: readonly string[]) =>
        texts.map((given) => (given === text ? [{ start: 14, end: 21, type: 'PERSON', score: 1 }] : [])),
    };
    const policy = policyWith({ operators: { PERSON: 'redact', CARD: 'replace' } });
    const [scrubbed] = await scrubJudgementsWith(model, [comparison(text, 'x')], policy);
    expect(scrubbed!.judgement).toMatchObject({ responses: ['pay <CARD> now', 'x'] });
    expect(scrubbed!.findings.map(({ type, start, end }) => [type, start, end])).toEqual([
      ['PERSON', 14, 21],
      ['CARD', 4, 30],
    ]);
  });

  it('withholds a text that was made to be scrubbed for ever', () => {
    const policy = policyWith({ operators: { EMAIL: 'redact' } });
    let nested = 'a@b.org';
    for (let i = 0; i < 30; i++)
      nested = `a@b.o ${nested} rg`.replaceAll('o a', 'oa').replaceAll('g rg', 'grg');
    const layers = 'a(at)'.repeat(40) + 'b.org'.repeat(40);
    for (const text of [nested, layers, 'a@b.co'.repeat(50)]) {
      const once = scrubJudgement(comparison(text, 'x'), policy);
      const twice = scrubJudgement(once.judgement, policy);
      expect(twice.judgement).toEqual(once.judgement);
    }
  });

  it('reads the answer to a question with the question', () => {
    const judgement: Judgement = {
      ...comparison('Thank you.', 'Noted.'),
      prompt: [
        { role: 'assistant', content: 'What is your social security number?' },
        { role: 'user', content: '219099998' },
      ],
    };
    expect(scrubJudgement(judgement, policyWith()).findings.map(({ type }) => type)).toEqual(['US_SSN']);
  });

  it('names annotators who are people, and leaves the names of models', () => {
    const policy = policyWith({ annotators: 'pseudonym' });
    const scrubbed = scrubJudgement(comparison('a', 'b'), policy);
    expect(scrubbed.judgement.provenance.annotator).toMatch(/^<ANNOTATOR_[0-9a-f]{16}>$/);
    expect(scrubbed.subjects).toHaveLength(1);
    const byModel = comparison('a', 'b');
    const judged = { ...byModel, provenance: { ...byModel.provenance, annotatorKind: 'model' as const } };
    expect(scrubJudgement(judged, policy).judgement.provenance.annotator).toBe('worker-17');
  });

  it('puts originals into the vault once, where a role that may can read them', async () => {
    const policy = policyWith({ operators: { EMAIL: 'encrypt' } });
    const { judgement, vault } = scrubJudgement(
      comparison('alice@example.org', 'ALICE@example.org!'),
      policy,
    );
    expect(vault.entries).toHaveLength(1);
    expect(vault.keys).toHaveLength(1);
    const token = (judgement as { responses: [string, string] }).responses[0];
    const stored = {
      masterKey: master,
      roles: ['officer'],
      entry: () => vault.entries[0],
      key: () => vault.keys[0],
    };
    expect(await reveal(token, stored, 'officer')).toBe('alice@example.org');
    expect(scrubJudgement(judgement, policy).vault.entries).toEqual([]);
  });
});

describe('with a model', () => {
  const names = {
    name: 'names',
    version: '2',
    find: async (texts: readonly string[]) =>
      texts.map((text) => {
        const start = text.indexOf('Alice');
        return start < 0 ? [] : [{ start, end: start + 5, type: 'PERSON', score: 0.8 }];
      }),
  };

  it('takes out what it finds in the right texts', async () => {
    const judgements = [comparison('x', 'y'), comparison('Ask Alice', 'Alice: alice@example.org')];
    const [first, second] = await scrubJudgementsWith(names, judgements, policyWith());
    expect(first!.findings).toEqual([]);
    expect(
      second!.findings.map(({ field, type, recogniser, version }) => [field, type, recogniser, version]),
    ).toEqual([
      ['responses.0', 'PERSON', 'names', '2'],
      ['responses.1', 'PERSON', 'names', '2'],
      ['responses.1', 'EMAIL', 'email', '1'],
    ]);
    expect(JSON.stringify(second!.judgement)).not.toMatch(/alice/i);
  });

  it.each([
    [async () => []],
    [async (texts: readonly string[]) => texts.map(() => [{ start: 0, end: 999, type: 'PERSON', score: 1 }])],
    [async (texts: readonly string[]) => texts.map(() => [{ start: 0, end: 1, type: 'a person', score: 1 }])],
    [async (texts: readonly string[]) => texts.map(() => [{ start: 1, end: 1, type: 'PERSON', score: 1 }])],
  ])('refuses an answer that does not fit the texts', async (find) => {
    await expect(
      scrubJudgementsWith({ ...names, find }, [comparison('a', 'b')], policyWith()),
    ).rejects.toThrow(RangeError);
  });
});

describe('a person', () => {
  const policy = policyWith({ annotators: 'pseudonym' });
  const row = comparison('Write to Alice@Example.org', 'No.', 'My Aadhaar is 2341 2341 2346');

  it('is found in rows by an identifier that is stored nowhere', () => {
    const { judgement, subjects } = scrubJudgement(row, policy);
    const named = subjectsNamed(' alice@example.org ', policy);
    const [subject] = named.filter((id) => subjects.includes(id));
    expect(subject).toMatch(/^EMAIL_/);
    expect(findSubject(judgement, subject!, policy)).toEqual(['responses.0']);
    expect(findSubject(row, subject!, policy)).toEqual(['responses.0']);
    expect(subjectsNamed('bob@example.org', policy).some((id) => subjects.includes(id))).toBe(false);
  });

  it('is found by a number whose type nobody said, and as an annotator', () => {
    const { judgement, subjects } = scrubJudgement(row, policy);
    expect(subjectsNamed('234123412346', policy).some((id) => subjects.includes(id))).toBe(true);
    const [annotator] = subjectsNamed('worker-17', policy).filter((id) => subjects.includes(id));
    expect(findSubject(judgement, annotator!, policy)).toEqual(['provenance.annotator']);
  });

  it('has another id in another project', () => {
    const other = privacyPolicy({ projectKey: createMasterKey().key });
    const named = subjectsNamed('alice@example.org', policy);
    expect(subjectsNamed('alice@example.org', other).some((id) => named.includes(id))).toBe(false);
  });
});

describe('any judgement', () => {
  const snippets = privacyFixture({ seed: 5, set: 'tuning', perType: 2, negatives: 40 }).map(
    ({ text }) => text,
  );
  const text = fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...snippets) },
        fc.string({ unit: 'grapheme', maxLength: 12 }),
      ),
      { maxLength: 4 },
    )
    .chain((parts) => fc.constantFrom(' ', '', '\n').map((separator) => parts.join(separator)));
  const provenance = { source: 'any' };
  const prompt = fc.array(
    fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: text }),
    { minLength: 1, maxLength: 3 },
  );
  const judgement: fc.Arbitrary<Judgement> = prompt.chain((turns) => {
    const common = { prompt: turns, provenance };
    return fc.oneof(
      fc
        .tuple(text, text)
        .map((responses): Judgement => ({ ...common, kind: 'comparison', responses, outcome: 'b' })),
      fc.array(text, { minLength: 1, maxLength: 4 }).map(
        (steps): Judgement => ({
          ...common,
          kind: 'steps',
          steps,
          separator: '',
          labels: steps.map(() => true),
        }),
      ),
      fc
        .tuple(text, text)
        .map(([response, rewrite]): Judgement => ({ ...common, kind: 'edit', response, rewrite })),
    );
  });
  const operator = fc.constantFrom<Operator>('keep', 'redact', 'replace', 'hash', 'pseudonym', 'encrypt', {
    mask: 4,
  });
  const operators = fc.record({
    EMAIL: operator,
    PHONE: operator,
    CARD: operator,
    IBAN: operator,
    US_SSN: operator,
    SECRET: operator,
  });

  it('is scrubbed for good the first time, keeps its shape, and its findings lie within its fields', () => {
    fc.assert(
      fc.property(judgement, operators, (given, chosen) => {
        const policy = policyWith({ operators: chosen });
        const once = scrubJudgement(given, policy);
        const twice = scrubJudgement(once.judgement, policy);
        expect(twice.judgement).toEqual(once.judgement);
        expect(twice.vault.entries).toEqual([]);
        expect(judgementSchema.parse(once.judgement)).toEqual(once.judgement);
        expect(once.judgement.prompt).toHaveLength(given.prompt.length);
        if (given.kind === 'steps' && once.judgement.kind === 'steps') {
          expect(once.judgement.steps).toHaveLength(given.steps.length);
          expect(once.judgement.labels).toEqual(given.labels);
        }
        expect(once.findings.every(({ start, end }) => start < end)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});
