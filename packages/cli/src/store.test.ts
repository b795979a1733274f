/** @file The store as a user works with it: in, versions, out, training on a version, and a person who asks to be forgotten. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Judgement } from '@plaudit/contract';
import { exportFormatNames, simulate } from '@plaudit/feedback';
import type { ErasureReport } from '@plaudit/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { exportFormatsText } from './commands/data-export.ts';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const store = (...words: string[]): string[] => [...words, '--store', at('.plaudit')];

interface Counts {
  readonly rows: number;
  readonly added: number;
  readonly known: number;
  readonly erased: number;
}
interface Snapshot {
  readonly id: string;
  readonly rows: number;
}

const judgements = simulate({
  prompts: 60,
  responsesPerPrompt: 4,
  comparisons: 400,
  seed: 1,
  annotators: { count: 6, noise: 0.3 },
}).comparisons;
const personal: Judgement = {
  kind: 'comparison',
  prompt: [{ role: 'user', content: 'Write to alice@example.org.' }],
  responses: ['I wrote to Alice@Example.org.', 'No.'],
  outcome: 'a',
  provenance: { source: 'support' },
};
const lines = (all: readonly unknown[]): string => all.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('the store', () => {
  let first: Snapshot;
  beforeAll(async () => {
    writeFileSync(at('first.jsonl'), lines(judgements.slice(0, 380)));
    writeFileSync(at('second.jsonl'), lines([...judgements.slice(380), personal]));
    await plauditJson(store('data', 'import', at('first.jsonl'), '--dataset', 'support'));
    first = await plauditJson<Snapshot>(store('data', 'snapshot', '--dataset', 'support', '--tag', 'first'));
  });

  it('takes a file twice and doubles nothing', async () => {
    const again = await plauditJson<Counts>(
      store('data', 'import', at('first.jsonl'), '--dataset', 'support'),
    );
    expect(again).toMatchObject({ rows: 380, added: 0, known: 380 });
    const same = await plauditJson<Snapshot>(store('data', 'snapshot', '--dataset', 'support'));
    expect(same.id).toBe(first.id);
  });

  it('scrubs at the door, versions, exports, trains on a version, and forgets a person', async () => {
    const imported = await plauditJson<Counts & { scrubbed: { found: Record<string, number> } }>(
      store('data', 'import', at('second.jsonl'), '--dataset', 'support'),
    );
    expect(imported).toMatchObject({ added: 21, scrubbed: { found: { EMAIL: 2 } } });
    const second = await plauditJson<Snapshot>(
      store('data', 'snapshot', '--dataset', 'support', '--tag', 'second', '--parent', 'first'),
    );
    expect(second.rows).toBe(401);
    expect(await plauditJson(store('data', 'diff', 'first', 'second'))).toMatchObject({
      unchanged: 380,
      added: 21,
      removed: 0,
      relabelled: 0,
    });

    await plauditJson(store('data', 'export', '--snapshot', 'second', '--out', at('out.jsonl')));
    const text = readFileSync(at('out.jsonl'), 'utf8');
    expect(text).toMatch(/Write to <EMAIL_[0-9a-f]{16}>/);
    expect(text.toLowerCase()).not.toContain('alice');

    const trained = await plauditJson<{ snapshot: string; data: { rows: number } }>(
      store('reward', 'train', '--dataset', 'support@second', '--out', at('model')),
    );
    expect(trained).toMatchObject({ snapshot: second.id, data: { rows: 401 } });

    const report = await plauditJson<ErasureReport>(
      store('data', 'erase', '--subject', 'ALICE@example.org', '--report', at('report.json')),
    );
    expect(report).toMatchObject({
      judgements: 1,
      snapshots: [{ id: second.id, erased: 1, successor: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      tags: [{ name: 'second', from: second.id }],
      runs: [expect.any(String)],
      models: [expect.any(String)],
    });
    expect(JSON.parse(readFileSync(at('report.json'), 'utf8'))).toEqual(report);
    expect(
      await plauditJson<Counts>(store('data', 'import', at('second.jsonl'), '--dataset', 'support')),
    ).toMatchObject({ added: 0, known: 20, erased: 1 });
    const gone = await plauditError(
      store('data', 'export', '--snapshot', second.id, '--out', at('gone.jsonl')),
    );
    expect(gone.code).toBe('store.snapshot_erased');
  });

  it('trains on a snapshot that fails a required gate only when told, and the record says so', async () => {
    const onesided = judgements.slice(0, 120).map((judgement) => ({ ...judgement, outcome: 'b' }));
    writeFileSync(at('one-sided.jsonl'), lines(onesided));
    await plauditJson(store('data', 'import', at('one-sided.jsonl'), '--dataset', 'one-sided'));
    const { id, gates } = await plauditJson<Snapshot & { gates: { blocking: string[] } }>(
      store('data', 'snapshot', '--dataset', 'one-sided', '--report', at('gates.html')),
    );
    expect(gates.blocking).toContain('one-sided-outcomes');
    expect(readFileSync(at('gates.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    const train = store('reward', 'train', '--dataset', `one-sided@${id}`, '--out', at('one-sided'));
    expect((await plauditError(train)).code).toBe('quality.gates_failed');
    expect(existsSync(at('one-sided'))).toBe(false);
    const trained = await plauditJson<{ failedGates: string[] }>([...train, '--despite-gates']);
    expect(trained.failedGates).toEqual(gates.blocking);
  });

  it('keeps projects apart, and makes none where something is only asked for', async () => {
    const other = [...store('data', 'list'), '--project', 'other'];
    expect((await plauditError(other)).code).toBe('store.no_project');
  });

  it('says what a wrong call lacks', async () => {
    const wrong = async (...words: string[]): Promise<string> =>
      (await plauditError(store('reward', 'train', '--out', at('none'), ...words))).message;
    expect(await wrong()).toMatch(/--data with files, or --dataset/);
    expect(await wrong('--dataset', 'support')).toMatch(/NAME@SNAPSHOT/);
    const unknown = await plaudit(store('reward', 'train', '--out', at('none'), '--dataset', 'support@none'));
    expect(unknown.stderr).toMatch(/no snapshot none/i);
  });
});

it('names every format that data export has', () => {
  expect(exportFormatsText.split(/, | or /)).toEqual([...exportFormatNames]);
});
