/** @file The commands as a user runs them, one after the other on simulated data. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ComparisonDocument,
  EvaluationDocument,
  ScoreDocument,
  TrainingDocument,
} from '@plaudit/reward';
import { beforeAll, describe, expect, it } from 'vitest';
import { plaudit, plauditError, plauditJson, temporaryFolder } from './testing.ts';

const folder = temporaryFolder();
const at = (name: string): string => join(folder, name);
const readLines = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

let training: TrainingDocument;

beforeAll(async () => {
  await plauditJson([
    ...['data', 'simulate', '--prompts', '200', '--comparisons', '1600', '--seed', '1'],
    ...['--out', at('feedback.jsonl')],
  ]);
  await plauditJson([
    ...['data', 'simulate', '--prompts', '300', '--comparisons', '1500', '--seed', '2'],
    ...['--out', at('fresh.jsonl.gz')],
  ]);
  training = await plauditJson([
    'reward',
    'train',
    '--data',
    at('feedback.jsonl'),
    '--out',
    at('model'),
    '--seed',
    '1',
  ]);
});

describe('reward train', () => {
  it('prints the accuracy on unseen prompts with its interval, the length baseline and the calibration error', () => {
    const { test } = training;
    expect(test.accuracy).toBeGreaterThan(test.lengthBaseline);
    expect(test.accuracyInterval[0]).toBeLessThan(test.accuracy);
    expect(test.accuracyInterval[1]).toBeGreaterThan(test.accuracy);
    expect(test.pairs).toBe(training.data.pairs.test);
    expect(test.ece).toBeGreaterThanOrEqual(0);
    expect(test.canaries.swappedLabels.passed).toBe(true);
    expect(test.canaries.shuffledLabels.passed).toBe(true);
  });

  it('trains, validates and tests on different comparisons that together are all of them', () => {
    const { pairs, rows, ties } = training.data;
    expect(pairs.train + pairs.validation + pairs.test).toBe(rows - ties);
    expect(pairs.test / rows).toBeCloseTo(0.2, 1);
  });

  it('leaves a folder with the model, its card and its report, and nothing of its making', () => {
    expect(readdirSync(at('model')).sort()).toEqual([
      'MODEL_CARD.md',
      'config.json',
      'model.safetensors',
      'plaudit.json',
      'rejects.jsonl',
      'report.html',
      'report.json',
      'test-scores.jsonl',
      'training.jsonl',
    ]);
    expect(readdirSync(folder).filter((name) => name.startsWith('model.'))).toEqual([]);
    expect(JSON.parse(readFileSync(at('model/report.json'), 'utf8'))).toEqual(training);
  });

  it('gives the same numbers for the same seed and others for another', async () => {
    const train = (out: string, seed: string) =>
      plauditJson<TrainingDocument>([
        ...['reward', 'train', '--data', at('feedback.jsonl'), '--out', at(out), '--seed', seed],
      ]);
    const again = await train('again', '1');
    expect(again.test).toEqual(training.test);
    expect(readFileSync(at('again/model.safetensors'))).toEqual(readFileSync(at('model/model.safetensors')));
    expect((await train('other', '2')).test).not.toEqual(training.test);
  });

  it('trains on no more comparisons than --limit-pairs and says so', async () => {
    const limited = await plauditJson<TrainingDocument>([
      ...['reward', 'train', '--data', at('feedback.jsonl'), '--out', at('limited')],
      ...['--seed', '1', '--limit-pairs', '200'],
    ]);
    expect(limited.data.limitPairs).toBe(200);
    expect(limited.data.pairs.train).toBeLessThanOrEqual(200);
    expect(limited.data.pairs.train).toBeGreaterThan(190);
    expect(limited.data.pairs.test).toBe(training.data.pairs.test);
  });

  it('says when there was nothing to resume', async () => {
    const words = ['reward', 'train', '--data', at('feedback.jsonl'), '--out', at('resumed'), '--seed', '1'];
    const { resumed, warnings } = await plauditJson<TrainingDocument>([...words, '--resume']);
    expect(resumed).toBe(false);
    expect(warnings).toContain(
      `There was nothing to resume in ${at('resumed')}.partial: the run started anew.`,
    );
    expect(training.warnings.join()).not.toContain('resume');
  });

  it('replaces a model only with --overwrite', async () => {
    const words = ['reward', 'train', '--data', at('feedback.jsonl'), '--out', at('replaced')];
    await plauditJson([...words, '--seed', '1']);
    const refused = await plaudit([...words, '--seed', '2', '--json']);
    expect(refused.code).toBe(64);
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'output.would_replace' } });
    const replaced = await plauditJson<TrainingDocument>([...words, '--seed', '2', '--overwrite']);
    expect(replaced.seed).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith('replaced'))).toEqual(['replaced']);
  });

  it('tells people the same in words, with what to run next', async () => {
    const { stdout, code } = await plaudit([
      ...['reward', 'train', '--data', at('feedback.jsonl'), '--out', at('words'), '--seed', '1', '--quiet'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain(`accuracy           ${(100 * training.test.accuracy).toFixed(1)} %`);
    expect(stdout).toContain('report.html');
    expect(stdout).toContain('plaudit reward score --model');
  });
});

describe('reward score', () => {
  it('repeats the scores that the training run gave its test side', async () => {
    const rows = readLines(at('model/test-scores.jsonl')) as { rewards: number[] }[];
    const { results } = await plauditJson<ScoreDocument>([
      ...['reward', 'score', '--model', at('model'), '--input', at('model/test-scores.jsonl')],
    ]);
    expect(results).toHaveLength(rows.length);
    for (const [i, { rewards }] of rows.entries())
      for (const [j, reward] of rewards.entries())
        expect(Math.abs(results[i]!.rewards[j]! - reward)).toBeLessThanOrEqual(1e-6);
  });

  it('keeps the order of rows and of responses', async () => {
    const row = (responses: string[]): string =>
      `${JSON.stringify({ prompt: 'My watch is dead.', responses })}\n`;
    writeFileSync(
      at('rows.jsonl'),
      row(['Try another socket.', 'Too bad.']) + row(['Too bad.', 'Try another socket.']),
    );
    const { results } = await plauditJson<ScoreDocument>([
      ...['reward', 'score', '--model', at('model'), '--input', at('rows.jsonl')],
    ]);
    expect(results[1]!.rewards).toEqual(results[0]!.rewards.toReversed());
    expect(results.map(({ row: place }) => place)).toEqual([1, 2]);
  });
});

describe('a saved model that cannot be read', () => {
  it('is a fault of reading, with its path, not of writing', async () => {
    mkdirSync(at('unreadable/plaudit.json'), { recursive: true });
    for (const words of [
      ['score', '--model', at('unreadable'), '--input', at('feedback.jsonl')],
      ['evaluate', '--model', at('unreadable'), '--data', at('feedback.jsonl')],
      ['compare', '--a', at('model'), '--b', at('unreadable'), '--data', at('feedback.jsonl')],
    ])
      expect(await plauditError(['reward', ...words])).toMatchObject({
        code: 'data.file_unreadable',
        exit: 65,
        parameters: { path: at('unreadable/plaudit.json'), problem: 'it is a folder' },
      });
  });
});

describe('reward evaluate', () => {
  it('prints the same fields at the top level', async () => {
    const document = await plauditJson<EvaluationDocument>([
      ...['reward', 'evaluate', '--model', at('model'), '--data', at('fresh.jsonl.gz')],
    ]);
    expect(document.accuracy).toBeGreaterThan(document.lengthBaseline);
    expect(document.accuracyInterval).toHaveLength(2);
    expect(document.pairs).toBe(1500);
    expect(document.ece).toBeGreaterThanOrEqual(0);
    expect(document.warnings.join(' ')).not.toContain('trained on');
  });

  it('warns that a file was trained on, and repeats the test of the training run with --split test', async () => {
    const words = ['reward', 'evaluate', '--model', at('model'), '--data', at('feedback.jsonl')];
    const all = await plaudit([...words, '--quiet']);
    expect(all.stderr).toContain('Warning: ');
    expect(all.stderr).toContain('was trained on part of feedback.jsonl');
    const test = await plauditJson<EvaluationDocument>([...words, '--split', 'test']);
    expect(test).toMatchObject(JSON.parse(JSON.stringify(training.test)));
    expect(test.warnings.join(' ')).not.toContain('trained on');
  });

  it('has no test side for other files', async () => {
    const { code, stderr } = await plaudit([
      ...['reward', 'evaluate', '--model', at('model'), '--data', at('fresh.jsonl.gz')],
      ...['--split', 'test', '--json'],
    ]);
    expect(code).toBe(64);
    expect(JSON.parse(stderr)).toMatchObject({ error: { parameters: { setting: '--split' } } });
  });
});

describe('reward compare', () => {
  it('finds no difference between a model and itself', async () => {
    const document = await plauditJson<ComparisonDocument>([
      ...['reward', 'compare', '--a', at('model'), '--b', at('model'), '--data', at('fresh.jsonl.gz')],
    ]);
    expect(document).toMatchObject({ difference: 0, interval: [0, 0], better: 'neither', probabilityB: 0.5 });
  });

  it('finds that a model beats one that learnt from the same judgements turned round', async () => {
    const turned = readLines(at('feedback.jsonl')).map((row) => {
      const { outcome, ...rest } = row as { outcome: string };
      return `${JSON.stringify({ ...rest, outcome: outcome === 'a' ? 'b' : 'a' })}\n`;
    });
    writeFileSync(at('turned.jsonl'), turned.join(''));
    await plauditJson(['reward', 'train', '--data', at('turned.jsonl'), '--out', at('poor'), '--seed', '1']);
    const document = await plauditJson<ComparisonDocument>([
      ...['reward', 'compare', '--a', at('poor'), '--b', at('model'), '--data', at('fresh.jsonl.gz')],
    ]);
    expect(document.better).toBe('b');
    expect(document.difference).toBeCloseTo(document.accuracyB - document.accuracyA, 12);
  });
});

describe('data check', () => {
  it('counts rows, prompts and comparisons', async () => {
    const document = await plauditJson<Record<string, unknown>>(['data', 'check', at('feedback.jsonl')]);
    expect(document).toMatchObject({ format: 'plaudit', rows: 1600, read: 1600, rejected: 0, prompts: 200 });
  });

  it('says which rows were set aside and why, and writes them down on request', async () => {
    const good = Array.from({ length: 3 }, (_, i) => ({ prompt: `p ${i}`, chosen: 'yes', rejected: 'no' }));
    const rows = [
      ...good,
      { chosen: 'yes', rejected: 'no' },
      { prompt: 'p', chosen: 'same', rejected: 'same' },
    ];
    writeFileSync(at('faulty.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const { stdout, code } = await plaudit([
      ...['data', 'check', at('faulty.jsonl'), '--rejects', at('set-aside.jsonl')],
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('5: 3 read, 2 set aside');
    expect(stdout).toContain('faulty.jsonl row 4, prompt: there is no prompt');
    expect(readLines(at('set-aside.jsonl'))).toMatchObject([
      { row: 4, reason: 'missing_prompt' },
      { row: 5, reason: 'equal_responses' },
    ]);
  });
});

describe('data simulate', () => {
  it('makes the same file for the same seed, and does not replace one unasked', async () => {
    const words = ['data', 'simulate', '--prompts', '20', '--comparisons', '50', '--seed', '7'];
    await plauditJson([...words, '--out', at('one.jsonl')]);
    await plauditJson([...words, '--out', at('two.jsonl')]);
    expect(readFileSync(at('one.jsonl'))).toEqual(readFileSync(at('two.jsonl')));
    const refused = await plaudit([...words, '--out', at('one.jsonl')]);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain('--overwrite');
  });
});

describe('a study that would fill the memory', () => {
  it.each([
    [['--prompts', '1000000000'], '--prompts 1,000,000,000'],
    [['--responses', '1000000'], '--responses 1,000,000'],
    [['--comparisons', '99999999999'], '--comparisons 99,999,999,999'],
    [['--prompts', '100000', '--responses', '100'], '--prompts 100,000 with --responses 100'],
  ])('is refused before any work: %j', async (words, named) => {
    const error = await plauditError(['data', 'simulate', ...words, '--out', at('huge.jsonl')]);
    expect(error).toMatchObject({ code: 'cli.usage', exit: 64 });
    expect(error.message).toContain(named);
    expect(error.message).toContain('at most');
  });
});

describe('quickstart', () => {
  it('leaves a folder that is not its own as it is', async () => {
    mkdirSync(at('mine'));
    writeFileSync(at('mine/thesis.txt'), 'all of it');
    const error = await plauditError(['quickstart', '--out', at('mine'), '--fresh']);
    expect(error).toMatchObject({ code: 'output.exists', exit: 64 });
    expect(readdirSync(at('mine'))).toEqual(['thesis.txt']);
  });
});
