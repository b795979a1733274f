/** @file A transformer through the command: trained, stopped, resumed, scored, refused. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScoreDocument, TrainingDocument } from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const train = (out: string): string[] => [
  ...['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--base', 'new', '--seed', '1'],
  ...['--max-length', '96', '--epochs', '2', '--evaluate-every', '4', '--out', at(out)],
];

let training: TrainingDocument;

beforeAll(async () => {
  const size = ['--prompts', '40', '--comparisons', '240', '--seed', '1'];
  await plauditJson(['data', 'simulate', ...size, '--out', at('data.jsonl')]);
  training = await plauditJson(train('whole'));
});

describe('a transformer from nothing', () => {
  it('ends with the same document and files as a linear model, and the files that other tools open', () => {
    expect(training.test.pairs).toBe(training.data.pairs.test);
    expect(training.test.accuracyInterval).toHaveLength(2);
    expect(readdirSync(at('whole'))).toEqual(
      expect.arrayContaining([
        'config.json',
        'model.safetensors',
        'plaudit.json',
        'report.html',
        'tokenizer.json',
      ]),
    );
  });

  it('scores as in its training run when it is loaded again', async () => {
    const rows = readFileSync(at('whole/test-scores.jsonl'), 'utf8').trim().split('\n');
    const { results } = await plauditJson<ScoreDocument>([
      ...['reward', 'score', '--model', at('whole'), '--input', at('whole/test-scores.jsonl')],
    ]);
    for (const [i, line] of rows.entries())
      for (const [j, reward] of (JSON.parse(line) as { rewards: number[] }).rewards.entries())
        expect(Math.abs(results[i]!.rewards[j]! - reward)).toBeLessThanOrEqual(1e-6);
  });

  it('that is stopped by Ctrl-C keeps its checkpoints, and resumed ends with the same weights', async () => {
    const stopped = await plaudit([...train('stopped'), '--json'], {
      onStderr: (child, soFar) => {
        // The checkpoint of the fourth update is there.
        if (/"step":(?:[4-9]|1\d)/.test(soFar) && !child.killed) child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('--resume');
    expect(existsSync(at('stopped'))).toBe(false);

    expect(await plauditError(train('stopped'))).toMatchObject({ code: 'output.unfinished', exit: 64 });
    expect(await plauditError([...train('stopped'), '--resume', '--epochs', '3'])).toMatchObject({
      code: 'output.other_run',
      parameters: { what: 'epochs' },
    });

    const resumed = await plauditJson<TrainingDocument>([...train('stopped'), '--resume']);
    expect(resumed.resumed).toBe(true);
    expect(resumed.test).toEqual(training.test);
    expect(readFileSync(at('stopped/model.safetensors'))).toEqual(
      readFileSync(at('whole/model.safetensors')),
    );
    expect(existsSync(at('stopped.partial'))).toBe(false);
  });

  it.each([
    ['without a base', [], 'reward.bad_configuration', 64],
    ['on a checkpoint that is not there', ['--base', 'nowhere.gguf'], 'model.missing', 66],
    ['on a pickle', ['--base', 'pickle.bin'], 'model.pickle_refused', 65],
    [
      'on a provider that is not there',
      ['--base', 'new', '--provider', 'cuda'],
      'engine.provider_absent',
      69,
    ],
  ])('is refused %s, and leaves nothing', async (_, words, code, exit) => {
    const other = temporaryFolder();
    writeFileSync(join(other, 'pickle.bin'), Buffer.from([0x80, 0x02, 0x7d]));
    const error = await plauditError(
      ['reward', 'train', '--data', at('data.jsonl'), '--kind', 'transformer', '--out', 'model', ...words],
      { cwd: other },
    );
    expect(error).toMatchObject({ code, exit });
    expect(readdirSync(other)).toEqual(['pickle.bin']);
  });
});
