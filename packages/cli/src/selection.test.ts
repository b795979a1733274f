/** @file Selection through the command: the next pairs of a file, and a simulation of what rules would have saved. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { selectionRules } from '@plaudit/feedback';
import type { NextItem, SelectionSimulationDocument } from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const lines = (name: string): NextItem[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as NextItem);

beforeAll(async () => {
  const size = ['--prompts', '60', '--responses', '3', '--comparisons', '240', '--seed', '1'];
  await plauditJson(['data', 'simulate', ...size, '--out', at('data.jsonl')]);
  await plauditJson([
    'reward',
    'train',
    '--kind',
    'linear',
    '--data',
    at('data.jsonl'),
    '--out',
    at('model'),
  ]);
  const rows = Array.from({ length: 30 }, (_, i) => ({
    prompt: `Question number ${i * 7919}?`,
    responses: ['Yes, gladly.', `No, not in ${i} years.`, 'Please ask again.'],
  }));
  writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}, 120_000);

const select = (...more: string[]): string[] => [
  ...['data', 'select', '--model', at('model'), '--data', at('rows.jsonl'), '--count', '12'],
  ...more,
];

describe('plaudit data select', () => {
  it('writes the next pairs with their texts and probabilities, the same for the same seed', async () => {
    const document = await plauditJson<object>(select('--rule', 'entropy', '--out', at('next.jsonl')));
    expect(document).toMatchObject({ selected: 12, control: 3, rule: 'entropy', kind: 'linear' });
    const items = lines('next.jsonl');
    expect(items).toHaveLength(12);
    for (const { responses, control, selectionProbability } of items) {
      expect(responses[0]).not.toBe(responses[1]);
      expect(typeof control).toBe('boolean');
      expect(selectionProbability).toBeGreaterThan(0);
    }
    await plauditJson(select('--rule', 'entropy', '--out', at('again.jsonl')));
    expect(lines('again.jsonl')).toEqual(items);
  });

  it('refuses a model that does not know how sure it is, and a file that is there, before any work', async () => {
    expect(await plauditError(select('--rule', 'bald', '--out', at('refused.jsonl')))).toMatchObject({
      code: 'selection.uncertainty_unknown',
      exit: 64,
    });
    expect(existsSync(at('refused.jsonl'))).toBe(false);
    expect(await plauditError(select('--rule', 'entropy', '--out', at('model')))).toMatchObject({
      code: 'output.would_replace',
    });
  });

  it('names every rule in its help', async () => {
    const { stdout } = await plaudit(['data', 'select', '--help']);
    for (const rule of selectionRules) expect(stdout).toContain(rule);
  });
});

describe('plaudit data simulate-selection', () => {
  const simulate = [
    ...['data', 'simulate-selection', '--data', at('data.jsonl'), '--rules', 'entropy', '--seeds', '2'],
    ...['--start', '20', '--batch', '30', '--labels', '80'],
  ];

  it('says what each rule saves beside random, and draws the curves', async () => {
    const document = await plauditJson<SelectionSimulationDocument>([
      ...simulate,
      ...['--report', at('selection.html')],
    ]);
    expect(document.rules.map(({ rule }) => rule)).toEqual(['random', 'entropy']);
    expect(document.labels[0]).toBe(20);
    expect(readFileSync(at('selection.html'), 'utf8')).toContain('<svg');
    const { stdout } = await plaudit([...simulate, '--quiet']);
    expect(stdout).toContain('| random |');
    expect(stdout).toContain('| entropy |');
  });

  it('refuses a rule that is not there', async () => {
    expect(await plauditError([...simulate, '--rules', 'guessing'])).toMatchObject({
      code: 'data.bad_option',
    });
  });
});
