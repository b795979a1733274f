/** @file `plaudit reward distil` as a user runs it: what it prints, what it makes, what it refuses. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DistillationDocument, ScoreDocument } from '@plaudit/reward';
import { expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);

it('makes a quick model of a thorough one, says how near it is to it, and scores', async () => {
  await plauditJson([
    ...['data', 'simulate', '--prompts', '120', '--comparisons', '500', '--seed', '1'],
    ...['--out', at('feedback.jsonl')],
  ]);
  const data = ['--data', at('feedback.jsonl')];
  await plauditJson(['reward', 'train', ...data, '--out', at('teacher'), '--members', '2']);
  const distil = ['reward', 'distil', '--teacher', at('teacher'), ...data];
  const document: DistillationDocument = await plauditJson([...distil, '--out', at('quick')]);
  expect(document).toMatchObject({ kind: 'linear', teacher: { kind: 'ensemble' } });
  expect(document.fidelity.agreementInterval[0]).toBeGreaterThan(0.7);
  expect(document.besideTeacher!.pairs).toBe(document.test!.pairs);
  expect(existsSync(at('quick/report.html'))).toBe(true);

  const { stdout } = await plaudit([...distil, '--out', at('quick'), '--overwrite']);
  expect(stdout).toContain('Distilled a reward model of kind ensemble into a linear one');
  expect(stdout).toContain('same order');
  const scores: ScoreDocument = await plauditJson([
    ...['reward', 'score', '--model', at('quick'), '--input', at('feedback.jsonl')],
  ]);
  expect(scores.results.length).toBeGreaterThan(0);

  const error = await plauditError([...distil, '--kind', 'transformer', '--out', at('none')]);
  expect(error).toMatchObject({ code: 'reward.bad_configuration', parameters: { setting: '--kind' } });
  expect((await plauditError([...distil, '--kind', 'probe', '--out', at('none')])).parameters).toMatchObject({
    setting: '--base',
  });
});
