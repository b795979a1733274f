/** @file Implicit signals and personal data through the commands: files in, files out, and originals that an erasure ends. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Judgement } from '@plaudit/contract';
import {
  type DetectionReport,
  defaultSignalRules,
  type RuleCalibration,
  type RuleReport,
  readSignalRules,
} from '@plaudit/feedback';
import { openDatabase, openStore } from '@plaudit/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const write = (name: string, rows: readonly unknown[]): void =>
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
const lines = <T>(name: string): T[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

const time = (second: number): string => new Date(1.77e12 + 1000 * second).toISOString();
const shown = (id: string, i: number, response: string) => ({
  ...{ type: 'impression', id, time: time(i), user: `user ${i}`, surface: 'chat', policy: 'm@1' },
  ...{ prompt: `Question ${i}?`, responses: [response] },
});

interface SignalsDocument {
  readonly judgements: number;
  readonly impressions: number;
  readonly silent: number;
  readonly rejected: number;
  readonly rules: readonly RuleReport[];
  readonly calibration?: readonly RuleCalibration[];
}

describe('plaudit data signals', () => {
  beforeAll(() => {
    // Forty questions that were asked again: of the two answers the second was kept, and people agree in 36 of 40.
    const questions = Array.from({ length: 40 }, (_, i) => i);
    const log = questions.flatMap((i) => [
      shown(`a${i}`, i, `Short ${i}.`),
      shown(`b${i}`, i, `A better answer ${i}.`),
      { type: 'event', impression: `a${i}`, time: time(i + 5), signal: 'regenerate', next: `b${i}` },
      { type: 'event', impression: `b${i}`, time: time(i + 30), signal: 'dwell', seconds: 20 },
    ]);
    write('log.jsonl', [
      ...log,
      { type: 'event', impression: 'nowhere', time: time(0), signal: 'copy' },
      { type: 'event', impression: 'a0', time: time(9), signal: 'thumb', up: false },
    ]);
    write(
      'asked.jsonl',
      questions.map((i) => ({
        kind: 'comparison',
        prompt: [{ role: 'user', content: `Question ${i}?` }],
        responses: [`A better answer ${i}.`, `Short ${i}.`],
        outcome: i % 10 === 0 ? 'b' : 'a',
        provenance: { source: 'survey' },
      })),
    );
  });

  it('makes judgements by declared rules, weighted by what people say who were asked', async () => {
    const { stdout } = await plaudit(['data', 'signals', '--print-rules']);
    writeFileSync(at('rules.json'), stdout);
    expect(await readSignalRules(at('rules.json'))).toEqual(defaultSignalRules);
    const document = await plauditJson<SignalsDocument>([
      ...['data', 'signals', at('log.jsonl'), '--rules', at('rules.json'), '--explicit', at('asked.jsonl')],
      ...['--source', 'chat app', '--out', at('implicit.jsonl'), '--weights', at('weights.jsonl')],
    ]);
    expect(document).toMatchObject({ judgements: 41, impressions: 80, silent: 40, rejected: 1 });
    const calibrated = document.calibration!.find(({ rule }) => rule === 'regenerated-and-kept')!;
    expect(calibrated).toMatchObject({ pairs: 40, agreed: 36, agreement: 0.9 });
    const report = document.rules.find(({ rule }) => rule === 'regenerated-and-kept')!;
    expect(report).toMatchObject({ judgements: 40, weightSource: 'calibrated', weight: calibrated.weight });
    expect(report.strata[0]).toMatchObject({ impressions: 80, signalled: 40 });
    const judgements = lines<Judgement>('implicit.jsonl');
    expect(judgements).toHaveLength(41);
    expect(lines('weights.jsonl')).toHaveLength(41);
    for (const { provenance } of judgements) {
      expect(provenance).toMatchObject({ source: 'chat app', annotatorKind: 'implicit' });
      expect(provenance.selectionProbability).toBeGreaterThan(0);
    }
    expect(await plauditJson(['data', 'check', at('implicit.jsonl')])).toMatchObject({
      judgements: { comparison: 40, label: 1 },
    });
  });

  it('says what was left out, and why, and what to run next', async () => {
    const { stdout } = await plaudit(['data', 'signals', at('log.jsonl'), '--out', at('plain.jsonl')]);
    expect(stdout).toMatch(/80, 40 of them silent/);
    expect(stdout).toMatch(/set aside +1 row/);
    expect(stdout).toMatch(
      /regenerated-and-kept +40 judgements of 40 events, weight 0\.30 \(stated\), given in 50\.0 %/,
    );
    expect(stdout).toMatch(/--weight implicit=0\.3/);
  });

  it('refuses files that are there, logs that are none, and rules that are none', async () => {
    const wrong = (...words: string[]) => plauditError(['data', 'signals', ...words]);
    expect((await wrong(at('log.jsonl'), '--out', at('log.jsonl'))).code).toBe('output.would_replace');
    expect((await wrong(at('asked.jsonl'), '--out', at('none.jsonl'))).code).toBe('data.unknown_format');
    expect((await wrong(at('log.jsonl'))).code).toBe('cli.usage');
    const rules = ['--rules', at('asked.jsonl'), '--out', at('none.jsonl')];
    expect((await wrong(at('log.jsonl'), ...rules)).code).toBe('data.bad_rules');
  });
});

const personal: Judgement = {
  kind: 'comparison',
  prompt: [{ role: 'user', content: 'Write to alice@example.org, the card is 4111 1111 1111 1111.' }],
  responses: ['I wrote to Alice@Example.org.', 'No.'],
  outcome: 'a',
  provenance: { source: 'support' },
};
const token = /<EMAIL_[0-9a-f]{16}>/;
const store = (...words: string[]): string[] => [...words, '--store', at('.plaudit')];

describe('personal data', () => {
  beforeAll(() => write('personal.jsonl', [personal]));

  it('is taken out of files with the pseudonyms that an import gives, and never over a file', async () => {
    const words = store('data', 'scrub', at('personal.jsonl'), '--out', at('clean.jsonl'));
    expect(await plauditJson(words)).toMatchObject({
      judgements: 1,
      rejected: 0,
      scrubbed: { found: { EMAIL: 2, CARD: 1 }, rows: 1 },
    });
    const text = readFileSync(at('clean.jsonl'), 'utf8');
    expect(text).toMatch(token);
    expect(text).not.toMatch(/alice|4111/i);
    expect((await plauditError(words)).code).toBe('output.would_replace');
    const own = store('data', 'scrub', at('personal.jsonl'), '--out', at('personal.jsonl'));
    expect((await plauditError(own)).code).toBe('output.would_replace');
  });

  it('can be read again from the vault, on record, until its person is erased, and not after', async () => {
    const bring = store('data', 'import', at('personal.jsonl'), '--dataset', 'support', '--keep-originals');
    expect(await plauditJson(bring)).toMatchObject({ added: 1, originals: 1 });
    const [name] = readFileSync(at('clean.jsonl'), 'utf8').match(token)!;
    const read = store('data', 'reveal', '--token', name, '--actor', 'officer');
    expect(await plauditJson(read)).toEqual({ token: name, original: 'alice@example.org' });
    // The same file again brings nothing new.
    expect(await plauditJson(bring)).toMatchObject({ added: 0, known: 1, originals: 0 });
    expect(await plauditJson(store('data', 'erase', '--subject', 'alice@example.org'))).toMatchObject({
      judgements: 1,
      vaultKeys: 1,
      vaultEntries: 1,
    });
    expect((await plauditError(read)).code).toBe('privacy.subject_erased');
    // What an erasure took out does not come back with the file.
    expect(await plauditJson(bring)).toMatchObject({ added: 0, erased: 1, originals: 0 });
    expect((await plauditError(read)).code).toBe('privacy.subject_erased');

    const database = await openDatabase({ folder: at('.plaudit/postgres') });
    try {
      const opened = await openStore(database, { create: false });
      expect(await opened.audit.verify()).toMatchObject({ intact: true });
      const reads = (await opened.audit.entries()).filter(({ action }) => action === 'vault.reveal');
      expect(reads.map(({ actor, details }) => [actor, details.outcome])).toEqual([
        ['officer', 'revealed'],
        ['officer', 'privacy.subject_erased'],
        ['officer', 'privacy.subject_erased'],
      ]);
      expect(JSON.stringify(reads)).not.toMatch(/alice|EMAIL_/);
    } finally {
      await database.close();
    }
  });

  it('is nobody’s to read without the master key', async () => {
    const read = ['data', 'reveal', '--token', 'EMAIL_7f3a9c0d12ab34cd', '--store', at('elsewhere')];
    expect((await plauditError(read)).code).toBe('privacy.master_key_missing');
    const both = ['--dataset', 'x', '--personal-data', 'keep', '--keep-originals'];
    expect((await plauditError(store('data', 'import', at('personal.jsonl'), ...both))).code).toBe(
      'cli.usage',
    );
  });

  it('is found in nearly all of the texts that are made to measure it', async () => {
    const size = ['--per-type', '8', '--negatives', '100', '--seed', '3'];
    const report = await plauditJson<DetectionReport>(['data', 'privacy-report', ...size]);
    expect(report.overall.precision).toBeGreaterThan(0.95);
    expect(report.overall.recall).toBeGreaterThan(0.95);
    const { stdout } = await plaudit(['data', 'privacy-report', ...size]);
    expect(stdout).toMatch(/EMAIL +8 +8 +100\.0 % +100\.0 %/);
  });
});
